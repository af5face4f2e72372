package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;

import java.util.Arrays;

/// The largest softmax probability inside each block of one head.
///
/// With the log-sum-exp known, probabilities follow from scores alone, and the largest one of a query within a
/// block from its largest score; and the largest of several queries from the largest of their logarithms: one
/// exponential per tile and block.
record PooledMap(CpuTensor q, int rows, int offset, CpuTensor keys, CpuTensor logSumExp, int block, int head) {
    private static final double LOG2_E = 1 / Math.log(2);

    float[] compute(CpuThreads threads) {
        int mapRows = (rows + block - 1) / block;
        int columns = (offset + rows + block - 1) / block;
        var map = new float[Math.multiplyExact(mapRows, columns)];
        threads.run(mapRows, (task, scratch) -> {
            int row = mapRows - 1 - task;
            int end = Math.min(rows, (row + 1) * block);
            for (int first = row * block; first < end; first += PANEL) {
                tile(first, Math.min(PANEL, end - first), map, row * columns, scratch);
            }
        });
        return map;
    }

    private void tile(int first, int count, float[] map, int at, Scratch scratch) {
        int width = q.extent(2);
        int lanes = Lanes.padded(count);
        float[] turned = scratch.floats(0, width * lanes);
        float[] s = scratch.floats(1, PANEL * lanes);
        float[] max = scratch.floats(3, lanes);
        float[] old = scratch.floats(4, lanes);
        int queries = head * q.extent(1) + first;
        Turn.toLanes(q.values(), queries * width, count, width,
                (float) (LOG2_E / Math.sqrt(width)), turned, lanes);
        float[] denominators = scratch.floats(5, lanes);
        for (int t = 0; t < count; t++) {
            denominators[t] = (float) (logSumExp.values()[head * logSumExp.extent(1) + first + t] * LOG2_E);
        }
        int group = head / (q.extent(0) / keys.extent(0));
        int last = offset + first + count;
        for (int key = 0; key < last; key += block) {
            int end = Math.min(key + block, last);
            Arrays.fill(max, 0, lanes, Float.NEGATIVE_INFINITY);
            for (int from = key; from < end; from += PANEL) {
                int piece = Math.min(PANEL, end - from);
                PanelKernel.multiply(keys.values(), (group * keys.extent(1) + from) * width, width, piece, width,
                        turned, 0, lanes, lanes, s, 0, lanes);
                OnlineSoftmax.mask(s, piece, lanes, offset + first - from);
                for (int lane = 0; lane < lanes; lane += LENGTH) {
                    OnlineSoftmax.raise(s, lane, piece, lanes, max, old);
                }
            }
            float highest = Float.NEGATIVE_INFINITY; // log2 of a probability
            for (int t = 0; t < count; t++) {
                highest = Math.max(highest, max[t] - denominators[t]);
            }
            map[at + key / block] = Math.max(map[at + key / block], (float) Math.exp(highest / LOG2_E));
        }
    }
}
