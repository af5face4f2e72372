package seer.run.bench;

import java.util.ArrayList;
import java.util.List;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.attention.BlockMask;

/// The lists that a selector chooses in one layer while a prompt is read, put together from those of its chunks.
final class GateLists {
    private GateLists() { }

    static BlockMask of(LanguageModel model, BlockSelector selector, int[] tokens, int layer) {
        var parts = new ArrayList<BlockMask>();
        try (var session = model.session(tokens.length)) {
            session.prefill(PrefillRequest.of(tokens, selector).observedBy((view, mask, attention, logSumExp) -> {
                if (view.layer() == layer) {
                    parts.add(new BlockMask(mask.heads(), mask.block(), mask.firstRow(), mask.rows(),
                            mask.start().clone(), mask.index().clone()));
                }
            }));
        }
        return joined(parts);
    }

    /// @param parts of one prompt, in the order of its chunks
    static BlockMask joined(List<BlockMask> parts) {
        int heads = parts.getFirst().heads();
        int rows = parts.stream().mapToInt(BlockMask::rows).sum();
        var start = new int[heads * rows + 1];
        var index = new int[Math.toIntExact(parts.stream().mapToLong(BlockMask::kept).sum())];
        int r = 0;
        for (int head = 0; head < heads; head++) {
            for (BlockMask part : parts) {
                for (int row = head * part.rows(); row < (head + 1) * part.rows(); row++) {
                    int count = part.start()[row + 1] - part.start()[row];
                    System.arraycopy(part.index(), part.start()[row], index, start[r], count);
                    start[r + 1] = start[r] + count;
                    r++;
                }
            }
        }
        return new BlockMask(heads, parts.getFirst().block(), 0, rows, start, index);
    }
}
