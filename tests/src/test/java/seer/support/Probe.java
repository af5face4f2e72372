package seer.support;

import java.util.Arrays;
import seer.model.LayerObserver;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.backend.Tensor;

/// Copies what one layer computes, for a prompt that passes in one chunk.
public final class Probe implements LayerObserver {
    private final int layer;
    public float[] rawQueries; // [H, T, D]
    public float[] rawKeys; // [G, T, D]
    public float[] values; // [G, T, D]
    public float[] attention; // [H, T, D]
    public BlockMask mask;

    public Probe(int layer) {
        this.layer = layer;
    }

    @Override
    public void layer(LayerView view, BlockMask mask, Tensor attention, Tensor logSumExp) {
        if (view.layer() != layer) {
            return;
        }
        int rows = view.rows();
        rawQueries = cut(view.rawQueries(), rows);
        rawKeys = cut(view.rawKeys(), rows);
        values = cut(view.cache().values(), rows);
        this.attention = headMajor(attention.download(), view.config().heads(), rows, view.config().headWidth());
        mask.index(); // brings the lists over, which go with the layer
        this.mask = mask;
    }

    /// The first `rows` rows of every head.
    private static float[] cut(Tensor tensor, int rows) {
        float[] all = tensor.download();
        int heads = tensor.extent(0);
        int width = tensor.extent(2);
        var kept = new float[heads * rows * width];
        for (int head = 0; head < heads; head++) {
            System.arraycopy(all, head * tensor.extent(1) * width, kept, head * rows * width, rows * width);
        }
        return kept;
    }

    private static float[] headMajor(float[] tokenMajor, int heads, int rows, int width) {
        var turned = new float[heads * rows * width];
        for (int t = 0; t < rows; t++) {
            for (int head = 0; head < heads; head++) {
                System.arraycopy(tokenMajor, (t * heads + head) * width, turned, (head * rows + t) * width, width);
            }
        }
        return turned;
    }

    /// The mask as a dense array `[H, n, n]` of 0 and 1.
    public int[] denseMask() {
        int n = mask.rows();
        var dense = new int[mask.heads() * n * n];
        for (int r = 0; r < mask.heads() * n; r++) {
            int row = r;
            Arrays.stream(mask.index(), mask.start()[r], mask.start()[r + 1]).forEach(j -> dense[row * n + j] = 1);
        }
        return dense;
    }
}
