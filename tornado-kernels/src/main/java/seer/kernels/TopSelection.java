package seer.kernels;

import static seer.kernels.BlockSelection.HALF;
import static seer.kernels.BlockSelection.ITEMS;
import static seer.kernels.BlockSelection.KEYS;
import static seer.kernels.BlockSelection.LANES;
import static seer.kernels.BlockSelection.LOADS;
import static seer.kernels.BlockSelection.NEAR;
import static seer.kernels.BlockSelection.PITCH;
import static seer.kernels.BlockSelection.ROWS;
import static seer.kernels.BlockSelection.SLICE;
import static seer.kernels.BlockSelection.room;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The top blocks of each row; shapes, tile and `p` are those of [BlockSelection].
///
/// The k-th largest score is found by halving the interval between the smallest and the largest score that may still
/// be it. Both ends always are scores of the row, so that it ends with the exact one, however close the scores are.
/// Meanwhile the scores lie where the keys were in local memory, if they fit. The rows of a group halve in step, since
/// all items must reach all barriers; the slowest row says when it is over.
public final class TopSelection {

    private TopSelection() {
    }

    /// Lists the `k` largest scores of each row, and what is forced.
    public static void list(KernelContext context, FloatArray q, FloatArray k, FloatArray numbers,
                            FloatArray scratch, IntArray lists, IntArray p) {
        float[] tile = context.allocateFloatLocalArray(KEYS * PITCH);
        float[] query = context.allocateFloatLocalArray(SLICE * ROWS);
        float[] low = context.allocateFloatLocalArray(ITEMS);
        float[] high = context.allocateFloatLocalArray(ITEMS);
        int[] going = context.allocateIntLocalArray(ROWS);
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
            int most = p.get(10);
            int open = most < count ? 1 : 0; // 0: every causal block is kept
            int denseFrom = total - p.get(11);
            if (row >= denseFrom) {
                open = 0;
            }
            int longestOpen = TornadoMath.min(longest, denseFrom);
            // -- scores --
            if (longestOpen > most) {
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
            int near = own * NEAR;
            int far = longest > NEAR ? 1 : 0; // rows that do not fit into local memory are read from scratch
            // -- the smallest and the largest --
            float least = Float.POSITIVE_INFINITY;
            float largest = Float.NEGATIVE_INFINITY;
            if (open > 0) {
                for (int j = sub; j < count; j += 8 * LANES) {
                    for (int i = 0; i < 8; i++) {
                        next[i] = scratch.get(scores + TornadoMath.min(j + i * LANES, count - 1));
                    }
                    for (int i = 0; i < 8; i++) {
                        // NaN and infinities make the largest infinite: devices lose a NaN in comparisons.
                        float seen = TornadoMath.abs(next[i]) <= Float.MAX_VALUE ? next[i] : Float.POSITIVE_INFINITY;
                        least = TornadoMath.min(least, seen);
                        largest = TornadoMath.max(largest, seen);
                        if (far == 0) {
                            if (j + i * LANES < count) {
                                tile[near + j + i * LANES] = next[i];
                            }
                        }
                    }
                }
            }
            low[lane] = least;
            high[lane] = largest;
            context.localBarrier();
            for (int step = LANES / 2; step > 0; step = step / 2) {
                if (sub < step) {
                    low[lane] = TornadoMath.min(low[lane], low[lane + step]);
                    high[lane] = TornadoMath.max(high[lane], high[lane + step]);
                }
                context.localBarrier();
            }
            float limit = low[own * LANES];
            float upper = high[own * LANES];
            int broken = upper > Float.MAX_VALUE ? 1 : 0; // then the row gets no list, one that ends before it begins
            // -- the k-th largest lies in limit ... upper --
            int atLeast = count; // scores >= limit
            int larger = 0; // scores > upper
            int apart = limit < upper ? 1 - broken : 0;
            if (sub == 0) {
                going[own] = apart;
            }
            context.localBarrier();
            int unfinished = 0;
            for (int i = 0; i < ROWS; i++) {
                unfinished += going[i];
            }
            while (unfinished > 0) {
                float middle = limit + (upper - limit) * 0.5f;
                if (middle >= upper) {
                    middle = limit;
                }
                int above = 0;
                least = Float.POSITIVE_INFINITY;
                largest = Float.NEGATIVE_INFINITY;
                if (apart > 0) {
                    for (int j = sub; j < count; j += LANES) {
                        float score = far > 0 ? scratch.get(scores + j) : tile[near + j];
                        if (score > middle) {
                            above++;
                            least = TornadoMath.min(least, score);
                        } else {
                            largest = TornadoMath.max(largest, score);
                        }
                    }
                }
                low[lane] = least;
                high[lane] = largest;
                tally[lane] = above;
                context.localBarrier();
                for (int step = LANES / 2; step > 0; step = step / 2) {
                    if (sub < step) {
                        low[lane] = TornadoMath.min(low[lane], low[lane + step]);
                        high[lane] = TornadoMath.max(high[lane], high[lane + step]);
                        tally[lane] = tally[lane] + tally[lane + step];
                    }
                    context.localBarrier();
                }
                if (apart > 0) {
                    if (tally[own * LANES] >= most) {
                        limit = low[own * LANES];
                        atLeast = tally[own * LANES];
                    } else {
                        upper = high[own * LANES];
                        larger = tally[own * LANES];
                    }
                    apart = atLeast > most ? 1 : 0;
                    if (limit >= upper) {
                        apart = 0;
                    }
                }
                if (sub == 0) {
                    going[own] = apart;
                }
                context.localBarrier();
                unfinished = 0;
                for (int i = 0; i < ROWS; i++) {
                    unfinished += going[i];
                }
            }
            // -- ties of the last score that is kept --
            int stretch = (count + LANES - 1) / LANES / 2 * 2 + 1; // odd: neighbours meet different banks
            int begin = sub * stretch;
            int end = broken > 0 ? begin : TornadoMath.min(begin + stretch, count);
            int equal = 0;
            if (open > 0) {
                for (int j = begin; j < end; j++) {
                    float score = far > 0 ? scratch.get(scores + j) : tile[near + j];
                    equal += score == limit ? 1 : 0;
                }
            }
            tally[lane] = equal;
            context.localBarrier();
            int tie = 0;
            for (int i = 0; i < sub; i++) {
                tie += tally[own * LANES + i];
            }
            context.localBarrier();
            int ties = atLeast > most ? most - larger : count;
            // -- kept blocks of the stretch --
            int kept = 0;
            int passed = tie;
            for (int j = begin; j < end; j++) {
                int keep = j == row ? 1 : 1 - open;
                if (j == 0) {
                    keep += p.get(12);
                }
                if (open > 0) {
                    float score = far > 0 ? scratch.get(scores + j) : tile[near + j];
                    if (score > limit) {
                        keep = 1;
                    }
                    if (score == limit) {
                        keep += passed < ties ? 1 : 0;
                        passed++;
                    }
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
                passed = tie;
                for (int j = begin; j < end; j++) {
                    int keep = j == row ? 1 : 1 - open;
                    if (j == 0) {
                        keep += p.get(12);
                    }
                    if (open > 0) {
                        float score = far > 0 ? scratch.get(scores + j) : tile[near + j];
                        if (score > limit) {
                            keep = 1;
                        }
                        if (score == limit) {
                            keep += passed < ties ? 1 : 0;
                            passed++;
                        }
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
            context.localBarrier();
        }
    }
}
