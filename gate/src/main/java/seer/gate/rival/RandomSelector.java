package seer.gate.rival;

import java.util.SplittableRandom;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;

/// Any `k` blocks of a row, each as likely as the other: what a choice without knowledge is worth.
///
/// Draws depend on the seed, the layer, the head and the row alone, not on how the prompt is cut into chunks.
record RandomSelector(int block, RowChoice.Top choice, long seed, ForcedBlocks forced)
        implements BlockSelector {

    @Override
    public String label() {
        return "random:" + choice.label() + (seed == 0 ? "" : ",seed=" + seed);
    }

    @Override
    public Run begin(Prompt prompt) {
        return view -> HostMask.of(view, block, forced, (head, row, kept) -> {
            var random = new SplittableRandom(mixed(view.layer(), head, row));
            var scores = new float[row + 1];
            for (int j = 0; j <= row; j++) {
                scores[j] = random.nextInt(1 << 24);
            }
            choice.mark(scores, 0, row + 1, view.totalBlocks(block), kept);
        });
    }

    /// One seed of four numbers: each goes through a generator of its own, so that neighbours share nothing.
    private long mixed(int layer, int head, int row) {
        long mixed = seed;
        for (int part : new int[] {layer, head, row}) {
            mixed = new SplittableRandom(mixed + part).nextLong();
        }
        return mixed;
    }
}
