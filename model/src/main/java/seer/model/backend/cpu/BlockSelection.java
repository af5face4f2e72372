package seer.model.backend.cpu;

import seer.model.attention.BlockMask;

/// Scores and selects all rows of all heads and joins the results to a mask.
///
/// A task is 64 rows of one head: its scores live in one thread's scratch, `64 * n` floats, and only the kept
/// indices survive. Counts per row become offsets by a running sum; then each task's list is copied.
record BlockSelection(BlockScores scores, RowSelection selection, int heads, int firstRow, int rows, int block) {

    BlockMask run(CpuThreads threads) {
        int tiles = (rows + PanelMatmul.ROWS - 1) / PanelMatmul.ROWS;
        var lists = new BlockList[heads * tiles];
        var start = new int[heads * rows + 1];
        threads.run(lists.length, (task, scratch) -> {
            int head = task / tiles;
            int tile = tiles - 1 - task % tiles; // late rows are long: first
            lists[head * tiles + tile] = tile(head, tile * PanelMatmul.ROWS, start, scratch);
        });
        for (int r = 0; r < heads * rows; r++) {
            start[r + 1] = Math.addExact(start[r], start[r + 1]);
        }
        var index = new int[start[heads * rows]];
        threads.run(lists.length, (task, scratch) ->
                lists[task].copy(index, start[task / tiles * rows + task % tiles * PanelMatmul.ROWS]));
        return new BlockMask(heads, block, firstRow, rows, start, index);
    }

    private BlockList tile(int head, int row, int[] start, Scratch scratch) {
        int count = Math.min(PanelMatmul.ROWS, rows - row);
        int stride = scores.stride();
        float[] tile = scratch.floats(0, count * stride);
        scores.tile(head, row, count, tile, scratch);
        var kept = new BlockList();
        for (int t = 0; t < count; t++) {
            int before = kept.size();
            selection.select(tile, t * stride, head, firstRow + row + t, scratch, kept);
            start[head * rows + row + t + 1] = kept.size() - before;
        }
        return kept;
    }
}
