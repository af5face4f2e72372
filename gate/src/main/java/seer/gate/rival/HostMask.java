package seer.gate.rival;

import java.util.Arrays;
import java.util.stream.IntStream;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;

/// Builds masks on the host: every row by itself, on all cores, and what is forced added to it.
final class HostMask {

    /// Chooses the blocks of one row.
    @FunctionalInterface
    interface Rows {
        /// Sets `kept[j]` for the chosen key blocks `j <= row`.
        ///
        /// @param row  query block of the whole prompt
        /// @param kept all false at first, one entry per causal block
        void mark(int head, int row, boolean[] kept);
    }

    private HostMask() { }

    /// The mask of the view's chunk. `chosen` is asked from several threads, once per head and row.
    static BlockMask of(LayerView view, int block, ForcedBlocks forced, Rows chosen) {
        int heads = view.config().heads();
        int first = view.firstBlock(block);
        int rows = view.blocks(block);
        int denseFrom = view.totalBlocks(block) - forced.denseLastRows();
        var lists = new int[heads * rows][];
        IntStream.range(0, lists.length).parallel().forEach(r -> {
            int row = first + r % rows;
            var kept = new boolean[row + 1];
            if (row >= denseFrom) {
                Arrays.fill(kept, true);
            } else {
                chosen.mark(r / rows, row, kept);
                kept[row] = true;
                kept[0] |= forced.keepFirst();
            }
            lists[r] = IntStream.rangeClosed(0, row).filter(j -> kept[j]).toArray();
        });
        var start = new int[lists.length + 1];
        for (int r = 0; r < lists.length; r++) {
            start[r + 1] = Math.addExact(start[r], lists[r].length);
        }
        var index = new int[start[lists.length]];
        for (int r = 0; r < lists.length; r++) {
            System.arraycopy(lists[r], 0, index, start[r], lists[r].length);
        }
        return new BlockMask(heads, block, first, rows, start, index);
    }
}
