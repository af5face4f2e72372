package seer.kernels.gate;

import static seer.kernels.gate.BlockSelection.HALF;
import static seer.kernels.gate.BlockSelection.ITEMS;
import static seer.kernels.gate.BlockSelection.KEYS;
import static seer.kernels.gate.BlockSelection.LANES;
import static seer.kernels.gate.BlockSelection.LOADS;
import static seer.kernels.gate.BlockSelection.NEAR;
import static seer.kernels.gate.BlockSelection.PITCH;
import static seer.kernels.gate.BlockSelection.P_BLOCKS;
import static seer.kernels.gate.BlockSelection.P_DENSE_LAST;
import static seer.kernels.gate.BlockSelection.P_FIRST_ROW;
import static seer.kernels.gate.BlockSelection.P_FOLD;
import static seer.kernels.gate.BlockSelection.P_GROUPS;
import static seer.kernels.gate.BlockSelection.P_HEADS;
import static seer.kernels.gate.BlockSelection.P_INDEX;
import static seer.kernels.gate.BlockSelection.P_K;
import static seer.kernels.gate.BlockSelection.P_KEEP_FIRST;
import static seer.kernels.gate.BlockSelection.P_K_STRIDE;
import static seer.kernels.gate.BlockSelection.P_LAST_KEY;
import static seer.kernels.gate.BlockSelection.P_MOST;
import static seer.kernels.gate.BlockSelection.P_NUMBERS;
import static seer.kernels.gate.BlockSelection.P_Q;
import static seer.kernels.gate.BlockSelection.P_Q_STRIDE;
import static seer.kernels.gate.BlockSelection.P_ROOM;
import static seer.kernels.gate.BlockSelection.P_ROWS;
import static seer.kernels.gate.BlockSelection.P_SCRATCH;
import static seer.kernels.gate.BlockSelection.P_SCRATCH_STRIDE;
import static seer.kernels.gate.BlockSelection.P_SHARE;
import static seer.kernels.gate.BlockSelection.P_START;
import static seer.kernels.gate.BlockSelection.P_TOP;
import static seer.kernels.gate.BlockSelection.P_WIDTH;
import static seer.kernels.gate.BlockSelection.ROWS;
import static seer.kernels.gate.BlockSelection.SLICE;
import static seer.kernels.gate.BlockSelection.force;
import static seer.kernels.gate.BlockSelection.forced;
import static seer.kernels.gate.BlockSelection.room;
import static seer.kernels.gate.BlockSelection.stretch;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The blocks with the largest scores of each row: the same number in every row, whatever the scores are.
///
/// ## Shapes
/// Buffers and `p` are those of [BlockSelection]; `k` is `p[P_TOP]`.
///
/// ## Tile
/// ```text
///   the k-th largest score of a row, by halving                        k = 4
///     scores   .1      .2      .4 .4 .4            .7        .9
///              |limit              middle .5             upper|        above it: .7 .9, fewer than 4
///              |limit  middle .25 upper|                               above it: 5, at least 4
///                              limit = upper = .4: the 4th largest, larger 2, so that 4 - 2 = 2 of the ties are kept
///
///   one tree of 5 steps joins the 32 items of all 8 rows at once:  low, high, tally [8, 32] -> [8, 1]
/// ```
/// Both ends always are scores of the row, so that halving ends with the exact one, however close the scores are.
/// Meanwhile the scores lie where the keys were in local memory, if they fit. The rows of a group halve in step, since
/// all items must reach all barriers; the slowest row says when it is over.
///
/// | local memory  | elements   | holds                                                                   |
/// |---------------|------------|-------------------------------------------------------------------------|
/// | `tile`        | 256 * 33   | a slice of the keys, item by item; later scores of 8 rows, up to 1,024  |
/// | `query`       | 32 * 8     | a slice of the queries, transposed                                      |
/// | `low`, `high` | 256 each   | of each item, the smallest and the largest score that may still be it   |
/// | `tally`       | 256 ints   | of each item, how many scores are above; later how many blocks it keeps |
/// | `going`       | 8 ints     | whether a row still halves                                              |
///
/// ## Formula
///   keep[h, i, j]: fewer than k causal blocks of row i have a larger score than j, or the same and a lower index
/// ## Cost
///   H*N*N*E flops for the scores, then some 15 passes over each row; 38 KB of local memory. For 512 blocks of 8 heads
///   on an H200 0.093 ms at `E = 64` and 0.132 ms at 128. Tiles of 256 keys are no faster than tiles of 128.
/// ## Versions
///   `reference` plain loops over given scores · `list` eight rows to a group
///
/// One long method: local arrays do not go to helpers (docs/kernels.md, traps).
public final class TopSelection {

    private TopSelection() {
    }

    /// The oracle: a block is kept if fewer than `k` causal blocks of its row come before it.
    public static boolean[] reference(float[] score, int H, int N, int k, int denseLastRows, boolean keepFirst) {
        var keep = new boolean[H * N * N];
        for (int row = 0; row < H * N; row++) {
            int i = row % N;
            for (int j = 0; j <= i; j++) {
                int before = 0;
                for (int other = 0; other <= i; other++) {
                    float difference = score[row * N + other] - score[row * N + j];
                    before += difference > 0 || difference == 0 && other < j ? 1 : 0;
                }
                keep[row * N + j] = before < k;
            }
        }
        force(keep, N, denseLastRows, keepFirst);
        return keep;
    }

    /// Lists the `p[P_TOP]` largest scores of each row, and what is forced.
    public static void list(KernelContext context, FloatArray q, FloatArray k, FloatArray numbers,
                            FloatArray scratch, IntArray start, IntArray index, IntArray p) {
        float[] low = context.allocateFloatLocalArray(ITEMS);
        float[] high = context.allocateFloatLocalArray(ITEMS);
        int[] going = context.allocateIntLocalArray(ROWS);
        // -- twin: the rows of a group --
        float[] tile = context.allocateFloatLocalArray(KEYS * PITCH);
        float[] query = context.allocateFloatLocalArray(SLICE * ROWS);
        int[] tally = context.allocateIntLocalArray(ITEMS);
        float[] next = new float[LOADS];
        float[] sum = new float[8];
        float[] best = new float[8];
        int lane = context.localIdx;
        int own = lane / LANES;
        int sub = lane % LANES;
        int heads = p.get(P_HEADS);
        int rows = p.get(P_ROWS);
        int firstRow = p.get(P_FIRST_ROW);
        int denseFrom = p.get(P_BLOCKS) - p.get(P_DENSE_LAST);
        int width = p.get(P_WIDTH);
        int stride = p.get(P_SCRATCH_STRIDE);
        int tiles = (rows + ROWS - 1) / ROWS;
        int slot = p.get(P_SCRATCH) + context.groupIdx * ROWS * stride;
        for (int at = context.groupIdx; at < heads * tiles; at += p.get(P_GROUPS)) {
            int head = at % heads;
            int top = (tiles - 1 - at / heads) * ROWS;
            int row = firstRow + TornadoMath.min(top + own, rows - 1); // behind the last row: that one again, unlisted
            int count = row + 1;
            int longest = firstRow + TornadoMath.min(top + ROWS, rows);
            // -- end of the twin --
            int most = p.get(P_TOP);
            int open = most < count ? 1 : 0; // 0: every causal block is kept
            if (row >= denseFrom) {
                open = 0;
            }
            if (TornadoMath.min(longest, denseFrom) > most) {
                // -- twin: scores --
                int queries = p.get(P_Q) + head * p.get(P_Q_STRIDE);
                int keys = p.get(P_K) + head / p.get(P_SHARE) * p.get(P_K_STRIDE);
                int part = lane / SLICE;
                int key = lane % HALF;
                int four = lane / HALF * 4;
                float scale = numbers.get(p.get(P_NUMBERS));
                int fold = p.get(P_FOLD);
                int last = p.get(P_LAST_KEY);
                for (int from = 0; from < longest; from += KEYS) {
                    for (int f = 0; f < fold; f++) {
                        for (int i = 0; i < 8; i++) {
                            sum[i] = 0.0f;
                        }
                        for (int slice = 0; slice < width; slice += SLICE) {
                            // Neighbouring items read neighbouring elements; then each item has two keys of its own.
                            // All are on their way before the first is stored.
                            int column = slice + lane % SLICE;
                            int inside = TornadoMath.min(column, width - 1);
                            for (int i = 0; i < LOADS; i++) {
                                int block = TornadoMath.min(from + part + i * ROWS, longest - 1);
                                next[i] = k.get(keys + inside + TornadoMath.min(block * fold + f, last) * width);
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
                                for (int r = 0; r < 4; r++) {
                                    float x = query[e * ROWS + four + r];
                                    sum[r] += x * a;
                                    sum[4 + r] += x * b;
                                }
                            }
                            context.localBarrier();
                        }
                        for (int i = 0; i < 8; i++) {
                            // What is NaN or infinite stays so: devices lose a NaN in comparisons but ==.
                            float seen = sum[i] * 0.0f == 0.0f ? sum[i] : Float.POSITIVE_INFINITY;
                            best[i] = f == 0 ? seen : TornadoMath.max(best[i], seen);
                        }
                    }
                    for (int r = 0; r < 4; r++) {
                        int to = slot + (four + r) * stride + from + key;
                        if (from + key < longest) {
                            scratch.set(to, best[r] * scale);
                        }
                        if (from + key + HALF < longest) {
                            scratch.set(to + HALF, best[4 + r] * scale);
                        }
                    }
                }
                // -- end of the twin --
            }
            context.globalBarrier(); // from here on items read each other's scores
            int scores = slot + own * stride;
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
                        // NaN and infinities make the largest infinite: devices lose a NaN in comparisons but ==.
                        float seen = next[i] * 0.0f == 0.0f ? next[i] : Float.POSITIVE_INFINITY;
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
            // -- the k-th largest lies in limit ... upper --
            float limit = low[own * LANES];
            float upper = high[own * LANES];
            int broken = upper > Float.MAX_VALUE ? 1 : 0; // then the row gets no list, one that ends before it begins
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
            int begin = sub * stretch(count);
            int end = broken > 0 ? begin : TornadoMath.min(begin + stretch(count), count);
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
                int keep = forced(j, row, open, p.get(P_KEEP_FIRST));
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
            // -- twin: where the list goes --
            tally[lane] = kept;
            context.localBarrier();
            int place = head * p.get(P_ROOM) + room(firstRow, row, denseFrom, p.get(P_MOST));
            int to = place;
            for (int i = 0; i < sub; i++) {
                to += tally[own * LANES + i];
            }
            if (top + own < rows) {
                if (sub == 0) {
                    start.set(p.get(P_START) + head * rows + top + own, place);
                }
                // -- end of the twin --
                passed = tie;
                for (int j = begin; j < end; j++) {
                    int keep = forced(j, row, open, p.get(P_KEEP_FIRST));
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
                    // -- twin: the list --
                    if (keep > 0) {
                        index.set(p.get(P_INDEX) + to, j);
                        to++;
                    }
                }
                if (sub == LANES - 1) {
                    start.set(p.get(P_START) + (heads + head) * rows + top + own, to - broken);
                }
            }
            context.globalBarrier(); // the next rows take the place of these, in scratch
            // -- end of the twin --
            context.localBarrier(); // and in local memory
        }
    }
}
