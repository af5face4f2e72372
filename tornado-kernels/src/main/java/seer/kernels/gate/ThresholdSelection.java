package seer.kernels.gate;

import static seer.kernels.gate.BlockSelection.HALF;
import static seer.kernels.gate.BlockSelection.ITEMS;
import static seer.kernels.gate.BlockSelection.KEYS;
import static seer.kernels.gate.BlockSelection.LANES;
import static seer.kernels.gate.BlockSelection.LOADS;
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
import static seer.kernels.gate.BlockSelection.P_SIGMOID;
import static seer.kernels.gate.BlockSelection.P_START;
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

/// The blocks of each row above its head's threshold: as many as it takes.
///
/// ## Shapes
/// Buffers and `p` are those of [BlockSelection]; the threshold of head `h` is `numbers[1 + h]`.
///
/// ## Tile
/// ```text
///   scratch, one row of 8            32 items, each a column of every 32           partial [8, 32]
///     score       [ s0 s1 s2 ... ]   item i reads s[i], s[i + 32], ...      max -> tree of 5 steps -> largest
///     probability [ e0 e1 e2 ... ]   written where the score was            sum -> tree of 5 steps -> sum
///     list        [ 0 . 2 3 . .. ]   item i reads a stretch: other items' probabilities, hence the global barrier
/// ```
/// Scores become probabilities where they lie; a softmax leaves out the division, which the comparison makes up for.
///
/// | local memory | elements   | holds                                             |
/// |--------------|------------|---------------------------------------------------|
/// | `tile`       | 256 * 33   | a slice of the keys, item by item                 |
/// | `query`      | 32 * 8     | a slice of the queries, transposed                |
/// | `partial`    | 256        | of each item, the largest of its scores; their sum |
/// | `tally`      | 256 ints   | of each item, how many blocks of its stretch it keeps |
///
/// ## Formula
///   keep[h, i, j]: e^(s[j] - max s) / sum of them > threshold[h], strictly; or 1 / (1 + e^-s[j]) > threshold[h]
/// ## Cost
///   H*N*N*E flops for the scores, then 2 passes over each row; 37 KB of local memory.
/// ## Versions
///   `reference` plain loops over given probabilities · `list` eight rows to a group
///
/// One long method: local arrays do not go to helpers (docs/kernels.md, traps).
public final class ThresholdSelection {

    private ThresholdSelection() {
    }

    /// The oracle.
    ///
    /// @param threshold of each head
    public static boolean[] reference(float[] probability, int H, int N, float[] threshold, int denseLastRows,
                                      boolean keepFirst) {
        var keep = new boolean[H * N * N];
        for (int row = 0; row < H * N; row++) {
            for (int j = 0; j <= row % N; j++) {
                keep[row * N + j] = probability[row * N + j] > threshold[row / N];
            }
        }
        force(keep, N, denseLastRows, keepFirst);
        return keep;
    }

    /// Lists the blocks of each row whose probability is above its head's threshold, and what is forced.
    public static void list(KernelContext context, FloatArray q, FloatArray k, FloatArray numbers,
                            FloatArray scratch, IntArray start, IntArray index, IntArray p) {
        float[] partial = context.allocateFloatLocalArray(ITEMS);
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
            int open = row < denseFrom ? 1 : 0; // 0: every causal block is kept
            if (longest - ROWS < denseFrom) {
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
            // -- the largest --
            float largest = Float.NEGATIVE_INFINITY;
            if (open > 0) {
                for (int j = sub; j < count; j += LANES) {
                    // NaN and infinities make the largest infinite: devices lose a NaN in comparisons but ==.
                    float score = scratch.get(scores + j);
                    largest = TornadoMath.max(largest, score * 0.0f == 0.0f ? score : Float.POSITIVE_INFINITY);
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
            float all = 0;
            if (open > 0) {
                for (int j = sub; j < count; j += LANES) {
                    float score = scratch.get(scores + j);
                    if (p.get(P_SIGMOID) != 0) {
                        scratch.set(scores + j, 1 / (1 + TornadoMath.exp(-score)));
                    } else {
                        float e = TornadoMath.exp(score - largest);
                        scratch.set(scores + j, e);
                        all += e;
                    }
                }
            }
            partial[lane] = all;
            context.globalBarrier(); // from here on items read each other's probabilities
            context.localBarrier(); // and each other's sums: a barrier orders one of the two memories
            for (int step = LANES / 2; step > 0; step = step / 2) {
                if (sub < step) {
                    partial[lane] = partial[lane] + partial[lane + step];
                }
                context.localBarrier();
            }
            all = p.get(P_SIGMOID) != 0 ? 1.0f : partial[own * LANES];
            float threshold = numbers.get(p.get(P_NUMBERS) + 1 + head);
            // -- kept blocks of a stretch --
            int begin = sub * stretch(count);
            int end = broken > 0 ? begin : TornadoMath.min(begin + stretch(count), count);
            int kept = 0;
            for (int j = begin; j < end; j++) {
                int keep = forced(j, row, open, p.get(P_KEEP_FIRST));
                if (open > 0) {
                    keep += scratch.get(scores + j) / all > threshold ? 1 : 0;
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
                for (int j = begin; j < end; j++) {
                    int keep = forced(j, row, open, p.get(P_KEEP_FIRST));
                    if (open > 0) {
                        keep += scratch.get(scores + j) / all > threshold ? 1 : 0;
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
        }
    }
}
