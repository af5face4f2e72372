package seer.kernels.gate;

import static seer.kernels.gate.BlockSelection.P_BLOCKS;
import static seer.kernels.gate.BlockSelection.P_DENSE_LAST;
import static seer.kernels.gate.BlockSelection.P_FIRST_ROW;
import static seer.kernels.gate.BlockSelection.P_GROUPS;
import static seer.kernels.gate.BlockSelection.P_HEADS;
import static seer.kernels.gate.BlockSelection.P_INDEX;
import static seer.kernels.gate.BlockSelection.P_K;
import static seer.kernels.gate.BlockSelection.P_KEEP_FIRST;
import static seer.kernels.gate.BlockSelection.P_K_STRIDE;
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
import static seer.kernels.gate.BlockSelection.WARP_ITEMS;
import static seer.kernels.gate.BlockSelection.forced;
import static seer.kernels.gate.BlockSelection.room;
import static seer.kernels.gate.RowScores.HELD;
import static seer.kernels.gate.RowScores.PAGE;
import static seer.kernels.gate.RowScores.PART;
import static seer.kernels.gate.RowScores.PITCH;
import static seer.kernels.gate.RowScores.ROWS;
import static seer.kernels.gate.RowScores.SEGMENT;
import static seer.kernels.gate.RowScores.SLICE;
import static seer.kernels.gate.RowScores.WARPS;

import seer.warp.Occupancy;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// [TopSelection] by warps: scores of 32 rows by tensor cores, then a row's are in the registers of a warp.
///
/// ## Shapes
/// Buffers and `p` are those of [BlockSelection], but for 32 rows of `scratch` a group.
///
/// ## Tile
/// ```text
///   group g takes 32 rows of one head, the longest first; then g + groups, ...                     512 items
///
///   scores: warp w does keys 16 w ... 16 w + 15, then 256 further on, against all 32 rows, into scratch
///   row r = warp r % 16:  lane i has scores i, i + 32, ... in registers
///     limit:   how many are above the middle of what is left? a count of 64 registers, five exchanges; about 12 times
///     list:    32 neighbours at once: a ballot tells who keeps, and how many lanes below do
///
///       lane     0  1  2  3  4  5  6  7         kept so far 10: block 34 is entry 10, 37 is 11, 38 is 12
///       block   32 33 34 35 36 37 38 39
///       keep     .  .  x  .  .  x  x  .
/// ```
/// | local memory | elements    | holds                                                        |
/// |--------------|-------------|--------------------------------------------------------------|
/// | `parts`      | 3 * 32 * 68 | 128 columns of the queries in three parts, see [RowScores]   |
///
/// ## Formula
///   keep[h, i, j]: fewer than k causal blocks of row i have a larger score than j, or the same and a lower index
/// ## Cost
///   12*H*N*N*E/2 flops of tensor cores; each group reads the keys before it once. Some 12 passes over registers.
/// ## Versions
///   reference: [TopSelection#reference] · `list`; regions that it shares with [ThresholdSelectionWarps] are twins
public final class TopSelectionWarps {

    /// Local memory of a group.
    public static final int LOCAL_BYTES = 3 * PART * Integer.BYTES;

    private TopSelectionWarps() { }

    /// Grid `[groups]`, 512 items.
    public static void list(KernelContext context, FloatArray q, FloatArray k, FloatArray numbers,
                            FloatArray scratch, IntArray start, IntArray index, IntArray p) {
        // -- twin: rows of a group, a warp each --
        Occupancy.groups(1);
        int[] parts = context.allocateIntLocalArray(3 * PART);
        float[] x = new float[HELD];
        int item = context.localIdx;
        int warp = item / Warp.LANES;
        int lane = item % Warp.LANES;
        int heads = p.get(P_HEADS);
        int rows = p.get(P_ROWS);
        int firstRow = p.get(P_FIRST_ROW);
        int denseFrom = p.get(P_BLOCKS) - p.get(P_DENSE_LAST);
        int width = p.get(P_WIDTH);
        int stride = p.get(P_SCRATCH_STRIDE);
        int keepFirst = p.get(P_KEEP_FIRST);
        int below = (1 << lane) - 1; // lanes
        int tiles = (rows + ROWS - 1) / ROWS;
        int slot = p.get(P_SCRATCH) + context.groupIdx * ROWS * stride;
        for (int at = context.groupIdx; at < heads * tiles; at += p.get(P_GROUPS)) {
            int head = at % heads;
            int top = (tiles - 1 - at / heads) * ROWS;
            int longest = firstRow + TornadoMath.min(top + ROWS, rows);
            // -- end of the twin --
            int most = p.get(P_TOP);
            if (TornadoMath.min(longest, denseFrom) > most) {
                // -- twin: scores by products --
                int queries = p.get(P_Q) + head * p.get(P_Q_STRIDE);
                for (int slice = 0; slice < width; slice += SLICE) {
                    for (int unit = item; unit < ROWS * SLICE / 2; unit += WARP_ITEMS) {
                        int from = queries + TornadoMath.min(top + unit / (SLICE / 2), rows - 1) * width;
                        int column = slice + unit % (SLICE / 2) * 2;
                        float a = column < width ? q.get(from + TornadoMath.min(column, width - 1)) : 0;
                        float b = column + 1 < width ? q.get(from + TornadoMath.min(column + 1, width - 1)) : 0;
                        int to = unit / (SLICE / 2) * PITCH + RowScores.place(unit % (SLICE / 2));
                        for (int part = 0; part < 3; part++) {
                            int both = Warp.pack(a, b);
                            parts[part * PART + to] = both;
                            a = a - Warp.low(both);
                            b = b - Warp.high(both);
                        }
                    }
                    context.localBarrier();
                    RowScores.score(parts, k, p.get(P_K) + head / p.get(P_SHARE) * p.get(P_K_STRIDE), width, longest,
                            slice, scratch, slot, stride, numbers.get(p.get(P_NUMBERS)), item);
                    context.localBarrier(); // the next slice takes the place of this one
                }
                // -- end of the twin --
            }
            // -- twin: a row of the warp --
            context.globalBarrier(); // from here on a warp reads its rows' scores, which others computed
            for (int own = warp; own < ROWS; own += WARPS) {
                int row = firstRow + TornadoMath.min(top + own, rows - 1); // behind the last: that one again, unlisted
                int count = row + 1;
                int scores = slot + own * stride;
                int listed = top + own < rows ? 1 : 0;
                // -- end of the twin --
                int open = most < count && row < denseFrom ? 1 : 0; // 0: every causal block is kept
                float limit = 0; // blocks above it are kept,
                int ties = 0; // and so many of those that equal it
                int broken = 0;
                if (open > 0) {
                    float lower = Float.POSITIVE_INFINITY;
                    float upper = Float.NEGATIVE_INFINITY;
                    for (int page = 0; page < count; page += PAGE) {
                        RowScores.load(x, scratch, scores + page, count - page, lane);
                        lower = RowScores.smallest(x, lower, count - page, lane);
                        upper = RowScores.largest(x, upper, count - page, lane);
                    }
                    lower = -RowScores.most(-lower);
                    upper = RowScores.most(upper);
                    broken = upper > Float.MAX_VALUE ? 1 : 0;
                    // -- fewer than k are above `upper`, more above `lower` unless that is the smallest --
                    int apart = 1 - broken;
                    while (apart > 0) {
                        float middle = lower * 0.5f + upper * 0.5f;
                        if (middle <= lower) {
                            middle = lower;
                        }
                        if (middle >= upper) {
                            middle = lower;
                        }
                        int above = 0;
                        for (int page = 0; page < count; page += PAGE) {
                            if (count > PAGE) {
                                RowScores.load(x, scratch, scores + page, count - page, lane);
                            }
                            above += RowScores.above(x, middle, count - page);
                        }
                        above = RowScores.total(above);
                        limit = middle;
                        ties = most - above;
                        if (middle == lower) { // the k-th largest is `lower`, or the next float, which is `upper`
                            apart = 0;
                        }
                        if (ties == 0) {
                            apart = 0;
                        } else if (ties > 0) {
                            upper = middle;
                        } else {
                            lower = middle;
                        }
                    }
                    // -- too many: those that equal `upper` are the last ones --
                    if (ties < 0) {
                        limit = upper;
                        int above = 0;
                        for (int page = 0; page < count; page += PAGE) {
                            if (count > PAGE) {
                                RowScores.load(x, scratch, scores + page, count - page, lane);
                            }
                            above += RowScores.above(x, limit, count - page);
                        }
                        ties = most - RowScores.total(above);
                    }
                }
                int passed = 0;
                // -- twin: the list of a row --
                int place = p.get(P_INDEX) + head * p.get(P_ROOM) + room(firstRow, row, denseFrom, p.get(P_MOST));
                int kept = 0;
                for (int page = 0; page < count; page += PAGE) {
                    if (open > 0 && count > PAGE) {
                        RowScores.load(x, scratch, scores + page, count - page, lane);
                    }
                    for (int s = 0; s < HELD / SEGMENT && page + s * SEGMENT * Warp.LANES < count; s++) {
                        for (int i = s * SEGMENT; i < s * SEGMENT + SEGMENT; i++) {
                            int j = page + i * Warp.LANES + lane;
                            int keep = forced(j, row, open, keepFirst);
                            // -- end of the twin --
                            if (open > 0) {
                                keep += x[i] > limit ? 1 : 0;
                            }
                            if (ties > 0) { // mostly not: then nothing that equals the limit is kept
                                int equal = Warp.ballot(x[i] == limit ? 1 : 0);
                                int before = passed + Integer.bitCount(equal & below);
                                if (x[i] == limit) {
                                    keep += before < ties ? 1 : 0;
                                }
                                passed += Integer.bitCount(equal);
                            }
                            keep = keep > 0 ? 1 : 0;
                            // -- twin: a block of the list --
                            keep = j < count ? keep * (1 - broken) : 0;
                            int all = Warp.ballot(keep);
                            if (keep * listed > 0) {
                                index.set(place + kept + Integer.bitCount(all & below), j);
                            }
                            kept += Integer.bitCount(all);
                        }
                    }
                }
                if (lane == 0 && listed > 0) { // a broken row gets no list: one that ends before it begins
                    int list = p.get(P_START) + head * rows + top + own;
                    start.set(list, place - p.get(P_INDEX));
                    start.set(list + heads * rows, place - p.get(P_INDEX) + kept - broken);
                }
            }
            context.globalBarrier(); // the next rows take the place of these, in scratch
            // -- end of the twin --
        }
    }
}
