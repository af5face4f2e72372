package seer.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// From pooled queries and keys to kept blocks: scores are computed where they are compared, and never stored for
/// more rows than are in flight.
///
/// ## Shapes
/// | buffer    | shape             | type | direction | note                                                   |
/// |-----------|-------------------|------|-----------|--------------------------------------------------------|
/// | `q`       | `[H, rows, E]`    | f32  | in        | projected and rotated                                  |
/// | `k`       | `[K, N, E]`       | f32  | in        | head `h` reads `h / (H / K)`                           |
/// | `scratch` | `[groups, N]`     | f32  | scratch   | scores of the rows in flight, one row for each group   |
/// | `lists`   |                   | i32  | out       | two places in one buffer:                              |
/// | - `marks` | `[H, rows, N/16]` |      |           | sixteen blocks to an integer, the first the lowest bit |
/// | - `start` | `[H * rows + 1]`  |      |           | kept blocks of row `r` at `r + 1`, not yet summed up   |
///
/// ## Tile
/// ```text
///   group g takes rows g, g + groups, ...            [BlockLists] turns marks into lists
///     keys pass through local memory, 128 x 32 elements at a time, so that neighbouring items read neighbours
///     item i:  scores i, i + 128, ...  ->  limit (largest, sum, or k-th largest by trees)  ->  words i, i + 128, ...
/// ```
/// ## Formula
///   top: the min(k, i + 1) largest of row i, ties to the lower index; threshold: probability > t, strictly.
///   Then the diagonal, all causal blocks of the last `denseLastRows` rows, and block 0 if asked for.
///
///   The k-th largest is found by halving the interval between the smallest and the largest score that may still be
///   it; both ends always are scores of the row, so that it ends with the exact one, however close the scores are.
/// ## Cost
///   H*N*N*E flops for the scores; some 20 passes over a row for the k-th largest, 3 for a threshold.
/// ## Versions
///   `top`, `above` plain loops over given scores, the oracles · `markTop`, `markAbove` one group per row
public final class BlockSelection {
    /// Items of a group.
    public static final int GROUP = 128;
    /// Elements of a key that lie in local memory at a time.
    private static final int SLICE = 32;
    /// Length of a key's slice in local memory: odd, so that neighbouring items meet different banks.
    private static final int PITCH = 33;
    /// Blocks in one integer of `marks`.
    public static final int BITS = 16;

    private BlockSelection() {
    }

    /// The oracle of top blocks: a block is kept if fewer than `k` causal blocks of its row come before it.
    public static boolean[] top(float[] score, int H, int N, int k, int denseLastRows, boolean keepFirst) {
        var keep = new boolean[H * N * N];
        for (int row = 0; row < H * N; row++) {
            int i = row % N;
            for (int j = 0; j <= i; j++) {
                int before = 0;
                for (int other = 0; other <= i; other++) {
                    float difference = score[row * N + other] - score[row * N + j];
                    before += difference > 0 || difference == 0 && other < j ? 1 : 0;
                }
                keep[row * N + j] = before < k || forced(i, j, N, denseLastRows, keepFirst);
            }
        }
        return keep;
    }

    /// The oracle of the threshold.
    public static boolean[] above(float[] probability, int H, int N, float threshold, int denseLastRows,
                                  boolean keepFirst) {
        var keep = new boolean[H * N * N];
        for (int row = 0; row < H * N; row++) {
            int i = row % N;
            for (int j = 0; j <= i; j++) {
                keep[row * N + j] = probability[row * N + j] > threshold
                        || forced(i, j, N, denseLastRows, keepFirst);
            }
        }
        return keep;
    }

    private static boolean forced(int i, int j, int N, int denseLastRows, boolean keepFirst) {
        return j == i || i >= N - denseLastRows || j == 0 && keepFirst;
    }

    /// Marks the `k` largest scores of each row, and what is forced.
    ///
    /// @param p 0 heads, 1 rows, 2 first row, 3 blocks of the whole prompt, 4 `E`, 5 base of `q`, 6 elements between
    ///          its heads, 7 base of `k`, 8 elements between its heads, 9 `H / K`, 10 `k`, 11 dense last
    ///          rows, 12 1 if block 0 is kept, else 0, 13 base of `scratch`, 14 elements between its rows, 15 base of
    ///          `marks`, 16 integers of a row, 17 base of `start`, 18 groups
    /// @param f 0 scale
    public static void markTop(KernelContext context, FloatArray q, FloatArray k, FloatArray scratch, IntArray lists,
                               IntArray p, FloatArray f) {
        float[] tile = context.allocateFloatLocalArray(GROUP * PITCH);
        float[] low = context.allocateFloatLocalArray(GROUP);
        float[] high = context.allocateFloatLocalArray(GROUP);
        int[] tally = context.allocateIntLocalArray(GROUP);
        int lane = context.localIdx;
        int slot = p.get(13) + context.groupIdx * p.get(14);
        int most = p.get(10);
        for (int r = context.groupIdx; r < p.get(0) * p.get(1); r += p.get(18)) {
            int row = p.get(2) + r % p.get(1);
            int count = row + 1;
            int open = 1; // 0: every causal block is kept
            if (most >= count) {
                open = 0;
            }
            if (row >= p.get(3) - p.get(11)) {
                open = 0;
            }
            float limit = 0;
            int cut = count;
            if (open > 0) {
                // -- scores, the smallest and the largest --
                int width = p.get(4);
                int head = r / p.get(1);
                int query = p.get(5) + head * p.get(6) + r % p.get(1) * width;
                int keys = p.get(7) + head / p.get(9) * p.get(8);
                float least = Float.POSITIVE_INFINITY;
                float largest = Float.NEGATIVE_INFINITY;
                for (int from = 0; from < count; from += GROUP) {
                    float dot = 0;
                    for (int slice = 0; slice < width; slice += SLICE) {
                        // Neighbouring items read neighbouring elements; then each item has a key of its own.
                        for (int at = lane; at < GROUP * SLICE; at += GROUP) {
                            float value = 0;
                            if (from + at / SLICE < count) {
                                if (slice + at % SLICE < width) {
                                    value = k.get(keys + (from + at / SLICE) * width + slice + at % SLICE);
                                }
                            }
                            tile[at / SLICE * PITCH + at % SLICE] = value;
                        }
                        context.localBarrier();
                        int end = TornadoMath.min(SLICE, width - slice);
                        for (int e = 0; e < end; e++) {
                            dot += q.get(query + slice + e) * tile[lane * PITCH + e];
                        }
                        context.localBarrier();
                    }
                    if (from + lane < count) {
                        float score = dot * f.get(0);
                        scratch.set(slot + from + lane, score);
                        least = TornadoMath.min(least, score);
                        largest = TornadoMath.max(largest, score);
                    }
                }
                low[lane] = least;
                high[lane] = largest;
                context.localBarrier();
                for (int step = GROUP / 2; step > 0; step = step / 2) {
                    if (lane < step) {
                        low[lane] = TornadoMath.min(low[lane], low[lane + step]);
                        high[lane] = TornadoMath.max(high[lane], high[lane + step]);
                    }
                    context.localBarrier();
                }
                limit = low[0];
                float upper = high[0];
                context.globalBarrier(); // from here on items read each other's scores
                // -- the k-th largest lies in limit ... upper --
                int atLeast = count; // scores >= limit
                int larger = 0; // scores > upper
                int apart = limit < upper ? 1 : 0;
                while (apart > 0) {
                    float middle = limit + (upper - limit) * 0.5f;
                    if (middle >= upper) {
                        middle = limit;
                    }
                    int above = 0;
                    least = Float.POSITIVE_INFINITY;
                    largest = Float.NEGATIVE_INFINITY;
                    for (int j = lane; j < count; j += GROUP) {
                        float score = scratch.get(slot + j);
                        if (score > middle) {
                            above++;
                            least = TornadoMath.min(least, score);
                        } else {
                            largest = TornadoMath.max(largest, score);
                        }
                    }
                    low[lane] = least;
                    high[lane] = largest;
                    tally[lane] = above;
                    context.localBarrier();
                    for (int step = GROUP / 2; step > 0; step = step / 2) {
                        if (lane < step) {
                            low[lane] = TornadoMath.min(low[lane], low[lane + step]);
                            high[lane] = TornadoMath.max(high[lane], high[lane + step]);
                            tally[lane] = tally[lane] + tally[lane + step];
                        }
                        context.localBarrier();
                    }
                    if (tally[0] >= most) {
                        limit = low[0];
                        atLeast = tally[0];
                    } else {
                        upper = high[0];
                        larger = tally[0];
                    }
                    apart = atLeast > most ? 1 : 0;
                    if (limit >= upper) {
                        apart = 0;
                    }
                    context.localBarrier();
                }
                // -- the last tie that is kept --
                if (atLeast > most) {
                    if (lane == 0) {
                        int rest = most - larger;
                        int j = 0;
                        while (rest > 0) {
                            if (scratch.get(slot + j) == limit) {
                                rest--;
                            }
                            j++;
                        }
                        tally[0] = j - 1;
                    }
                    context.localBarrier();
                    cut = tally[0];
                    context.localBarrier();
                }
            }
            // -- marks --
            int kept = 0;
            for (int w = lane; w < p.get(16); w += GROUP) {
                int word = 0;
                int bit = 1;
                for (int j = w * BITS; j < w * BITS + BITS; j++) {
                    if (j < count) {
                        int keep = j == row ? 1 : 1 - open;
                        if (j == 0) {
                            keep += p.get(12);
                        }
                        if (open > 0) {
                            float score = scratch.get(slot + j);
                            if (score > limit) {
                                keep = 1;
                            }
                            if (score == limit) {
                                keep += j <= cut ? 1 : 0;
                            }
                        }
                        if (keep > 0) {
                            word += bit;
                            kept++;
                        }
                    }
                    bit += bit;
                }
                lists.set(p.get(15) + r * p.get(16) + w, word);
            }
            tally[lane] = kept;
            context.localBarrier();
            for (int step = GROUP / 2; step > 0; step = step / 2) {
                if (lane < step) {
                    tally[lane] = tally[lane] + tally[lane + step];
                }
                context.localBarrier();
            }
            if (lane == 0) {
                lists.set(p.get(17) + 1 + r, tally[0]);
            }
        }
    }

    /// Marks the blocks of each row whose probability is above a threshold, and what is forced.
    ///
    /// @param p 0 heads, 1 rows, 2 first row, 3 blocks of the whole prompt, 4 `E`, 5 base of `q`, 6 elements between
    ///          its heads, 7 base of `k`, 8 elements between its heads, 9 `H / K`, 10 whether the activation is
    ///          a sigmoid, not a softmax, 11 dense last
    ///          rows, 12 1 if block 0 is kept, else 0, 13 base of `scratch`, 14 elements between its rows, 15 base of
    ///          `marks`, 16 integers of a row, 17 base of `start`, 18 groups
    /// @param f 0 scale, 1 threshold
    public static void markAbove(KernelContext context, FloatArray q, FloatArray k, FloatArray scratch, IntArray lists,
                                 IntArray p, FloatArray f) {
        float[] tile = context.allocateFloatLocalArray(GROUP * PITCH);
        float[] partial = context.allocateFloatLocalArray(GROUP);
        int[] tally = context.allocateIntLocalArray(GROUP);
        int lane = context.localIdx;
        int slot = p.get(13) + context.groupIdx * p.get(14);
        for (int r = context.groupIdx; r < p.get(0) * p.get(1); r += p.get(18)) {
            int row = p.get(2) + r % p.get(1);
            int count = row + 1;
            int open = 1; // 0: every causal block is kept
            if (row >= p.get(3) - p.get(11)) {
                open = 0;
            }
            if (open > 0) {
                // -- scores and the largest --
                int width = p.get(4);
                int head = r / p.get(1);
                int query = p.get(5) + head * p.get(6) + r % p.get(1) * width;
                int keys = p.get(7) + head / p.get(9) * p.get(8);
                float largest = Float.NEGATIVE_INFINITY;
                for (int from = 0; from < count; from += GROUP) {
                    float dot = 0;
                    for (int slice = 0; slice < width; slice += SLICE) {
                        // Neighbouring items read neighbouring elements; then each item has a key of its own.
                        for (int at = lane; at < GROUP * SLICE; at += GROUP) {
                            float value = 0;
                            if (from + at / SLICE < count) {
                                if (slice + at % SLICE < width) {
                                    value = k.get(keys + (from + at / SLICE) * width + slice + at % SLICE);
                                }
                            }
                            tile[at / SLICE * PITCH + at % SLICE] = value;
                        }
                        context.localBarrier();
                        int end = TornadoMath.min(SLICE, width - slice);
                        for (int e = 0; e < end; e++) {
                            dot += q.get(query + slice + e) * tile[lane * PITCH + e];
                        }
                        context.localBarrier();
                    }
                    if (from + lane < count) {
                        float score = dot * f.get(0);
                        scratch.set(slot + from + lane, score);
                        largest = TornadoMath.max(largest, score);
                    }
                }
                partial[lane] = largest;
                context.localBarrier();
                for (int step = GROUP / 2; step > 0; step = step / 2) {
                    if (lane < step) {
                        partial[lane] = TornadoMath.max(partial[lane], partial[lane + step]);
                    }
                    context.localBarrier();
                }
                largest = partial[0];
                context.localBarrier();
                // -- probabilities --
                float sum = 0;
                for (int j = lane; j < count; j += GROUP) {
                    float score = scratch.get(slot + j);
                    if (p.get(10) != 0) {
                        scratch.set(slot + j, 1 / (1 + TornadoMath.exp(-score)));
                    } else {
                        float e = TornadoMath.exp(score - largest);
                        scratch.set(slot + j, e);
                        sum += e;
                    }
                }
                partial[lane] = sum;
                context.localBarrier();
                for (int step = GROUP / 2; step > 0; step = step / 2) {
                    if (lane < step) {
                        partial[lane] = partial[lane] + partial[lane + step];
                    }
                    context.localBarrier();
                }
                if (p.get(10) == 0) {
                    for (int j = lane; j < count; j += GROUP) {
                        scratch.set(slot + j, scratch.get(slot + j) / partial[0]);
                    }
                }
                context.globalBarrier();
            }
            // -- marks --
            int kept = 0;
            for (int w = lane; w < p.get(16); w += GROUP) {
                int word = 0;
                int bit = 1;
                for (int j = w * BITS; j < w * BITS + BITS; j++) {
                    if (j < count) {
                        int keep = j == row ? 1 : 1 - open;
                        if (j == 0) {
                            keep += p.get(12);
                        }
                        if (open > 0) {
                            if (scratch.get(slot + j) > f.get(1)) {
                                keep = 1;
                            }
                        }
                        if (keep > 0) {
                            word += bit;
                            kept++;
                        }
                    }
                    bit += bit;
                }
                lists.set(p.get(15) + r * p.get(16) + w, word);
            }
            tally[lane] = kept;
            context.localBarrier();
            for (int step = GROUP / 2; step > 0; step = step / 2) {
                if (lane < step) {
                    tally[lane] = tally[lane] + tally[lane + step];
                }
                context.localBarrier();
            }
            if (lane == 0) {
                lists.set(p.get(17) + 1 + r, tally[0]);
            }
        }
    }
}
