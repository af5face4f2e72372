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
        return new Run() {
            private BlockMask last; // the same for every layer of a chunk

            @Override
            public BlockMask select(LayerView view) {
                int first = view.firstBlock(block);
                int rows = view.blocks(block);
                if (last == null || last.firstRow() != first || last.rows() != rows) {
                    last = BlockMask.dense(view.config().heads(), block, first, rows);
                }
                return last;
            }
        };
    }
}
