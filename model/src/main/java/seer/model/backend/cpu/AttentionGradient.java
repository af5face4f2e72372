package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import seer.model.attention.BlockMask;

/// The gradient of block-sparse causal attention: which tile does what, and when.
///
/// ```text
///   once:     dO [H, T, D] heads apart, delta[h, t] = dO . O
///   queries:  a tile of 64 queries walks its row's list           ->  dq      lanes are queries
///   keys:     a tile of 64 keys walks its column's list of rows   ->  dk, dv  lanes are keys
/// ```
///
/// Nothing is added to by two tasks. Probabilities are made anew from the log-sum-exp of the forward pass, twice: seven
/// products of a tile instead of the five that are needed, and no exchange between tasks.
record AttentionGradient(CpuTensor q, int rows, CpuCache cache, BlockMask mask, CpuTensor out, CpuTensor logSumExp,
                         CpuTensor dOut, CpuTensor dq, CpuTensor dk, CpuTensor dv) {

    void run(CpuThreads threads) {
        var back = OutputSlope.of(threads, out, dOut, rows, q.extent(0), q.extent(2));
        queries(threads, back);
        keys(threads, back, KeyLists.of(mask, cache.groups()));
    }

    private void queries(CpuThreads threads, OutputSlope back) {
        var tiles = new BlockTiles(mask.rows(), mask.block(), rows);
        threads.run(mask.heads() * tiles.count(), (task, scratch) -> tiles.visitFromLast(task,
                (row, first, count) -> queries(back, task / tiles.count(), row, first, count, scratch)));
    }

    private void queries(OutputSlope back, int head, int row, int first, int count, Scratch scratch) {
        int width = q.extent(2);
        int block = mask.block();
        int group = head / (q.extent(0) / cache.groups());
        var tile = new QueryGradientTile(q.values(), (head * q.extent(1) + first) * width, back, head * rows + first,
                logSumExp.values(), head * logSumExp.extent(1) + first, count, width, scratch);
        int r = head * mask.rows() + row;
        for (int i = mask.start()[r]; i < mask.start()[r + 1]; i++) {
            int key = mask.index()[i] * block;
            tile.add(cache.keys().values(), cache.values().values(), (group * cache.capacity() + key) * width,
                    Math.min(block, rows - key), first - key);
        }
        tile.finish(dq.values(), (head * dq.extent(1) + first) * width);
    }

    /// Early keys, which more queries see, come first.
    private void keys(CpuThreads threads, OutputSlope back, KeyLists lists) {
        var tiles = new BlockTiles(lists.blocks(), mask.block(), rows);
        int groups = cache.groups();
        threads.run(groups * tiles.count(), (task, scratch) -> tiles.visit(task / groups,
                (column, first, count) -> keys(back, lists, task % groups, column, first, count, scratch)));
    }

    private void keys(OutputSlope back, KeyLists lists, int group, int column, int first, int count,
                      Scratch scratch) {
        int width = q.extent(2);
        int block = mask.block();
        int at = (group * cache.capacity() + first) * width;
        var tile = new KeyGradientTile(cache.keys().values(), cache.values().values(), at, count, width, scratch);
        int c = group * lists.blocks() + column;
        for (int i = lists.start()[c]; i < lists.start()[c + 1]; i++) {
            int head = lists.rows()[i] / lists.blocks();
            int begin = lists.rows()[i] % lists.blocks() * block;
            int end = Math.min(rows, begin + block);
            for (int query = Math.max(begin, first); query < end; query += PANEL) { // earlier ones see none of these
                tile.add(q.values(), (head * q.extent(1) + query) * width, back, head * rows + query,
                        logSumExp.values(), head * logSumExp.extent(1) + query, Math.min(PANEL, end - query),
                        query - first);
            }
        }
        tile.finish(dk.values(), (group * dk.extent(1) + first) * width,
                dv.values(), (group * dv.extent(1) + first) * width);
    }
}
