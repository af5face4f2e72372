package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import seer.model.attention.BlockMask;

/// Block-sparse causal attention over all heads: which tile does what, and when.
///
/// A task is a tile of at most 64 query rows of one head. Tasks go head by head, so that keys and values of one
/// head stay in the last-level cache, and from the last rows to the first: late rows see more keys, and the
/// light ones at the end even out the threads.
record SparseAttention(CpuTensor q, int rows, int offset, CpuCache cache, BlockMask mask,
                       CpuTensor out, CpuTensor logSumExp) {

    void run(CpuThreads threads) {
        int tilesPerBlock = (mask.block() + PANEL - 1) / PANEL;
        int tiles = mask.rows() * tilesPerBlock;
        threads.run(mask.heads() * tiles, (task, scratch) -> {
            int tile = tiles - 1 - task % tiles;
            int row = tile / tilesPerBlock;
            int first = row * mask.block() + tile % tilesPerBlock * PANEL;
            int end = Math.min(rows, Math.min((row + 1) * mask.block(), first + PANEL));
            if (first < end) {
                tile(task / tiles, row, first, end - first, scratch);
            }
        });
    }

    /// @param row   query block within the mask
    /// @param first query row within the chunk
    private void tile(int head, int row, int first, int count, Scratch scratch) {
        int width = q.extent(2);
        int block = mask.block();
        int group = head / (q.extent(0) / cache.groups());
        var tile = new AttentionTile(q.values(), (head * q.extent(1) + first) * width, count, width, scratch);
        int r = head * mask.rows() + row;
        int end = mask.start()[r + 1];
        for (int i = mask.start()[r]; i < end; i++) {
            int key = mask.index()[i] * block;
            int next = i + 1 < end ? mask.index()[i + 1] * block : offset + rows;
            tile.attend(cache, group, key, Math.min(block, offset + rows - key), offset + first - key, next,
                    Math.min(block, offset + rows - next), scratch);
        }
        tile.finish(out.values(), first * out.extent(1) + head * width, out.extent(1));
        if (logSumExp != null) {
            tile.logSumExp(logSumExp.values(), head * logSumExp.extent(1) + first);
        }
    }
}
