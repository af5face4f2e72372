package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;

/// The largest softmax probability inside each block of one head.
///
/// With the log-sum-exp known, probabilities follow from scores alone, and the largest one of a query within a
/// block from its largest score; and the largest of several queries from the largest of their logarithms: one
/// exponential per tile and block.
record PooledMap(CpuTensor q, int rows, int offset, CpuCache cache, CpuTensor logSumExp, int block, int head) {
    private static final double LOG2_E = 1 / Math.log(2);

    float[] compute(CpuThreads threads) {
        int mapRows = (rows + block - 1) / block;
        int columns = (offset + rows + block - 1) / block;
        var map = new float[Math.multiplyExact(mapRows, columns)];
        int edge = Math.max(block, span()); // a task writes whole rows of the map
        int tasks = (rows + edge - 1) / edge;
        threads.run(tasks, (task, scratch) -> {
            int row = (tasks - 1 - task) * edge;
            int end = Math.min(rows, row + edge);
            for (int first = row; first < end; first += span()) {
                tile(first, Math.min(span(), end - first), map, columns, scratch);
            }
        });
        return map;
    }

    /// Queries and keys of a tile: 64, or as many whole blocks as fit.
    private int span() {
        return block < PANEL ? PANEL / block * block : PANEL;
    }

    /// At most 64 queries against all keys that they see, 64 at a time, whatever the block: small blocks are cut out
    /// of the scores afterwards.
    private void tile(int first, int count, float[] map, int columns, Scratch scratch) {
        int width = q.extent(2);
        int lanes = Lanes.padded(count);
        float[] transposed = scratch.floats(0, width * lanes);
        float[] s = scratch.floats(1, PANEL * lanes);
        float[] max = scratch.floats(3, lanes);
        float[] old = scratch.floats(4, lanes);
        float[] denominators = scratch.floats(5, lanes);
        Transpose.toStrips(q.values(), (head * q.extent(1) + first) * width, count, width,
                (float) (LOG2_E / Math.sqrt(width)), transposed, lanes);
        for (int t = 0; t < count; t++) {
            denominators[t] = (float) (logSumExp.values()[head * logSumExp.extent(1) + first + t] * LOG2_E);
        }
        int group = head / (q.extent(0) / cache.groups());
        int last = offset + first + count;
        int edge = Math.min(block, PANEL);
        int piece;
        for (int from = 0; from < last; from += piece) {
            piece = Math.min(Math.min(span(), last - from), block > PANEL ? block - from % block : PANEL);
            float[] keys = cache.keyRows().floats(group, from, piece, Scratch.KEYS, scratch);
            int at = cache.keyRows().start(group, from);
            for (int lane = 0; lane < lanes; lane += STRIP) {
                PanelKernel.multiply(keys, at, width, piece,
                        width, transposed, lane * width, Math.min(STRIP, lanes - lane), s, lane, lanes, false);
            }
            OnlineSoftmax.mask(s, piece, lanes, offset + first - from);
            for (int key = 0; key < piece; key += edge) {
                Arrays.fill(max, 0, lanes, Float.NEGATIVE_INFINITY);
                for (int lane = 0; lane < lanes; lane += LENGTH) {
                    OnlineSoftmax.raise(s, key * lanes + lane, lane, Math.min(edge, piece - key), lanes, max, old);
                }
                int column = (from + key) / block;
                for (int t = 0; t < count; t += edge) {
                    int cell = (first + t) / block * columns + column;
                    float highest = highest(max, denominators, t, Math.min(count, t + edge));
                    map[cell] = Math.max(map[cell], (float) Math.exp(highest / LOG2_E));
                }
            }
        }
    }

    /// Logarithm to base 2 of the largest probability of queries `from .. to`.
    private static float highest(float[] max, float[] denominators, int from, int to) {
        float highest = Float.NEGATIVE_INFINITY;
        for (int t = from; t < to; t++) {
            highest = Math.max(highest, max[t] - denominators[t]);
        }
        return highest;
    }
}
