package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import seer.model.attention.BlockMask;

/// Attention to the means of the blocks that a mask leaves out, joined with that to the blocks it lists.
///
/// A task is a tile of at most 64 query rows of one head, as in [SparseAttention]. The means that it sees are gathered,
/// 64 at a time; each stands for as many keys as a block has, which the log-sum-exp of all of them takes in at the end.
record RestAttention(CpuTensor q, int rows, CpuCache means, BlockMask mask, CpuTensor out, CpuTensor logSumExp) {
    /// Slots of a thread's scratch that [AttentionTile] does not use.
    private static final int KEYS = 7;
    private static final int VALUES = 8;
    private static final int REST = 9;
    private static final int SUMS = 10;
    private static final int COLUMNS = 11;
    private static final int PANELS = 12;

    void run(CpuThreads threads) {
        var tiles = new BlockTiles(mask.rows(), mask.block(), rows);
        threads.run(mask.heads() * tiles.count(), (task, scratch) -> tiles.visitFromLast(task,
                (row, first, count) -> tile(task / tiles.count(), row, first, count, scratch)));
    }

    /// @param row   query block within the mask
    /// @param first query row within the chunk
    private void tile(int head, int row, int first, int count, Scratch scratch) {
        int width = q.extent(2);
        int from = head / (q.extent(0) / means.groups()) * means.capacity();
        float[] keys = scratch.floats(KEYS, PANEL * width);
        float[] values = scratch.floats(VALUES, PANEL * width);
        var tile = new AttentionTile(q.values(), (head * q.extent(1) + first) * width, count, width, scratch);
        int r = head * mask.rows() + row;
        int at = mask.start()[r];
        int end = mask.start()[r + 1];
        int gathered = 0;
        for (int block = 0; block < mask.firstRow() + row; block++) {
            if (at < end && mask.index()[at] == block) {
                at++;
                continue;
            }
            System.arraycopy(means.keys().values(), (from + block) * width, keys, gathered * width, width);
            System.arraycopy(means.values().values(), (from + block) * width, values, gathered * width, width);
            gathered++;
            if (gathered == PANEL) {
                attend(tile, keys, values, gathered, scratch);
                gathered = 0;
            }
        }
        attend(tile, keys, values, gathered, scratch);
        join(tile, head, first, count, scratch);
    }

    private void attend(AttentionTile tile, float[] keys, float[] values, int gathered, Scratch scratch) {
        int width = q.extent(2);
        float[] columns = scratch.floats(COLUMNS, width * PANEL);
        float[] panels = scratch.floats(PANELS, Math.ceilDiv(width, PANEL) * PANEL * PANEL);
        Transpose.toPanels(values, 0, gathered, width, panels);
        tile.attendFrom(KeyPiece.of(keys, gathered, width, columns), panels, 0, gathered, 0);
    }

    private void join(AttentionTile tile, int head, int first, int count, Scratch scratch) {
        int width = q.extent(2);
        float[] rest = scratch.floats(REST, PANEL * width);
        float[] sums = scratch.floats(SUMS, PANEL);
        tile.finish(rest, 0, width);
        tile.logSumExp(sums, 0);
        for (int t = 0; t < count; t++) {
            double chosen = logSumExp.values()[head * logSumExp.extent(1) + first + t];
            double left = sums[t] + Math.log(mask.block());
            float share = sums[t] == Float.NEGATIVE_INFINITY ? 0 : (float) (1 / (1 + Math.exp(chosen - left)));
            int to = (first + t) * out.extent(1) + head * width;
            for (int d = 0; d < width; d++) {
                out.values()[to + d] += share * (rest[t * width + d] - out.values()[to + d]);
            }
        }
    }
}
