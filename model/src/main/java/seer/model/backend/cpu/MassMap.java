package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;
import seer.model.attention.MassPooling;

/// What the queries of each block give to each block of keys, in one head.
///
/// With the log-sum-exp known, a query's probabilities follow from its scores; each block's are added up, and the sums
/// of a block's queries are pooled.
record MassMap(CpuTensor q, int rows, int offset, CpuCache cache, CpuTensor logSumExp, int block, int head,
               MassPooling pooling) {
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
            for (int i = row / block; i * block < end; i++) {
                finish(map, i * columns, columns, Math.min(block, rows - i * block));
            }
        });
        return map;
    }

    /// Queries and keys of a tile: 64, or as many whole blocks as fit.
    private int span() {
        return block < PANEL ? PANEL / block * block : PANEL;
    }

    /// At most 64 queries against all keys that they see, 64 at a time, whatever the block.
    private void tile(int first, int count, float[] map, int columns, Scratch scratch) {
        int width = q.extent(2);
        int lanes = Lanes.padded(count);
        float[] transposed = scratch.floats(0, width * lanes);
        float[] s = scratch.floats(1, PANEL * lanes);
        float[] mass = scratch.floats(3, lanes);
        float[] added = scratch.floats(4, lanes);
        float[] denominators = scratch.floats(5, lanes);
        Transpose.toStrips(q.values(), (head * q.extent(1) + first) * width, count, width,
                (float) (LOG2_E / Math.sqrt(width)), transposed, lanes);
        Arrays.fill(denominators, 0, lanes, 0);
        for (int t = 0; t < count; t++) {
            denominators[t] = (float) (logSumExp.values()[head * logSumExp.extent(1) + first + t] * LOG2_E);
        }
        int group = head / (q.extent(0) / cache.groups());
        int last = offset + first + count;
        int edge = Math.min(block, PANEL);
        int piece;
        for (int from = 0; from < last; from += piece) {
            piece = Math.min(Math.min(span(), last - from), block > PANEL ? block - from % block : PANEL);
            for (int lane = 0; lane < lanes; lane += STRIP) {
                PanelKernel.multiply(cache.keys().values(), (group * cache.capacity() + from) * width, width, piece,
                        width, transposed, lane * width, Math.min(STRIP, lanes - lane), s, lane, lanes, false);
            }
            OnlineSoftmax.mask(s, piece, lanes, offset + first - from);
            for (int key = 0; key < piece; key += edge) {
                int keys = Math.min(edge, piece - key);
                for (int lane = 0; lane < lanes; lane += LENGTH) {
                    VectorExp.column(s, key * lanes + lane, keys, lanes, denominators, lane, added);
                }
                int position = from + key;
                for (int t = 0; t < count; t++) { // a block longer than a tile comes in pieces
                    mass[t] = (position % block == 0 ? 0 : mass[t]) + added[t];
                }
                if ((position + keys) % block == 0 || position + keys == last) {
                    pool(mass, first, count, map, columns, position / block);
                }
            }
        }
    }

    private void pool(float[] mass, int first, int count, float[] map, int columns, int column) {
        for (int t = 0; t < count; t++) {
            int at = (first + t) / block * columns + column;
            map[at] = switch (pooling) {
                case PEAK -> Math.max(map[at], mass[t]);
                case MEAN -> map[at] + mass[t];
                case ROOT -> map[at] + mass[t] * mass[t];
            };
        }
    }

    /// A row's sums become means.
    private void finish(float[] map, int at, int columns, int queries) {
        for (int j = at; j < at + columns; j++) {
            map[j] = switch (pooling) {
                case PEAK -> map[j];
                case MEAN -> map[j] / queries;
                case ROOT -> (float) Math.sqrt(map[j] / queries);
            };
        }
    }
}
