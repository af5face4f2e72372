package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.AsyncCopy;
import seer.warp.Occupancy;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of block-sparse causal attention on tensor cores from Ampere on: bf16 in, fp32 sums, a warp by itself.
///
/// ## Shapes
/// | buffer         | shape                     | type | direction   | note                               |
/// |----------------|---------------------------|------|-------------|------------------------------------|
/// | `q`, `dq`      | `[H, T, D]` in [Tiles]    | bf16 | in, out     | `D` 64 or 128, blocks of 64 or 128 |
/// | `k`, `v`       | `[G, T, D]` in [Tiles]    | bf16 | in          |                                    |
/// | `sums`         | as [KeySlopes] reads them | f32  | out         |                                    |
/// | `out`, `dO`    | `[T, H * D]` in [Tiles]   | bf16 | in          |                                    |
/// | `lse`, `delta` | `[H, T]`                  | f32  | in, between |                                    |
///
/// What is read is finite in rows beyond `T`, up to whole tiles; `dq` is zero there. Places of `p`, lists and their
/// parts are those of [BlockSparseAttentionBackward], but that first elements are first ints, and strides of heads are
/// rows of tiles. `keys` leaves sums of parts, which [KeySlopes] adds up, `queries` those of the last rows, in `room`,
/// which [LongRows] adds up.
///
/// ## Tile
/// ```text
///   queries: a group = 64 queries of a head                           keys: a group = 64 keys and a part of their list
///            a warp = 16 of them, Q and dO in registers                     a warp = 16 of them, K and V in registers
///            tiles of K and V pass                                          tiles of Q and dO pass
///
///   s = Q K^T       16 x 32 in registers, at D = 128 16 x 16          s = K Q^T: keys are the rows, so that p and ds
///   ds = p (dO V^T - delta)   packed as it stands: first factor       are the first factors of what is added to dk
///   dq += ds K      K transposed on the way from local memory         and dv
/// ```
/// Two stages of local memory alternate: one comes while the other is multiplied. A row beyond `T` has a log-sum-exp of
/// 1e30, so that it weighs 0.
/// ## Formula
///   as [BlockSparseAttentionBackward]; scores are multiplied by log2(e) / sqrt(D) and powers are of two
/// ## Cost
///   14*B^2*D flops per kept block and head, seven products of a tile: 64 * 64 * D * 4 bytes of local memory read for
///   each 32 * 64 * 64 * D flops
/// ## Versions
///   reference: [BlockSparseAttentionBackward#reference] · `queries`, `keys` · [BlockSparseAttentionBackward] in fp32
public final class BlockSparseAttentionBackwardMma {
    public static final int ITEMS = 128;
    /// Queries or keys of a group.
    public static final int ROWS = 64;

    private static final float LOG2E = 1.4426950f;
    private static final float NOTHING = 1e30f;
    /// Ints of a stage: two matrices of 64 rows.
    private static final int STAGE = 2 * Tiles.ROW * 128;

    /// Local memory of a group.
    public static final int LOCAL_BYTES = 4 * (2 * STAGE + 4 * ROWS);

    private BlockSparseAttentionBackwardMma() { }

    /// [LongRows#groups] groups.
    public static void queries(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray out, IntArray dO,
                               FloatArray lse, FloatArray delta, IntArray dq, FloatArray room, IntArray start,
                               IntArray index, IntArray p, int H, int G, int D, int B) {
        Occupancy.groups(2);
        int[] local = context.allocateIntLocalArray(2 * STAGE);
        int item = context.localIdx;
        int rows = p.get(BlockSparseAttentionBackward.P_ROWS);
        int tiles = (rows + 63) / 64;
        int h = LongRows.head(context.groupIdx, p, tiles, H);
        int tile = LongRows.tile(context.groupIdx, p, tiles, H);
        int part = LongRows.part(context.groupIdx, p, H);
        int list = h * ((rows + B - 1) / B) + tile / (B / Tiles.EDGE);
        int begin = p.get(BlockSparseAttentionBackward.P_INDEX)
                + start.get(p.get(BlockSparseAttentionBackward.P_START) + list);
        int end = p.get(BlockSparseAttentionBackward.P_INDEX)
                + start.get(p.get(BlockSparseAttentionBackward.P_END) + list);
        int all = BlockLists.tiles(index, begin, end, tile, B);
        int shares = LongRows.shares(all, tile, p, tiles);
        int from = LongRows.first(all, part, shares);
        int count = LongRows.first(all, part + 1, shares) - from;
        int depth = Tiles.ROW * D;
        int head = h / (H / G) * p.get(BlockSparseAttentionBackward.P_KV_STRIDE) * depth;
        int row = (item >> 5) * 16 + (item & 31) / 4;
        int[] qs = new int[32];
        int[] os = new int[32];
        int[] f = new int[4];
        load(qs, q, p.get(BlockSparseAttentionBackward.P_Q)
                + (h * p.get(BlockSparseAttentionBackward.P_Q_STRIDE) + tile) * depth, row, D, item);
        load(os, dO, p.get(BlockSparseAttentionBackward.P_SLOPE) + (tile * H + h) * depth, row, D, item);
        float[] own = new float[4]; // log-sum-exps and deltas of both rows
        deltas(own, os, out, p.get(BlockSparseAttentionBackward.P_OUT) + (tile * H + h) * depth, row, D, item);
        for (int i = 0; i < 2; i++) {
            int t = tile * 64 + row + i * 8;
            own[i] = t < rows ? lse.get(p.get(BlockSparseAttentionBackward.P_LSE)
                    + h * p.get(BlockSparseAttentionBackward.P_LSE_STRIDE) + TornadoMath.min(t, rows - 1)) * LOG2E
                    : NOTHING;
            if ((item & 3) == 0 && t < rows && part == 0) {
                delta.set(p.get(BlockSparseAttentionBackward.P_DELTA) + h * rows + t, own[2 + i]);
            }
        }
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        float[] s = new float[16];
        float[] dp = new float[16];
        int[] e = new int[8];
        float[] sum = new float[64];
        TileSoftmax.clear(sum, D / 8);
        int pairs = D == 64 ? 2 : 1; // of eight keys: 32 or 16 at a time
        if (count > 0) {
            int at = head + BlockLists.tile(index, begin, from, B) * depth;
            bring(local, 0, k, p.get(BlockSparseAttentionBackward.P_K) + at, depth, item);
            bring(local, STAGE / 2, v, p.get(BlockSparseAttentionBackward.P_V) + at, depth, item);
        }
        for (int j = 0; j < count; j++) {
            int stage = (j & 1) * STAGE;
            AsyncCopy.await(0);
            context.localBarrier();
            if (j + 1 < count) {
                int at = head + BlockLists.tile(index, begin, from + j + 1, B) * depth;
                bring(local, STAGE - stage, k, p.get(BlockSparseAttentionBackward.P_K) + at, depth, item);
                bring(local, STAGE - stage + STAGE / 2, v, p.get(BlockSparseAttentionBackward.P_V) + at, depth, item);
            }
            int first = (BlockLists.tile(index, begin, from + j, B) - tile) * Tiles.EDGE;
            for (int c = 0; c < 64; c += pairs * 16) {
                scores(s, qs, f, local, stage, c, pairs, D, item);
                scores(dp, os, f, local, stage + STAGE / 2, c, pairs, D, item);
                for (int i = 0; i < pairs * 8; i++) {
                    int key = first + c + i / 4 * 8 + (item & 3) * 2 + i % 2;
                    int r = i / 2 % 2;
                    float weight = key <= row + r * 8 ? Warp.exp2(s[i] * scale * LOG2E - own[r]) : 0.0f;
                    s[i] = weight * (dp[i] - own[2 + r]);
                }
                TileSoftmax.pack(s, pairs * 2, e);
                add(sum, e, f, local, stage, c, pairs, D, item);
            }
        }
        if (shares > 1 && part < shares) {
            LongRows.put(sum, scale, room, LongRows.place(p, h, tile, tiles, part, D), row, D, item);
        } else if (part == 0) {
            store(sum, scale, dq, p.get(BlockSparseAttentionBackward.P_DQ)
                    + (h * p.get(BlockSparseAttentionBackward.P_DQ_STRIDE) + tile) * depth, rows - tile * 64, row, D,
                    item);
        }
    }

    /// Grid `[parts * (B / 64) * 128]`.
    public static void keys(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray dO, FloatArray lse,
                            FloatArray delta, FloatArray sums, IntArray parts, IntArray index, IntArray p, int H,
                            int G, int D, int B) {
        Occupancy.groups(2);
        int[] local = context.allocateIntLocalArray(2 * STAGE);
        float[] minus = context.allocateFloatLocalArray(2 * ROWS);
        float[] own = context.allocateFloatLocalArray(2 * ROWS);
        int item = context.localIdx;
        int rows = p.get(BlockSparseAttentionBackward.P_ROWS);
        int N = (rows + B - 1) / B;
        int each = B / Tiles.EDGE;
        int part = p.get(BlockSparseAttentionBackward.P_PARTS) + context.groupIdx / each * TransposedLists.PART;
        int column = TornadoMath.max(parts.get(part), 0);
        int g = column / N;
        int tile = column % N * each + context.groupIdx % each;
        int begin = p.get(BlockSparseAttentionBackward.P_INDEX);
        int visits = 0;
        if (parts.get(part) >= 0 && tile * Tiles.EDGE < rows) {
            begin += parts.get(part + 1);
            visits = (parts.get(part + 2) - parts.get(part + 1)) * each;
        }
        int there = TornadoMath.min(tile, (rows - 1) / Tiles.EDGE);
        int depth = Tiles.ROW * D;
        int at = (g * p.get(BlockSparseAttentionBackward.P_KV_STRIDE) + there) * depth;
        int row = (item >> 5) * 16 + (item & 31) / 4;
        int[] ks = new int[32];
        int[] vs = new int[32];
        int[] f = new int[4];
        load(ks, k, p.get(BlockSparseAttentionBackward.P_K) + at, row, D, item);
        load(vs, v, p.get(BlockSparseAttentionBackward.P_V) + at, row, D, item);
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        float[] s = new float[16];
        float[] dp = new float[16];
        int[] e = new int[8];
        float[] toKey = new float[64];
        float[] toValue = new float[64];
        TileSoftmax.clear(toKey, D / 8);
        TileSoftmax.clear(toValue, D / 8);
        int pairs = D == 64 ? 2 : 1; // of eight queries: 32 or 16 at a time
        for (int j = -1; j < visits; j++) { // before the first visit, its rows are only asked for
            AsyncCopy.await(0);
            context.localBarrier();
            if (j + 1 < visits) {
                int listed = index.get(begin + (j + 1) / each);
                int next = listed % N * each + (j + 1) % each;
                visit(local, (j + 1 & 1) * STAGE, q, dO, p, listed / N, next, H, depth, item);
                if (item < ROWS) {
                    int t = next * Tiles.EDGE + item;
                    int last = TornadoMath.min(t, rows - 1);
                    float sum = lse.get(p.get(BlockSparseAttentionBackward.P_LSE)
                            + listed / N * p.get(BlockSparseAttentionBackward.P_LSE_STRIDE) + last) * LOG2E;
                    minus[(j + 1 & 1) * ROWS + item] = t < rows ? sum : NOTHING;
                    own[(j + 1 & 1) * ROWS + item] = delta.get(p.get(BlockSparseAttentionBackward.P_DELTA)
                            + listed / N * rows + last);
                }
            }
            if (j < 0) {
                continue;
            }
            int stage = (j & 1) * STAGE;
            int first = (index.get(begin + j / each) % N * each + j % each - tile) * Tiles.EDGE;
            for (int c = 0; c < 64; c += pairs * 16) {
                scores(s, ks, f, local, stage, c, pairs, D, item);
                scores(dp, vs, f, local, stage + STAGE / 2, c, pairs, D, item);
                for (int i = 0; i < pairs * 8; i++) {
                    int query = c + i / 4 * 8 + (item & 3) * 2 + i % 2;
                    float seen = minus[(j & 1) * ROWS + query];
                    s[i] = first + query >= row + i / 2 % 2 * 8 ? Warp.exp2(s[i] * scale * LOG2E - seen) : 0.0f;
                    dp[i] = s[i] * (dp[i] - own[(j & 1) * ROWS + query]);
                }
                TileSoftmax.pack(s, pairs * 2, e);
                add(toValue, e, f, local, stage + STAGE / 2, c, pairs, D, item);
                TileSoftmax.pack(dp, pairs * 2, e);
                add(toKey, e, f, local, stage, c, pairs, D, item);
            }
        }
        if (visits > 0) {
            int to = p.get(BlockSparseAttentionBackward.P_SUMS) + context.groupIdx * 2 * ROWS * D;
            LongRows.put(toKey, scale, sums, to, row, D, item);
            LongRows.put(toValue, 1.0f, sums, to + ROWS * D, row, D, item);
        }
    }

    /// Starts the copy of 64 queries and their slopes.
    ///
    /// @param tile of queries; one behind the text, of a block that is not full, is the last one again
    private static void visit(int[] local, int stage, IntArray q, IntArray dO, IntArray p, int h, int tile, int H,
                              int depth, int item) {
        int there = TornadoMath.min(tile, (p.get(BlockSparseAttentionBackward.P_ROWS) - 1) / Tiles.EDGE);
        bring(local, stage, q, p.get(BlockSparseAttentionBackward.P_Q)
                + (h * p.get(BlockSparseAttentionBackward.P_Q_STRIDE) + there) * depth, depth, item);
        bring(local, stage + STAGE / 2, dO, p.get(BlockSparseAttentionBackward.P_SLOPE) + (there * H + h) * depth,
                depth, item);
    }

    /// Sixteen rows as the first factor of a product wants them.
    static void load(int[] to, IntArray from, int at, int row, int D, int item) {
        for (int i = 0; i < D / 4; i++) { // two rows, two columns, eight columns on
            to[i] = from.get(at + i / 16 * Tiles.INTS + Tiles.at(row + i % 2 * 8, i % 16 / 2 * 4 + (item & 3)));
        }
    }

    /// `dO . out` of both rows of an item: four items have a row together.
    private static void deltas(float[] own, int[] os, IntArray out, int at, int row, int D, int item) {
        float[] sums = new float[2];
        sums[0] = 0.0f;
        sums[1] = 0.0f;
        for (int i = 0; i < D / 4; i++) {
            int there = out.get(at + i / 16 * Tiles.INTS + Tiles.at(row + i % 2 * 8, i % 16 / 2 * 4 + (item & 3)));
            sums[i % 2] = sums[i % 2] + Warp.low(os[i]) * Warp.low(there) + Warp.high(os[i]) * Warp.high(there);
        }
        for (int r = 0; r < 2; r++) {
            float half = sums[r] + Warp.exchange(sums[r], 1);
            own[2 + r] = half + Warp.exchange(half, 2);
        }
    }

    /// Starts the copy of `ints` ints, all items together.
    private static void bring(int[] local, int to, IntArray source, int from, int ints, int item) {
        for (int i = 0; i < ints / 4 / ITEMS; i++) {
            AsyncCopy.copy(local, to + (i * ITEMS + item) * 4, source, from + (i * ITEMS + item) * 4);
        }
        AsyncCopy.commit();
    }

    /// `s = X Y^T` for rows `c ... c + 16 * pairs` of the tile at `from`. A load brings eight rows and 32 columns.
    private static void scores(float[] s, int[] xs, int[] f, int[] local, int from, int c, int pairs, int D, int item) {
        int row = item & 7;
        int chunk = item >> 3 & 3;
        TileSoftmax.clear(s, pairs * 2);
        for (int i = 0; i < D / 32; i++) {
            for (int b = 0; b < pairs * 2; b++) {
                int at = from + i / 2 * Tiles.INTS + (c + b * 8 + row) * Tiles.ROW;
                Warp.load4(local, at + ((i % 2 * 4 + chunk ^ row) << 2), f, 0);
                Warp.multiplyAdd(s, b * 4, xs, i * 8, f, 0);
                Warp.multiplyAdd(s, b * 4, xs, i * 8 + 4, f, 2);
            }
        }
    }

    /// `sum += E Y`, 16 x D, over rows `c ... c + 16 * pairs` of the tile at `from`. A load brings sixteen rows and
    /// sixteen columns, transposed.
    private static void add(float[] sum, int[] e, int[] f, int[] local, int from, int c, int pairs, int D, int item) {
        int row = (item >> 3 & 1) * 8 + (item & 7);
        int chunk = item >> 4 & 1;
        for (int i = 0; i < pairs; i++) {
            for (int y = 0; y < D / 16; y++) {
                Warp.load4Transposed(local, from + y / 4 * Tiles.INTS + (c + i * 16 + row) * Tiles.ROW
                        + ((y % 4 * 2 + chunk ^ row & 7) << 2), f, 0);
                Warp.multiplyAdd(sum, y * 8, e, i * 4, f, 0);
                Warp.multiplyAdd(sum, y * 8 + 4, e, i * 4, f, 2);
            }
        }
    }

    /// Writes both rows of an item, times a factor; zero where they are beyond the text.
    private static void store(float[] sum, float factor, IntArray to, int at, int rows, int row, int D, int item) {
        for (int c = 0; c < D / 8; c++) {
            int place = at + c / 8 * Tiles.INTS + Tiles.at(row, c % 8 * 4 + (item & 3));
            to.set(place, row < rows ? Warp.pack(sum[c * 4] * factor, sum[c * 4 + 1] * factor) : 0);
            to.set(place + 8 * Tiles.ROW,
                    row + 8 < rows ? Warp.pack(sum[c * 4 + 2] * factor, sum[c * 4 + 3] * factor) : 0);
        }
    }
}
