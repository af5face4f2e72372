package seer.model;

import seer.model.attention.BlockMask;

/// Selects every causal block.
record DenseSelector(int block) implements BlockSelector {
    /// The tile that attention works in: neither finer lists nor padding are of use.
    static final int BLOCK = 64;

    @Override
    public String label() {
        return "dense";
    }

    @Override
    public Run begin(Prompt prompt) {
        return new PerChunk(block, view -> BlockMask.dense(view.config().heads(), block, view.firstBlock(block),
                view.blocks(block)));
    }
}
