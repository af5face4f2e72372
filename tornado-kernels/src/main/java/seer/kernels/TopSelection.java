package seer.kernels;

import static seer.kernels.BlockSelection.ITEMS;
import static seer.kernels.BlockSelection.KEYS;
import static seer.kernels.BlockSelection.LANES;
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
/// The rows of a group halve in step, since all items must reach all barriers; the slowest row says when it is over.
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
            if (row >= total - p.get(11)) {
                open = 0;
            }
            int longestOpen = TornadoMath.min(longest, total - p.get(11));
            // -- scores --
            if (longestOpen > most) {
                int queries = p.get(5) + head * p.get(6);
                int keys = p.get(7) + head / p.get(9) * p.get(8);
                int key = lane % KEYS;
                int four = lane / KEYS * 4;
                float scale = numbers.get(p.get(20));
                for (int from = 0; from < longest; from += KEYS) {
                    float s0 = 0;
                    float s1 = 0;
                    float s2 = 0;
                    float s3 = 0;
                    for (int slice = 0; slice < width; slice += SLICE) {
                        // Neighbouring items read neighbouring elements; then each item has a key of its own.
                        for (int i = lane; i < KEYS * SLICE; i += ITEMS) {
                            tile[i / SLICE * PITCH + i % SLICE] = k.get(keys
                                    + TornadoMath.min(from + i / SLICE, longest - 1) * width
                                    + TornadoMath.min(slice + i % SLICE, width - 1));
                        }
                        query[lane % SLICE * ROWS + lane / SLICE] = q.get(queries
                                + TornadoMath.min(top + lane / SLICE, rows - 1) * width
                                + TornadoMath.min(slice + lane % SLICE, width - 1));
                        context.localBarrier();
                        int end = TornadoMath.min(SLICE, width - slice);
                        for (int e = 0; e < end; e++) {
                            float value = tile[key * PITCH + e];
                            s0 += query[e * ROWS + four] * value;
                            s1 += query[e * ROWS + four + 1] * value;
                            s2 += query[e * ROWS + four + 2] * value;
                            s3 += query[e * ROWS + four + 3] * value;
                        }
                        context.localBarrier();
                    }
                    if (from + key < longest) {
                        int to = slot + four * p.get(14) + from + key;
                        scratch.set(to, s0 * scale);
                        scratch.set(to + p.get(14), s1 * scale);
                        scratch.set(to + 2 * p.get(14), s2 * scale);
                        scratch.set(to + 3 * p.get(14), s3 * scale);
                    }
                }
            }
            context.globalBarrier(); // from here on items read each other's scores
            int scores = slot + own * p.get(14);
            // -- the smallest and the largest --
            float least = Float.POSITIVE_INFINITY;
            float largest = Float.NEGATIVE_INFINITY;
            if (open > 0) {
                for (int j = sub; j < count; j += LANES) {
                    float score = scratch.get(scores + j);
                    least = TornadoMath.min(least, score);
                    largest = TornadoMath.max(largest, score);
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
            // -- the k-th largest lies in limit ... upper --
            int atLeast = count; // scores >= limit
            int larger = 0; // scores > upper
            int apart = limit < upper ? 1 : 0;
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
                        float score = scratch.get(scores + j);
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
            int stretch = (count + LANES - 1) / LANES;
            int begin = sub * stretch;
            int end = TornadoMath.min(begin + stretch, count);
            int equal = 0;
            if (open > 0) {
                for (int j = begin; j < end; j++) {
                    equal += scratch.get(scores + j) == limit ? 1 : 0;
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
                    float score = scratch.get(scores + j);
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
            int place = head * p.get(18) + room(p.get(2), row, total - p.get(11), p.get(17));
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
                        float score = scratch.get(scores + j);
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
                    lists.set(p.get(15) + (p.get(0) + head) * rows + top + own, to);
                }
            }
        }
    }
}
