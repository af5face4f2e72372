package seer.model;

import java.util.function.Function;
import seer.model.attention.BlockMask;

/// One mask for all layers of a chunk: the run of a selector that looks at none of them.
public final class PerChunk implements BlockSelector.Run {
    private final int block;
    private final Function<LayerView, BlockMask> make;
    private BlockMask last;

    /// @param make asked in the first layer of each chunk
    public PerChunk(int block, Function<LayerView, BlockMask> make) {
        this.block = block;
        this.make = make;
    }

    @Override
    public BlockMask select(LayerView view) {
        if (last == null || last.firstRow() != view.firstBlock(block) || last.rows() != view.blocks(block)) {
            last = make.apply(view);
        }
        return last;
    }
}
