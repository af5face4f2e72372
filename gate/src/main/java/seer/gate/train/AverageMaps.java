package seer.gate.train;

import java.util.ArrayList;
import java.util.List;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.backend.Backend;
import seer.model.backend.Tensor;

/// The attention mass of each block, averaged over its queries, by attention itself: where the value of every key is
/// an indicator of its block, the output of a query is the mass of each block. `D` blocks fit one pass, so it costs
/// `n / D` attentions: an ablation, not the usual course.
final class AverageMaps {
    private static final int MASK_BLOCK = 64;

    private final int block;
    private final List<Tensor> indicators = new ArrayList<>(); // by window of D blocks: [G, S, D]
    private Tensor out; // [T, H * D]

    AverageMaps(int block) {
        this.block = block;
    }

    /// Per head `[n, n]`; rows sum to 1.
    List<float[]> maps(LayerView view) {
        Backend backend = view.backend();
        int heads = view.config().heads();
        int width = view.config().headWidth();
        int n = view.blocks(block);
        if (out == null || out.extent(0) < view.rows()) {
            out = backend.allocate(view.rows(), heads * width);
        }
        var dense = BlockMask.dense(heads, MASK_BLOCK, 0, Math.ceilDiv(view.rows(), MASK_BLOCK));
        var maps = new ArrayList<float[]>();
        for (int head = 0; head < heads; head++) {
            maps.add(new float[n * n]);
        }
        for (int window = 0; window * width < n; window++) {
            backend.attend(view.queries(), view.rows(), 0, view.keys(), indicator(view, window), dense, out, null);
            float[] mass = out.download();
            int first = window * width;
            for (int head = 0; head < heads; head++) {
                add(mass, heads, width, head, first, Math.min(width, n - first), view.rows(), maps.get(head), n);
            }
        }
        return maps;
    }

    private void add(float[] mass, int heads, int width, int head, int first, int count, int tokens, float[] map,
                     int n) {
        for (int t = 0; t < tokens; t++) {
            int row = t / block;
            float share = 1f / (Math.min(tokens, (row + 1) * block) - row * block);
            for (int j = 0; j < count && first + j <= row; j++) {
                map[row * n + first + j] += share * mass[(t * heads + head) * width + j];
            }
        }
    }

    private Tensor indicator(LayerView view, int window) {
        int[] shape = view.keys().shape();
        if (!indicators.isEmpty() && indicators.getFirst().extent(1) != shape[1]) {
            indicators.clear();
        }
        while (indicators.size() <= window) {
            int first = indicators.size() * shape[2];
            var values = new float[shape[0] * shape[1] * shape[2]];
            for (int key = 0; key < shape[0] * shape[1]; key++) {
                int column = key % shape[1] / block - first;
                if (column >= 0 && column < shape[2]) {
                    values[key * shape[2] + column] = 1;
                }
            }
            indicators.add(view.backend().upload(values, shape));
        }
        return indicators.get(window);
    }
}
