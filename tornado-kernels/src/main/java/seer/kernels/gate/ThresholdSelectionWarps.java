package seer.kernels.gate;

import static seer.kernels.gate.BlockSelection.HALF;
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
import static seer.kernels.gate.BlockSelection.forced;
import static seer.kernels.gate.BlockSelection.room;
import static seer.kernels.gate.BlockSelection.stretch;

import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// [ThresholdSelection] where lanes of a warp exchange registers: a row is a warp's, and warps wait for each other only
/// where one reads what another stored.
///
/// ## Shapes
/// Buffers and `p` are those of [BlockSelection]; the threshold of head `h` is `numbers[1 + h]`.
///
/// ## Tile
/// ```text
///   scores: as in ThresholdSelection, all 256 items together
///   row r = warp r:  lane i reads s[i], s[i + 32], ...    largest and sum: five exchanges each, no barrier
///                    lane i lists a stretch of neighbours: other lanes' probabilities, hence the global barrier
/// ```
/// | local memory | elements | holds                               |
/// |--------------|----------|-------------------------------------|
/// | `tile`       | 256 * 33 | a slice of the keys, item by item   |
/// | `query`      | 32 * 8   | a slice of the queries, transposed  |
///
/// ## Formula
///   keep[h, i, j]: e^(s[j] - max s) / sum of them > threshold[h], strictly; or 1 / (1 + e^-s[j]) > threshold[h]
/// ## Cost
///   H*N*N*E flops for the scores, then 2 passes over each row.
/// ## Versions
///   reference: [ThresholdSelection#reference] · `list`; regions that it shares with [TopSelectionWarps] are twins
public final class ThresholdSelectionWarps {

    private ThresholdSelectionWarps() { }

    /// Grid `[groups]`, 256 items, a warp to a row once the scores are there.
    public static void list(KernelContext context, FloatArray q, FloatArray k, FloatArray numbers,
                            FloatArray scratch, IntArray start, IntArray index, IntArray p) {
        // -- twin: rows of a group, a warp each --
        float[] tile = context.allocateFloatLocalArray(KEYS * PITCH);
        float[] query = context.allocateFloatLocalArray(SLICE * ROWS);
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
            int begin = sub * stretch(count);
            int end = TornadoMath.min(begin + stretch(count), count);
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
            context.globalBarrier(); // from here on a warp reads its row's scores, which others computed
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
            for (int mask = 1; mask < LANES; mask = mask * 2) {
                largest = TornadoMath.max(largest, Warp.exchange(largest, mask));
            }
            int broken = largest > Float.MAX_VALUE ? 1 : 0; // then the row gets no list, one that ends before it begins
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
            for (int mask = 1; mask < LANES; mask = mask * 2) {
                all = all + Warp.exchange(all, mask);
            }
            all = p.get(P_SIGMOID) != 0 ? 1.0f : all;
            context.globalBarrier(); // from here on a lane reads probabilities of a stretch, which other lanes stored
            float threshold = numbers.get(p.get(P_NUMBERS) + 1 + head);
            // -- kept blocks of a stretch --
            if (broken > 0) {
                end = begin;
            }
            int kept = 0;
            for (int j = begin; j < end; j++) {
                int keep = forced(j, row, open, p.get(P_KEEP_FIRST));
                if (open > 0) {
                    keep += scratch.get(scores + j) / all > threshold ? 1 : 0;
                }
                kept += keep > 0 ? 1 : 0;
            }
            // -- twin: where a lane's part of the list goes --
            int before = 0;
            int together = kept;
            for (int mask = 1; mask < LANES; mask = mask * 2) {
                int others = Warp.exchangeInt(together, mask);
                before += (sub & mask) > 0 ? others : 0; // of the lanes below
                together += others;
            }
            int place = head * p.get(P_ROOM) + room(firstRow, row, denseFrom, p.get(P_MOST));
            int to = place + before;
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
                    // -- twin: a lane's part of the list --
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
