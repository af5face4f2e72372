package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.AsyncCopy;
import seer.warp.Occupancy;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// [RestAttention] on tensor cores from Ampere on: bf16 in, fp32 sums.
///
/// ## Shapes
/// | buffer           | shape                       | type | direction | note                                        |
/// |------------------|-----------------------------|------|-----------|---------------------------------------------|
/// | `q`              | `[H, T, D]` in [Tiles]      | bf16 | in        | as given to [BlockSparseAttentionMma]       |
/// | `k`, `v`         | `[G, n, D]` in [Tiles]      | bf16 | in        | means, finite in rows without one           |
/// | `start`, `index` | as [BlockSparseAttention]   | i32  | in        | lists of blocks of `B` = 64 or 128          |
/// | `out`            | `[T, H * D]` in [Tiles]     | bf16 | in, out   | attention to the listed blocks, then to all |
/// | `lse`            | `[H, T]`                    | f32  | in        | log-sum-exp over the listed blocks          |
///
/// Places of `p`: as in [BlockSparseAttentionWgmma]; `P_K`, `P_V` and `P_KV_STRIDE` are those of the means.
///
/// ## Tile
/// ```text
///   64 queries, 2 warps of 32    x    64 means at a time = S, 32 x 64 in registers of each warp
///
///   local memory   a tile of rows of K | one of V | the queries        seen: 64 bits in two registers of every lane
/// ```
/// Lists ascend, so the blocks among a step's 64 follow upon those of the step before: two entries a lane are all that
/// there can be, and what a warp has found it need not tell the other one.
/// ## Formula
///   as [RestAttention]; scores are multiplied by log2(e) / sqrt(D) and powers are of two
/// ## Cost
///   1 / B of dense attention; reads and writes `out` once
/// ## Versions
///   reference: [RestAttention#reference] · `joined`
public final class RestAttentionMma {
    /// Items of a group.
    public static final int ITEMS = 64;
    /// Rows of a group.
    public static final int ROWS = 64;
    /// Bytes of local memory of a group.
    public static final int LOCAL_BYTES = 3 * Tiles.ROW * 128 * Integer.BYTES;

    private static final float LOG2E = 1.4426950f;

    private RestAttentionMma() { }

    /// Joins the means into `out`. Grid `[ceil(rows / 64) * 64, H]`.
    public static void joined(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray start, IntArray index,
                              IntArray out, FloatArray lse, IntArray p, int H, int G, int D, int B) {
        Occupancy.groups(4);
        int[] local = context.allocateIntLocalArray(3 * Tiles.ROW * 128);
        int item = context.localIdx;
        int h = context.groupIdy;
        int tileRow = (p.get(BlockSparseAttention.P_ROWS) + 63) / 64 - 1 - context.groupIdx;
        int list = h * p.get(BlockSparseAttention.P_LIST_ROWS) + tileRow / (B / Tiles.EDGE);
        int at = p.get(BlockSparseAttention.P_INDEX) + start.get(p.get(BlockSparseAttention.P_START) + list);
        int end = p.get(BlockSparseAttention.P_INDEX) + start.get(p.get(BlockSparseAttention.P_END) + list);
        int blocks = (p.get(BlockSparseAttention.P_OFFSET) / Tiles.EDGE + tileRow) / (B / Tiles.EDGE);
        int count = (blocks + Tiles.EDGE - 1) / Tiles.EDGE;
        int depth = Tiles.ROW * D;
        int kHead = p.get(BlockSparseAttention.P_K) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int vHead = p.get(BlockSparseAttention.P_V) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int upper = (item >> 5) * 32; // the warp's first row
        int row = upper + (item & 31) / 4;
        float scale = LOG2E / TornadoMath.sqrt((float) D);
        float[] s0 = new float[32];
        float[] s1 = new float[32];
        float[] o0 = new float[64];
        float[] o1 = new float[64];
        int[] e0 = new int[16];
        int[] e1 = new int[16];
        float[] rows0 = new float[6];
        float[] rows1 = new float[6];
        int[] a = new int[8];
        int[] f = new int[4];
        int[] seen = new int[2];
        TileSoftmax.clear(o0, D / 8);
        TileSoftmax.clear(o1, D / 8);
        TileSoftmax.begin(rows0);
        TileSoftmax.begin(rows1);
        if (count > 0) {
            BlockSparseAttentionMma.bring(local, 2 * depth, q, p.get(BlockSparseAttention.P_Q)
                    + (h * p.get(BlockSparseAttention.P_Q_STRIDE) + tileRow) * depth, depth, item, ITEMS);
            BlockSparseAttentionMma.bring(local, 0, k, kHead, depth, item, ITEMS);
        }
        for (int j = 0; j < count; j++) {
            // -- scores, while the values come --
            AsyncCopy.commit();
            AsyncCopy.await(0);
            context.localBarrier();
            BlockSparseAttentionMma.bring(local, depth, v, vHead + j * depth, depth, item, ITEMS);
            AsyncCopy.commit();
            at += listed(seen, index, at, end, j * Tiles.EDGE, item);
            BlockSparseAttentionMma.scores(s0, s1, a, f, local, 2 * depth + upper * Tiles.ROW, 0, D, item);
            // -- softmax, while the next keys come --
            AsyncCopy.await(0);
            context.localBarrier();
            if (j + 1 < count) {
                BlockSparseAttentionMma.bring(local, 0, k, kHead + (j + 1) * depth, depth, item, ITEMS);
            }
            hide(s0, s1, seen, blocks - j * Tiles.EDGE, item);
            TileSoftmax.absorb(s0, 8, rows0, scale, e0);
            TileSoftmax.absorb(s1, 8, rows1, scale, e1);
            if (TileSoftmax.raised(rows0, rows1)) {
                TileSoftmax.shrink(o0, D / 8, rows0);
                TileSoftmax.shrink(o1, D / 8, rows1);
            }
            BlockSparseAttentionMma.values(o0, o1, e0, e1, f, local, depth, D, item);
        }
        // -- join --
        int sums = p.get(BlockSparseAttention.P_LSE) + h * p.get(BlockSparseAttention.P_LSE_STRIDE);
        int t = tileRow * Tiles.EDGE + row;
        int to = p.get(BlockSparseAttention.P_OUT) + (tileRow * H + h) * depth;
        join(o0, rows0, scale, lse, sums, t, p.get(BlockSparseAttention.P_ROWS), out, to, row, D, B, item);
        join(o1, rows1, scale, lse, sums, t + 16, p.get(BlockSparseAttention.P_ROWS), out, to, row + 16, D, B, item);
    }

    /// Which of 64 blocks from `first` on stand in a list that goes on at `at`, and how many.
    private static int listed(int[] seen, IntArray index, int at, int end, int first, int item) {
        int lane = item & 31;
        int even = at + lane < end ? index.get(at + lane) - first : Tiles.EDGE;
        int odd = at + 32 + lane < end ? index.get(at + 32 + lane) - first : Tiles.EDGE;
        int low = (even < 32 ? 1 << even : 0) | (odd < 32 ? 1 << odd : 0);
        int high = (even >= 32 && even < 64 ? 1 << even - 32 : 0) | (odd >= 32 && odd < 64 ? 1 << odd - 32 : 0);
        for (int mask = 1; mask < 32; mask *= 2) {
            low |= Warp.exchangeInt(low, mask);
            high |= Warp.exchangeInt(high, mask);
        }
        seen[0] = low;
        seen[1] = high;
        return Integer.bitCount(low) + Integer.bitCount(high);
    }

    /// Hides what has been seen, and from the first block on that is not behind the queries.
    private static void hide(float[] s0, float[] s1, int[] seen, int behind, int item) {
        for (int c = 0; c < 8; c++) {
            int column = c * 8 + (item & 3) * 2;
            int bits = seen[c / 4] >> column % 32;
            boolean even = column < behind && (bits & 1) == 0;
            boolean odd = column + 1 < behind && (bits & 2) == 0;
            s0[c * 4] = even ? s0[c * 4] : TileSoftmax.HIDDEN;
            s0[c * 4 + 1] = odd ? s0[c * 4 + 1] : TileSoftmax.HIDDEN;
            s0[c * 4 + 2] = even ? s0[c * 4 + 2] : TileSoftmax.HIDDEN;
            s0[c * 4 + 3] = odd ? s0[c * 4 + 3] : TileSoftmax.HIDDEN;
            s1[c * 4] = even ? s1[c * 4] : TileSoftmax.HIDDEN;
            s1[c * 4 + 1] = odd ? s1[c * 4 + 1] : TileSoftmax.HIDDEN;
            s1[c * 4 + 2] = even ? s1[c * 4 + 2] : TileSoftmax.HIDDEN;
            s1[c * 4 + 3] = odd ? s1[c * 4 + 3] : TileSoftmax.HIDDEN;
        }
    }

    /// Joins sixteen rows of a warp, two of an item.
    private static void join(float[] o, float[] rows, float scale, FloatArray lse, int sums, int t, int used,
                             IntArray out, int to, int row, int D, int B, int item) {
        TileSoftmax.finish(rows);
        float share0 = share(lse, sums, t, used, rows[0], rows[2], scale, (float) B);
        float share1 = share(lse, sums, t + 8, used, rows[1], rows[3], scale, (float) B);
        TileSoftmax.join(o, D / 8, rows, share0, share1, out, to, row, item);
    }

    /// What a row's means weigh beside its listed blocks, 0 for a row that is not in use.
    private static float share(FloatArray lse, int at, int t, int used, float most, float sum, float scale,
                               float each) {
        float chosen = lse.get(at + TornadoMath.min(t, used - 1));
        float left = most * scale / LOG2E + TornadoMath.log(sum * each);
        float share = 1.0f / (1.0f + TornadoMath.exp(chosen - left));
        return t < used && sum > 0.0f ? share : 0.0f;
    }
}
