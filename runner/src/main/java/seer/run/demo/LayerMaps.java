package seer.run.demo;

import seer.model.LayerObserver;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.backend.Tensor;

/// Collects, chunk by chunk, the maps of one layer's heads: which blocks were computed, or how much attention the
/// model really pays to each.
public final class LayerMaps {
    private final int layer;
    private final int heads;
    private final int block;
    private final int blocks;
    private final float[][] maps; // [heads][blocks * blocks]

    /// @param tokens length of the prompt
    public LayerMaps(int layer, int heads, int block, int tokens) {
        this.layer = layer;
        this.heads = heads;
        this.block = block;
        this.blocks = Math.ceilDiv(tokens, block);
        this.maps = new float[heads][blocks * blocks];
    }

    /// Edge of a map in blocks.
    public int blocks() {
        return blocks;
    }

    /// One map for each head, `[blocks, blocks]`.
    public float[][] maps() {
        return maps;
    }

    /// Notes 1 for every computed block.
    public LayerObserver masks() {
        return (view, mask, attention, logSumExp) -> {
            if (view.layer() == layer) {
                note(mask);
            }
        };
    }

    /// Notes the largest attention probability inside every block, where attention is dense.
    public LayerObserver trueAttention() {
        return (view, mask, attention, logSumExp) -> {
            if (view.layer() == layer) {
                note(view, logSumExp);
            }
        };
    }

    private void note(BlockMask mask) {
        for (int head = 0; head < heads; head++) {
            for (int row = 0; row < mask.rows(); row++) {
                int r = head * mask.rows() + row;
                for (int at = mask.start()[r]; at < mask.start()[r + 1]; at++) {
                    maps[head][(mask.firstRow() + row) * blocks + mask.index()[at]] = 1;
                }
            }
        }
    }

    private void note(LayerView view, Tensor logSumExp) {
        var backend = view.backend();
        int rows = view.blocks(block);
        int first = view.firstBlock(block);
        for (int head = 0; head < heads; head++) {
            float[] part = backend.pooledAttention(view.queries(), view.rows(), view.offset(), view.cache(),
                    logSumExp, block, head);
            int width = first + rows;
            for (int row = 0; row < rows; row++) {
                System.arraycopy(part, row * width, maps[head], (first + row) * blocks, width);
            }
        }
    }
}
