package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;

/// The scores of one head, tile by tile, from which maps over its blocks are made. With the log-sum-exp known, a
/// query's probabilities follow from them.
record HeadScores(CpuTensor q, int rows, int offset, CpuCache cache, CpuTensor logSumExp, int block, int head) {
    static final double LOG2_E = 1 / Math.log(2);

    /// At most 64 queries and what their scores are of, to base 2.
    ///
    /// @param first        query row within the chunk
    /// @param last         position behind the last key that they see
    /// @param scores       `[keys of a piece, lanes]`, negative infinity for keys that a query does not see
    /// @param denominators of the queries, a lane each
    /// @param map          `[blocks of queries, columns]`
    record Tile(int first, int count, int lanes, int last, float[] scores, float[] denominators, float[] map,
                int columns, Scratch scratch) { }

    /// What a map tells of blocks.
    interface BlockMap {
        /// Takes in some keys of one block, in their order.
        ///
        /// @param row      of the tile's scores that they begin with
        /// @param position of the first
        void add(Tile tile, int row, int keys, int position);

        /// A row of the map, from element `at` on, has taken in all that `queries` queries see.
        default void finish(float[] map, int at, int columns, int queries) { }
    }

    /// `[blocks of queries, blocks of keys]`.
    float[] map(CpuThreads threads, BlockMap each) {
        int mapRows = (rows + block - 1) / block;
        int columns = (offset + rows + block - 1) / block;
        var map = new float[Math.multiplyExact(mapRows, columns)];
        int edge = Math.max(block, span()); // a task writes whole rows of the map
        int tasks = (rows + edge - 1) / edge;
        threads.run(tasks, (task, scratch) -> {
            int row = (tasks - 1 - task) * edge;
            int end = Math.min(rows, row + edge);
            for (int first = row; first < end; first += span()) {
                read(tile(first, Math.min(span(), end - first), map, columns, scratch), each);
            }
            for (int i = row / block; i * block < end; i++) {
                each.finish(map, i * columns, columns, Math.min(block, rows - i * block));
            }
        });
        return map;
    }

    /// Queries and keys of a tile: 64, or as many whole blocks as fit.
    private int span() {
        return block < PANEL ? PANEL / block * block : PANEL;
    }

    private Tile tile(int first, int count, float[] map, int columns, Scratch scratch) {
        int lanes = Lanes.padded(count);
        float[] denominators = scratch.floats(5, lanes);
        Arrays.fill(denominators, 0, lanes, 0);
        for (int t = 0; t < count; t++) {
            denominators[t] = (float) (logSumExp.values()[head * logSumExp.extent(1) + first + t] * LOG2_E);
        }
        return new Tile(first, count, lanes, offset + first + count, scratch.floats(1, PANEL * lanes), denominators,
                map, columns, scratch);
    }

    /// Against all keys that the queries see, 64 at a time, whatever the block: small blocks are cut out of the scores
    /// afterwards.
    private void read(Tile tile, BlockMap each) {
        int width = q.extent(2);
        int lanes = tile.lanes;
        float[] s = tile.scores;
        float[] transposed = tile.scratch.floats(0, width * lanes);
        Transpose.toStrips(q.values(), (head * q.extent(1) + tile.first) * width, tile.count, width,
                (float) (LOG2_E / Math.sqrt(width)), transposed, lanes);
        int group = head / (q.extent(0) / cache.groups());
        int edge = Math.min(block, PANEL);
        int piece;
        for (int from = 0; from < tile.last; from += piece) {
            piece = Math.min(Math.min(span(), tile.last - from), block > PANEL ? block - from % block : PANEL);
            float[] keys = cache.keyRows().floats(group, from, piece, Scratch.KEYS, tile.scratch);
            int at = cache.keyRows().start(group, from);
            for (int lane = 0; lane < lanes; lane += STRIP) {
                PanelKernel.multiply(keys, at, width, piece, width, transposed, lane * width,
                        Math.min(STRIP, lanes - lane), s, lane, lanes, false);
            }
            OnlineSoftmax.mask(s, piece, lanes, offset + tile.first - from);
            for (int key = 0; key < piece; key += edge) {
                each.add(tile, key, Math.min(edge, piece - key), from + key);
            }
        }
    }
}
