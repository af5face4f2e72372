package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import seer.model.attention.Pooling;

/// Blocks of vectors become one vector each, by largest, smallest and average element.
///
/// Reading is the cost, so each row is read once for all poolings.
///
/// @param x      `[heads, T, D]`, read from row `from` on, a block at a time
/// @param pooled `[heads, n, poolings * D]`, written from row `at` on
record BlockPooler(CacheRows x, int from, int rows, int block, List<Pooling> poolings, CpuTensor pooled, int at) {
    /// Blocks of one task: about 8 x 64 x 64 floats = 128 KiB to read.
    private static final int BLOCKS = 8;

    void run(CpuThreads threads) {
        int blocks = (rows + block - 1) / block;
        int shares = (blocks + BLOCKS - 1) / BLOCKS;
        threads.run(pooled.extent(0) * shares, (task, scratch) -> {
            int head = task / shares;
            int first = task % shares * BLOCKS;
            for (int i = first; i < Math.min(blocks, first + BLOCKS); i++) {
                block(head, i, scratch);
            }
        });
    }

    private void block(int head, int i, Scratch scratch) {
        int width = pooled.extent(2) / poolings.size();
        int count = Math.min(block, rows - i * block);
        float[] values = x.floats(head, from + i * block, count, Scratch.KEYS, scratch);
        int row = x.start(head, from + i * block);
        int to = (head * pooled.extent(1) + at + i) * poolings.size() * width;
        boolean average = poolings.equals(List.of(Pooling.AVG));
        float[] result = scratch.floats(0, 3 * width); // max | min | average
        int d = 0;
        if (average) {
            for (; d <= width - 4 * LENGTH; d += 4 * LENGTH) {
                average4(values, row + d, width, count, result, 2 * width + d);
            }
        }
        for (; d <= width - LENGTH; d += LENGTH) {
            all(values, row + d, width, count, result, d);
        }
        for (; d < width; d++) {
            one(values, row + d, width, count, result, d);
        }
        for (int p = 0; p < poolings.size(); p++) {
            int slot = switch (poolings.get(p)) {
                case MAX -> 0;
                case MIN -> 1;
                case AVG -> 2;
            };
            System.arraycopy(result, slot * width, pooled.values(), to + p * width, width);
        }
    }

    private static void average4(float[] x, int row, int width, int count, float[] result, int to) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int t = 0, at = row; t < count; t++, at += width) {
            s0 = s0.add(FloatVector.fromArray(SPECIES, x, at));
            s1 = s1.add(FloatVector.fromArray(SPECIES, x, at + LENGTH));
            s2 = s2.add(FloatVector.fromArray(SPECIES, x, at + 2 * LENGTH));
            s3 = s3.add(FloatVector.fromArray(SPECIES, x, at + 3 * LENGTH));
        }
        s0.div(count).intoArray(result, to);
        s1.div(count).intoArray(result, to + LENGTH);
        s2.div(count).intoArray(result, to + 2 * LENGTH);
        s3.div(count).intoArray(result, to + 3 * LENGTH);
    }

    private static void all(float[] x, int row, int width, int count, float[] result, int d) {
        FloatVector max = FloatVector.fromArray(SPECIES, x, row);
        FloatVector min = max;
        FloatVector sum = max;
        for (int t = 1, at = row + width; t < count; t++, at += width) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, at);
            max = max.blend(v, v.compare(VectorOperators.GT, max));
            min = min.blend(v, v.compare(VectorOperators.LT, min));
            sum = sum.add(v);
        }
        max.intoArray(result, d);
        min.intoArray(result, width + d);
        sum.div(count).intoArray(result, 2 * width + d);
    }

    private static void one(float[] x, int row, int width, int count, float[] result, int d) {
        float max = x[row];
        float min = max;
        float sum = max;
        for (int t = 1, at = row + width; t < count; t++, at += width) {
            max = Math.max(max, x[at]);
            min = Math.min(min, x[at]);
            sum += x[at];
        }
        result[d] = max;
        result[width + d] = min;
        result[2 * width + d] = sum / count;
    }
}
