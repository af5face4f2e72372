package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// One query token against all keys before it: reading the cache is the cost.
///
/// A task is one key/value head and a range of keys; all query heads of the group use a key row while it is in
/// the level-1 cache. Lanes run along the head width. Ranges are merged by their maxima and sums.
record DecodeAttention(CpuTensor q, int position, CpuTensor keys, CpuTensor values, CpuTensor out) {
    /// Keys per round: their scores are known before their values are read.
    private static final int PIECE = 64;
    /// A range shorter than this is not worth a thread of its own.
    private static final int SHORTEST = 512;

    void run(CpuThreads threads) {
        int groups = keys.extent(0);
        int count = position + 1;
        int ranges = Math.max(1, Math.min(2 * threads.count(), count / SHORTEST));
        int length = (count + ranges - 1) / ranges;
        int share = q.extent(0) / groups;
        int width = q.extent(2);
        // partial[group, range, head of the group]: width sums, then maximum and sum of weights
        var partial = new float[groups * ranges * share * (width + 2)];
        threads.run(groups * ranges, (task, scratch) -> {
            int from = Math.min(count, task % ranges * length);
            range(task / ranges, from, Math.min(count, from + length), partial, task * share * (width + 2),
                    scratch);
        });
        for (int h = 0; h < q.extent(0); h++) {
            merge(partial, (h / share * ranges * share + h % share) * (width + 2), share * (width + 2), ranges,
                    h * width);
        }
    }

    private void range(int group, int from, int to, float[] partial, int at, Scratch scratch) {
        int width = q.extent(2);
        int share = q.extent(0) / keys.extent(0);
        float[] s = scratch.floats(0, share * PIECE);
        float scale = (float) (1 / Math.sqrt(width));
        for (int i = 0; i < share; i++) {
            partial[at + i * (width + 2) + width] = Float.NEGATIVE_INFINITY;
        }
        for (int key = from; key < to; key += PIECE) {
            int count = Math.min(PIECE, to - key);
            int row = (group * keys.extent(1) + key) * width;
            for (int j = 0; j < count; j++) {
                for (int i = 0; i < share; i++) {
                    int query = (group * share + i) * q.extent(1) * width;
                    s[i * PIECE + j] = scale * dot(q.values(), query, keys.values(), row + j * width, width);
                }
            }
            for (int i = 0; i < share; i++) {
                int to0 = at + i * (width + 2);
                float old = partial[to0 + width];
                float max = old;
                for (int j = 0; j < count; j++) {
                    max = Math.max(max, s[i * PIECE + j]);
                }
                float shrink = (float) Math.exp(old - max);
                Arrays.fill(s, i * PIECE + count, (i + 1) * PIECE, Float.NEGATIVE_INFINITY);
                partial[to0 + width] = max;
                partial[to0 + width + 1] = partial[to0 + width + 1] * shrink + weights(s, i * PIECE, max);
                accumulate(values.values(), row, width, count, s, i * PIECE, shrink, partial, to0);
            }
        }
    }

    private static float dot(float[] q, int query, float[] k, int key, int width) {
        FloatVector sum = FloatVector.zero(SPECIES);
        int d = 0;
        for (; d <= width - LENGTH; d += LENGTH) {
            sum = FloatVector.fromArray(SPECIES, q, query + d).fma(FloatVector.fromArray(SPECIES, k, key + d), sum);
        }
        float total = sum.reduceLanes(VectorOperators.ADD);
        for (; d < width; d++) {
            total += q[query + d] * k[key + d];
        }
        return total;
    }

    private static float weights(float[] s, int at, float max) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int j = 0; j < PIECE; j += LENGTH) {
            FloatVector p = VectorExp.exp(FloatVector.fromArray(SPECIES, s, at + j).sub(max));
            p.intoArray(s, at + j);
            sum = sum.add(p);
        }
        return sum.reduceLanes(VectorOperators.ADD);
    }

    private static void accumulate(float[] v, int row, int width, int count, float[] p, int p0, float shrink,
                                   float[] o, int o0) {
        int d = 0;
        for (; d <= width - LENGTH; d += LENGTH) {
            FloatVector sum = FloatVector.fromArray(SPECIES, o, o0 + d).mul(shrink);
            FloatVector other = FloatVector.zero(SPECIES);
            int j = 0;
            for (int at = row + d; j + 2 <= count; j += 2, at += 2 * width) {
                sum = FloatVector.fromArray(SPECIES, v, at).fma(FloatVector.broadcast(SPECIES, p[p0 + j]), sum);
                other = FloatVector.fromArray(SPECIES, v, at + width)
                        .fma(FloatVector.broadcast(SPECIES, p[p0 + j + 1]), other);
            }
            if (j < count) {
                sum = FloatVector.fromArray(SPECIES, v, row + j * width + d)
                        .fma(FloatVector.broadcast(SPECIES, p[p0 + j]), sum);
            }
            sum.add(other).intoArray(o, o0 + d);
        }
        for (; d < width; d++) {
            float sum = o[o0 + d] * shrink;
            for (int j = 0; j < count; j++) {
                sum += p[p0 + j] * v[row + j * width + d];
            }
            o[o0 + d] = sum;
        }
    }

    private void merge(float[] partial, int first, int stride, int ranges, int to) {
        int width = q.extent(2);
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < ranges; i++) {
            max = Math.max(max, partial[first + i * stride + width]);
        }
        double sum = 0;
        var total = new double[width];
        for (int i = 0; i < ranges; i++) {
            int at = first + i * stride;
            double weight = Math.exp(partial[at + width] - max);
            sum += weight * partial[at + width + 1];
            for (int d = 0; d < width; d++) {
                total[d] += weight * partial[at + d];
            }
        }
        for (int d = 0; d < width; d++) {
            out.values()[to + d] = (float) (total[d] / sum);
        }
    }
}
