package seer.gate.train;

import java.util.ArrayList;
import java.util.List;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Tensor;

/// The attention mass of each block, averaged over its queries, by attention itself: where the value of every key is
/// an indicator of its block, the output of a query is the mass of each block. `D` blocks fit one pass, so it costs
/// `n / D` attentions: an ablation, not the usual course.
final class AverageMaps {
    private static final int MASK_BLOCK = 64;

    private final int block;

    AverageMaps(int block) {
        this.block = block;
    }

    /// Per head `[n, n]`; rows sum to 1.
    ///
    /// @param trainer arena of whoever wants to know
    List<float[]> maps(LayerView view, Arena trainer) {
        Backend backend = view.backend();
        int heads = view.config().heads();
        int width = view.config().headWidth();
        int n = view.blocks(block);
        var dense = BlockMask.dense(heads, MASK_BLOCK, 0, Math.ceilDiv(view.rows(), MASK_BLOCK));
        var maps = new ArrayList<float[]>();
        for (int head = 0; head < heads; head++) {
            maps.add(new float[n * n]);
        }
        try (Arena arena = trainer.within("the layer")) {
            int groups = view.cache().groups();
            Tensor out = arena.activations(view.rows(), heads * width);
            KeyValueCache indicated = arena.cache(groups, view.rows(), width);
            for (int window = 0; window * width < n; window++) {
                int first = window * width;
                try (Arena values = arena.within("the window")) {
                    Tensor marks = values.activations(indicators(groups, view.rows(), width, first), groups,
                            view.rows(), width);
                    backend.append(view.cache().keys(), marks, view.rows(), null, 0, indicated);
                }
                backend.attend(view.queries(), view.rows(), 0, indicated, dense, out, null);
                add(out.download(), heads, width, first, Math.min(width, n - first), view.rows(), maps, n);
            }
        }
        return maps;
    }

    private void add(float[] mass, int heads, int width, int first, int count, int tokens, List<float[]> maps, int n) {
        for (int t = 0; t < tokens; t++) {
            int row = t / block;
            float share = 1f / (Math.min(tokens, (row + 1) * block) - row * block);
            for (int head = 0; head < heads; head++) {
                float[] map = maps.get(head);
                for (int j = 0; j < count && first + j <= row; j++) {
                    map[row * n + first + j] += share * mass[(t * heads + head) * width + j];
                }
            }
        }
    }

    /// `[G, T, D]`: column `j` of a key is 1 if it lies in block `first + j`.
    private float[] indicators(int groups, int tokens, int width, int first) {
        var values = new float[groups * tokens * width];
        for (int key = 0; key < groups * tokens; key++) {
            int column = key % tokens / block - first;
            if (column >= 0 && column < width) {
                values[key * width + column] = 1;
            }
        }
        return values;
    }
}
