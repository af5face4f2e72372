package seer.gate.train;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import seer.model.attention.Pooling;

/// What gates learn from in one layer of one sequence, at the finest block that any of them uses; coarser blocks
/// follow from it: maxima and minima exactly, averages weighted by their tokens.
///
/// @param block          `B`, tokens along one edge of the maps and to one vector of the queries
/// @param keyBlock       tokens to one vector of the keys
/// @param length         tokens of the sequence
/// @param queryPoolings  poolings side by side in `queries`
/// @param keyPoolings    poolings side by side in `keys`
/// @param queries        `[H, n, poolings * D]`, pooled before rotation
/// @param keys           `[G, vectors, poolings * D]`, pooled before rotation
/// @param largest        per head `[n, n]`: largest softmax probability of each block; empty if not asked for
/// @param masses         per head `[n, n]` of the mass of each block, for each target and block that was asked for
record BlockFeatures(int block, int keyBlock, int length, int headWidth, List<Pooling> queryPoolings,
                     List<Pooling> keyPoolings, float[] queries, float[] keys, List<float[]> largest,
                     Map<Mass, List<float[]>> masses) {

    /// A target of a gate: what pools the masses of its blocks, which of other blocks do not tell.
    record Mass(TargetPooling target, int block) { }

    int blocks() {
        return Math.ceilDiv(length, block);
    }

    /// Pooled queries of one head at blocks `factor` times as long, `out[poolings * D][n]`.
    void queries(int head, List<Pooling> poolings, int factor, float[][] out) {
        pooled(queries, head, queryPoolings, poolings, block, factor, out);
    }

    /// Pooled keys of one group at key blocks `factor` times as long, `out[poolings * D][n]`.
    void keys(int group, List<Pooling> poolings, int factor, float[][] out) {
        pooled(keys, group, keyPoolings, poolings, keyBlock, factor, out);
    }

    private void pooled(float[] x, int head, List<Pooling> have, List<Pooling> wanted, int base, int factor,
                        float[][] out) {
        int n = Math.ceilDiv(length, base);
        int coarse = Math.ceilDiv(n, factor);
        for (int p = 0; p < wanted.size(); p++) {
            int column = have.indexOf(wanted.get(p)) * headWidth;
            for (int j = 0; j < coarse; j++) {
                for (int d = 0; d < headWidth; d++) {
                    int at = head * n * have.size() * headWidth + column + d;
                    out[p * headWidth + d][j] = merged(x, at, have.size() * headWidth, j * factor,
                            Math.min(n, (j + 1) * factor), base, wanted.get(p));
                }
            }
        }
    }

    private float merged(float[] x, int at, int stride, int from, int to, int base, Pooling pooling) {
        float first = x[at + from * stride];
        if (to == from + 1) {
            return first;
        }
        double sum = 0;
        float best = first;
        for (int b = from; b < to; b++) {
            float value = x[at + b * stride];
            sum += (double) value * tokens(b, b + 1, base);
            best = pooling == Pooling.MIN ? Math.min(best, value) : Math.max(best, value);
        }
        return pooling == Pooling.AVG ? (float) (sum / tokens(from, to, base)) : best;
    }

    /// The map of one head at blocks `factor` times as long, `[n, n]`, rows as they are: not made to sum to 1.
    ///
    /// @param buffer written and returned unless the map is there already
    float[] target(TargetPooling pooling, int head, int factor, float[] buffer) {
        if (pooling != TargetPooling.MAX) {
            return masses.get(new Mass(pooling, block * factor)).get(head);
        }
        float[] fine = largest.get(head);
        if (factor == 1) {
            return fine;
        }
        int n = blocks();
        int coarse = Math.ceilDiv(n, factor);
        Arrays.fill(buffer, 0, coarse * coarse, 0);
        for (int i = 0; i < n; i++) {
            int row = i / factor;
            for (int j = 0; j <= i; j++) {
                int to = row * coarse + j / factor;
                buffer[to] = Math.max(buffer[to], fine[i * n + j]);
            }
        }
        return buffer;
    }

    private int tokens(int from, int to, int base) {
        return Math.min(length, to * base) - from * base;
    }
}
