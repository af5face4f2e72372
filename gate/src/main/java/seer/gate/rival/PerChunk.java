package seer.gate.rival;

import java.util.function.Function;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.attention.BlockMask;

/// One mask for all layers of a chunk.
final class PerChunk implements BlockSelector.Run {
    private final int block;
    private final Function<LayerView, BlockMask> make;
    private BlockMask last;

    PerChunk(int block, Function<LayerView, BlockMask> make) {
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
