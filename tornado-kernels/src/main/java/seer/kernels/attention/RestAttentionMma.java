package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.AsyncCopy;
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
///   64 queries, 4 warps of 16    x    64 means at a time = S, 16 x 64 in registers of each warp
///
///   local memory   a tile of rows of K | one of V | left: for each mean, whether the list lacks its block
/// ```
/// ## Formula
///   as [RestAttention]; scores are multiplied by log2(e) / sqrt(D) and powers are of two
/// ## Cost
///   1 / B of dense attention; reads and writes `out` once
/// ## Versions
///   reference: [RestAttention#reference] · `joined`
public final class RestAttentionMma {
    /// Items of a group.
    public static final int ITEMS = 128;
    /// Rows of a group.
    public static final int ROWS = 64;

    private static final float LOG2E = 1.4426950f;
    /// Where `left` begins.
    private static final int LEFT = 2 * Tiles.ROW * 128;

    /// Bytes of local memory of a group.
    public static final int LOCAL_BYTES = (LEFT + Tiles.EDGE) * Integer.BYTES;

    private RestAttentionMma() { }

    /// Joins the means into `out`. Grid `[ceil(rows / 64) * 128, H]`.
    public static void joined(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray start, IntArray index,
                              IntArray out, FloatArray lse, IntArray p, int H, int G, int D, int B) {
        int[] local = context.allocateIntLocalArray(LEFT + Tiles.EDGE);
        int item = context.localIdx;
        int h = context.groupIdy;
        int tileRow = (p.get(BlockSparseAttention.P_ROWS) + 63) / 64 - 1 - context.groupIdx;
        int list = h * p.get(BlockSparseAttention.P_LIST_ROWS) + tileRow / (B / Tiles.EDGE);
        int begin = p.get(BlockSparseAttention.P_INDEX) + start.get(p.get(BlockSparseAttention.P_START) + list);
        int end = p.get(BlockSparseAttention.P_INDEX) + start.get(p.get(BlockSparseAttention.P_END) + list);
        int blocks = (p.get(BlockSparseAttention.P_OFFSET) / Tiles.EDGE + tileRow) / (B / Tiles.EDGE);
        int count = (blocks + Tiles.EDGE - 1) / Tiles.EDGE;
        int depth = Tiles.ROW * D;
        int kHead = p.get(BlockSparseAttention.P_K) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int vHead = p.get(BlockSparseAttention.P_V) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int row = (item >> 5) * 16 + (item & 31) / 4;
        int[] qs = new int[32];
        SixteenRows.loadQueries(qs, q, p.get(BlockSparseAttention.P_Q)
                + (h * p.get(BlockSparseAttention.P_Q_STRIDE) + tileRow) * depth, row, D, item);
        float scale = LOG2E / TornadoMath.sqrt((float) D);
        float[] s = new float[32];
        float[] o = new float[64];
        int[] e = new int[16];
        int[] f = new int[4];
        TileSoftmax.clear(o, D / 8);
        float[] rows = new float[6];
        TileSoftmax.begin(rows);
        if (count > 0) {
            BlockSparseAttentionMma.bring(local, 0, k, kHead, depth, item, ITEMS);
        }
        for (int j = 0; j < count; j++) {
            // -- scores, while the values come --
            AsyncCopy.commit();
            AsyncCopy.await(0);
            context.localBarrier();
            BlockSparseAttentionMma.bring(local, depth, v, vHead + j * depth, depth, item, ITEMS);
            AsyncCopy.commit();
            if (item < Tiles.EDGE) {
                local[LEFT + item] = j * Tiles.EDGE + item < blocks ? 1 : 0;
            }
            SixteenRows.scores(s, qs, f, local, 0, D, item);
            context.localBarrier();
            for (int i = begin + item; i < end; i += ITEMS) { // strikes the listed ones out
                int listed = index.get(i) - j * Tiles.EDGE;
                if (listed >= 0 && listed < Tiles.EDGE) {
                    local[LEFT + listed] = 0;
                }
            }
            AsyncCopy.await(0);
            context.localBarrier();
            // -- softmax, while the next keys come --
            if (j + 1 < count) {
                BlockSparseAttentionMma.bring(local, 0, k, kHead + (j + 1) * depth, depth, item, ITEMS);
            }
            for (int c = 0; c < 8; c++) {
                int even = local[LEFT + c * 8 + (item & 3) * 2];
                int odd = local[LEFT + c * 8 + (item & 3) * 2 + 1];
                s[c * 4] = even == 1 ? s[c * 4] : TileSoftmax.HIDDEN;
                s[c * 4 + 1] = odd == 1 ? s[c * 4 + 1] : TileSoftmax.HIDDEN;
                s[c * 4 + 2] = even == 1 ? s[c * 4 + 2] : TileSoftmax.HIDDEN;
                s[c * 4 + 3] = odd == 1 ? s[c * 4 + 3] : TileSoftmax.HIDDEN;
            }
            TileSoftmax.absorb(s, 8, rows, scale, e);
            TileSoftmax.shrink(o, D / 8, rows);
            SixteenRows.values(o, e, f, local, depth, D, item);
        }
        // -- join --
        TileSoftmax.finish(rows);
        int used = p.get(BlockSparseAttention.P_ROWS);
        int sums = p.get(BlockSparseAttention.P_LSE) + h * p.get(BlockSparseAttention.P_LSE_STRIDE);
        int t = tileRow * Tiles.EDGE + row;
        float share0 = share(lse, sums, t, used, rows[0], rows[2], scale, (float) B);
        float share1 = share(lse, sums, t + 8, used, rows[1], rows[3], scale, (float) B);
        TileSoftmax.join(o, D / 8, rows, share0, share1, out,
                p.get(BlockSparseAttention.P_OUT) + (tileRow * H + h) * depth, row, item);
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
