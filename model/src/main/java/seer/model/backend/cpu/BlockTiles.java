package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// The tiles of at most 64 rows that blocks of rows are cut into: none crosses the edge of a block.
///
/// @param block rows of a block
/// @param rows  that there are: the last block may be cut short
record BlockTiles(int blocks, int block, int rows) {
    /// What is done with a tile.
    interface Work {
        /// @param at    the tile's block
        /// @param first of its rows
        void tile(int at, int first, int count);
    }

    int count() {
        return blocks * Math.ceilDiv(block, PANEL);
    }

    /// A tile, unless no rows are left for it.
    void visit(int tile, Work work) {
        int ofBlock = Math.ceilDiv(block, PANEL);
        int at = tile / ofBlock;
        int first = at * block + tile % ofBlock * PANEL;
        int end = Math.min(rows, Math.min((at + 1) * block, first + PANEL));
        if (first < end) {
            work.tile(at, first, end - first);
        }
    }

    /// The same from the last tile on, over and over: late rows see more keys, and the light ones at the end even out
    /// the threads.
    void visitFromLast(int task, Work work) {
        visit(count() - 1 - task % count(), work);
    }
}
