package seer.kernels;

import static seer.kernels.BlockSelection.HALF;
import static seer.kernels.BlockSelection.ITEMS;
import static seer.kernels.BlockSelection.KEYS;
import static seer.kernels.BlockSelection.LANES;
import static seer.kernels.BlockSelection.LOADS;
import static seer.kernels.BlockSelection.PITCH;
import static seer.kernels.BlockSelection.ROWS;
import static seer.kernels.BlockSelection.SLICE;
import static seer.kernels.BlockSelection.room;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The blocks of each row above its head's threshold; shapes, tile and `p` are those of [BlockSelection].
///
/// Scores become probabilities where they lie: a softmax leaves out the division, which the comparison makes up for.
public final class ThresholdSelection {

    private ThresholdSelection() {
    }

    /// Lists the blocks of each row whose probability is above its head's threshold, and what is forced.
    public static void list(KernelContext context, FloatArray q, FloatArray k, FloatArray numbers,
                            FloatArray scratch, IntArray lists, IntArray p) {
        float[] tile = context.allocateFloatLocalArray(KEYS * PITCH);
        float[] query = context.allocateFloatLocalArray(SLICE * ROWS);
        float[] partial = context.allocateFloatLocalArray(ITEMS);
        int[] tally = context.allocateIntLocalArray(ITEMS);
        float[] next = new float[LOADS];
        int lane = context.localIdx;
        int own = lane / LANES;
        int sub = lane % LANES;
        int rows = p.get(1);
        int width = p.get(4);
        int total = p.get(3);
        int tiles = (rows + ROWS - 1) / ROWS;
        int slot = p.get(13) + context.groupIdx * ROWS * p.get(14);
        for (int at = context.groupIdx; at < p.get(0) * tiles; at += p.get(19)) {
            int head = at % p.get(0);
            int top = (tiles - 1 - at / p.get(0)) * ROWS;
            int row = p.get(2) + TornadoMath.min(top + own, rows - 1); // behind the last row: that one again, unlisted
            int count = row + 1;
            int longest = p.get(2) + TornadoMath.min(top + ROWS, rows);
            int denseFrom = total - p.get(11);
            int open = row < denseFrom ? 1 : 0; // 0: every causal block is kept
            // -- scores --
            if (longest - ROWS < denseFrom) {
                int queries = p.get(5) + head * p.get(6);
                int keys = p.get(7) + head / p.get(9) * p.get(8);
                int part = lane / SLICE;
                int key = lane % HALF;
                int four = lane / HALF * 4;
                float scale = numbers.get(p.get(20));
                for (int from = 0; from < longest; from += KEYS) {
                    float a0 = 0;
                    float a1 = 0;
                    float a2 = 0;
                    float a3 = 0;
                    float b0 = 0;
                    float b1 = 0;
                    float b2 = 0;
                    float b3 = 0;
                    for (int slice = 0; slice < width; slice += SLICE) {
                        // Neighbouring items read neighbouring elements; then each item has two keys of its own.
                        // All are on their way before the first is stored.
                        int column = slice + lane % SLICE;
                        int inside = TornadoMath.min(column, width - 1);
                        for (int i = 0; i < LOADS; i++) {
                            next[i] = k.get(keys + inside
                                    + TornadoMath.min(from + part + i * ROWS, longest - 1) * width);
                        }
                        float element = q.get(queries + inside + TornadoMath.min(top + part, rows - 1) * width);
                        for (int i = 0; i < LOADS; i++) {
                            tile[(part + i * ROWS) * PITCH + lane % SLICE] = column < width ? next[i] : 0;
                        }
                        query[lane % SLICE * ROWS + part] = column < width ? element : 0;
                        context.localBarrier();
                        for (int e = 0; e < SLICE; e++) {
                            float a = tile[key * PITCH + e];
                            float b = tile[(key + HALF) * PITCH + e];
                            float q0 = query[e * ROWS + four];
                            float q1 = query[e * ROWS + four + 1];
                            float q2 = query[e * ROWS + four + 2];
                            float q3 = query[e * ROWS + four + 3];
                            a0 += q0 * a;
                            a1 += q1 * a;
                            a2 += q2 * a;
                            a3 += q3 * a;
                            b0 += q0 * b;
                            b1 += q1 * b;
                            b2 += q2 * b;
                            b3 += q3 * b;
                        }
                        context.localBarrier();
                    }
                    int to = slot + four * p.get(14) + from + key;
                    if (from + key < longest) {
                        scratch.set(to, a0 * scale);
                        scratch.set(to + p.get(14), a1 * scale);
                        scratch.set(to + 2 * p.get(14), a2 * scale);
                        scratch.set(to + 3 * p.get(14), a3 * scale);
                    }
                    if (from + key + HALF < longest) {
                        scratch.set(to + HALF, b0 * scale);
                        scratch.set(to + HALF + p.get(14), b1 * scale);
                        scratch.set(to + HALF + 2 * p.get(14), b2 * scale);
                        scratch.set(to + HALF + 3 * p.get(14), b3 * scale);
                    }
                }
            }
            context.globalBarrier(); // from here on items read each other's scores
            int scores = slot + own * p.get(14);
            // -- the largest --
            float largest = Float.NEGATIVE_INFINITY;
            if (open > 0) {
                for (int j = sub; j < count; j += LANES) {
                    // NaN and infinities make the largest infinite: devices lose a NaN in comparisons.
                    float score = scratch.get(scores + j);
                    largest = TornadoMath.max(largest,
                            TornadoMath.abs(score) <= Float.MAX_VALUE ? score : Float.POSITIVE_INFINITY);
                }
            }
            partial[lane] = largest;
            context.localBarrier();
            for (int step = LANES / 2; step > 0; step = step / 2) {
                if (sub < step) {
                    partial[lane] = TornadoMath.max(partial[lane], partial[lane + step]);
                }
                context.localBarrier();
            }
            largest = partial[own * LANES];
            int broken = largest > Float.MAX_VALUE ? 1 : 0; // then the row gets no list, one that ends before it begins
            context.localBarrier();
            // -- probabilities, those of a softmax times their sum --
            float sum = 0;
            if (open > 0) {
                for (int j = sub; j < count; j += LANES) {
                    float score = scratch.get(scores + j);
                    if (p.get(10) != 0) {
                        scratch.set(scores + j, 1 / (1 + TornadoMath.exp(-score)));
                    } else {
                        float e = TornadoMath.exp(score - largest);
                        scratch.set(scores + j, e);
                        sum += e;
                    }
                }
            }
            partial[lane] = sum;
            context.globalBarrier();
            for (int step = LANES / 2; step > 0; step = step / 2) {
                if (sub < step) {
                    partial[lane] = partial[lane] + partial[lane + step];
                }
                context.localBarrier();
            }
            sum = p.get(10) != 0 ? 1.0f : partial[own * LANES];
            float threshold = numbers.get(p.get(20) + 1 + head);
            // -- kept blocks of a stretch --
            int stretch = (count + LANES - 1) / LANES / 2 * 2 + 1; // odd: neighbours meet different banks
            int begin = sub * stretch;
            int end = broken > 0 ? begin : TornadoMath.min(begin + stretch, count);
            int kept = 0;
            for (int j = begin; j < end; j++) {
                int keep = j == row ? 1 : 1 - open;
                if (j == 0) {
                    keep += p.get(12);
                }
                if (open > 0) {
                    keep += scratch.get(scores + j) / sum > threshold ? 1 : 0;
                }
                kept += keep > 0 ? 1 : 0;
            }
            tally[lane] = kept;
            context.localBarrier();
            // -- the list --
            int place = head * p.get(18) + room(p.get(2), row, denseFrom, p.get(17));
            int to = place;
            for (int i = 0; i < sub; i++) {
                to += tally[own * LANES + i];
            }
            if (top + own < rows) {
                if (sub == 0) {
                    lists.set(p.get(15) + head * rows + top + own, place);
                }
                for (int j = begin; j < end; j++) {
                    int keep = j == row ? 1 : 1 - open;
                    if (j == 0) {
                        keep += p.get(12);
                    }
                    if (open > 0) {
                        keep += scratch.get(scores + j) / sum > threshold ? 1 : 0;
                    }
                    if (keep > 0) {
                        lists.set(p.get(16) + to, j);
                        to++;
                    }
                }
                if (sub == LANES - 1) {
                    lists.set(p.get(15) + (p.get(0) + head) * rows + top + own, to - broken);
                }
            }
        }
    }
}
