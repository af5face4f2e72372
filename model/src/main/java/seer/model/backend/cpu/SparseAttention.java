package seer.model.backend.cpu;

import seer.model.attention.BlockMask;

/// Block-sparse causal attention over all heads: which tile does what, and when.
///
/// A task is a tile of at most 64 query rows, of all heads that share keys where there are tasks enough without taking
/// these apart: then a block that several of them list is read, and widened, once. Tasks go head by head, so that keys
/// and values of one head stay in the last-level cache, and from the last rows to the first.
record SparseAttention(CpuTensor q, int rows, int offset, CpuCache cache, BlockMask mask,
                       CpuTensor out, CpuTensor logSumExp) {
    /// Tasks of a thread, at least, before heads go together.
    private static final int TASKS = 8;
    private static final int NONE = Integer.MAX_VALUE;

    void run(CpuThreads threads) {
        var tiles = new BlockTiles(mask.rows(), mask.block(), rows);
        int share = q.extent(0) / cache.groups();
        int together = cache.groups() * tiles.count() >= TASKS * threads.count() ? share : 1;
        threads.run(mask.heads() / together * tiles.count(), (task, scratch) -> tiles.visitFromLast(task,
                (row, first, count) -> tile(task / tiles.count() * together, together, row, first, count, scratch)));
    }

    /// @param head  the first
    /// @param heads that share keys
    /// @param row   query block within the mask
    /// @param first query row within the chunk
    private void tile(int head, int heads, int row, int first, int count, Scratch scratch) {
        int width = q.extent(2);
        var tiles = new AttentionTile[heads];
        for (int i = 0; i < heads; i++) {
            tiles[i] = new AttentionTile(q.values(), ((head + i) * q.extent(1) + first) * width, count, width,
                    scratch.head(i));
        }
        attend(tiles, head, row, first, scratch);
        for (int i = 0; i < heads; i++) {
            tiles[i].finish(out.values(), first * out.extent(1) + (head + i) * width, out.extent(1));
            if (logSumExp != null) {
                tiles[i].logSumExp(logSumExp.values(), (head + i) * logSumExp.extent(1) + first);
            }
        }
    }

    /// All lists at once, from block to block.
    private void attend(AttentionTile[] tiles, int head, int row, int first, Scratch scratch) {
        int block = mask.block();
        int group = head / (q.extent(0) / cache.groups());
        var at = new int[tiles.length];
        for (int i = 0; i < tiles.length; i++) {
            at[i] = mask.start()[(head + i) * mask.rows() + row];
        }
        var readers = new AttentionTile[tiles.length];
        for (int listed = least(at, head, row); listed != NONE; ) {
            int count = 0;
            for (int i = 0; i < tiles.length; i++) {
                if (listed(at[i], head + i, row) == listed) {
                    readers[count++] = tiles[i];
                    at[i]++;
                }
            }
            int following = least(at, head, row);
            int key = listed * block;
            int next = following == NONE ? offset + rows : following * block;
            AttentionTile.attend(readers, count, cache, group, key, Math.min(block, offset + rows - key),
                    offset + first - key, next, Math.min(block, offset + rows - next), scratch);
            listed = following;
        }
    }

    /// The first block that any of the lists still has.
    private int least(int[] at, int head, int row) {
        int least = NONE;
        for (int i = 0; i < at.length; i++) {
            least = Math.min(least, listed(at[i], head + i, row));
        }
        return least;
    }

    private int listed(int at, int head, int row) {
        return at < mask.start()[head * mask.rows() + row + 1] ? mask.index()[at] : NONE;
    }
}
