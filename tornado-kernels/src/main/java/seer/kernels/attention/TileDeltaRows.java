package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.AsyncCopy;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// [DeltaRows] on tensor cores from Ampere on: bf16 in, fp32 sums.
///
/// ## Shapes
/// | buffer    | shape                        | type | direction    | note                                          |
/// |-----------|------------------------------|------|--------------|-----------------------------------------------|
/// | `q`       | `[H, T, D]` in [Tiles]       | bf16 | in           | as given to [BlockSparseAttentionMma]         |
/// | `k`, `v`  | `[G, S, D]` in [Tiles]       | bf16 | in           | finite beyond the text                        |
/// | `scratch` | as [DeltaRows]               | f32  | out, then in |                                               |
/// | `out`     | `[T, H * D]` in [Tiles]      | bf16 | in, out      | of [BlockSparseAttentionMma]                  |
///
/// Places of `p`: as in [DeltaRows], but that `P_Q`, `P_K`, `P_V`, `P_OUT` count ints and `P_Q_STRIDE`, `P_KV_STRIDE`
/// tiles of rows, the distance of heads; `P_SPAN` is a multiple of 64.
///
/// ## Tile
/// ```text
///   part:   64 dense queries, 4 warps of 16, each row fetched from where it stands   x   64 keys at a time
///   spread: item = two columns of one dense query
/// ```
/// Grids `[ceil(A / 64) * 128, H * splits]`, and `A * H * D / 2` items.
/// ## Formula
///   as [DeltaRows]; scores are multiplied by log2(e) / sqrt(D) and powers are of two
/// ## Cost
///   1 / E of dense attention, and `out` once
/// ## Versions
///   reference: [DeltaRows#reference] · `part` and `spread`
public final class TileDeltaRows {
    /// Items of a group of [#part].
    public static final int ITEMS = 128;
    /// Dense queries of a group of [#part].
    public static final int ROWS = 64;

    private static final float LOG2E = 1.4426950f;

    private TileDeltaRows() { }

    /// Dense queries against one part of the keys.
    public static void part(KernelContext context, IntArray q, IntArray k, IntArray v, FloatArray scratch, IntArray p,
                            int H, int G, int D) {
        int[] local = context.allocateIntLocalArray(2 * Tiles.ROW * 128);
        int item = context.localIdx;
        int splits = p.get(DeltaRows.P_SPLITS);
        int h = context.groupIdy / splits;
        int split = context.groupIdy % splits;
        int E = p.get(DeltaRows.P_SPACING);
        int A = (p.get(DeltaRows.P_ROWS) + E - 1) / E;
        int a = context.groupIdx * ROWS + (item >> 5) * 16 + (item & 31) / 4;
        int least = p.get(DeltaRows.P_OFFSET) + context.groupIdx * ROWS * E; // positions of the group's queries
        int most = p.get(DeltaRows.P_OFFSET) + (TornadoMath.min(context.groupIdx * ROWS + ROWS, A) - 1) * E;
        int begin = split * p.get(DeltaRows.P_SPAN) / Tiles.EDGE;
        int end = TornadoMath.min(begin + p.get(DeltaRows.P_SPAN) / Tiles.EDGE, most / Tiles.EDGE + 1);
        int depth = Tiles.ROW * D;
        int kHead = p.get(DeltaRows.P_K) + h / (H / G) * p.get(DeltaRows.P_KV_STRIDE) * depth;
        int vHead = p.get(DeltaRows.P_V) + h / (H / G) * p.get(DeltaRows.P_KV_STRIDE) * depth;
        int[] qs = new int[32];
        for (int i = 0; i < D / 4; i++) { // as the first factor wants it: two rows, two columns, eight columns on
            int row = TornadoMath.min(a + i % 2 * 8, A - 1) * E;
            qs[i] = q.get(p.get(DeltaRows.P_Q) + (h * p.get(DeltaRows.P_Q_STRIDE) + row / Tiles.EDGE) * depth
                    + i / 16 * Tiles.INTS + Tiles.at(row % Tiles.EDGE, i % 16 / 2 * 4 + (item & 3)));
        }
        float scale = LOG2E / TornadoMath.sqrt((float) D);
        float[] s = new float[32];
        float[] o = new float[64];
        int[] e = new int[16];
        int[] f = new int[4];
        TileSoftmax.clear(o, D / 8);
        float[] rows = new float[6];
        TileSoftmax.begin(rows);
        if (begin < end) {
            BlockSparseAttentionMma.bring(local, 0, k, kHead + begin * depth, depth, item, ITEMS);
        }
        for (int j = begin; j < end; j++) {
            // -- scores, while the values come --
            AsyncCopy.commit();
            AsyncCopy.await(0);
            context.localBarrier();
            BlockSparseAttentionMma.bring(local, depth, v, vHead + j * depth, depth, item, ITEMS);
            AsyncCopy.commit();
            scores(s, qs, f, local, 0, D, item);
            AsyncCopy.await(0);
            context.localBarrier();
            // -- softmax, while the next keys come --
            if (j + 1 < end) {
                BlockSparseAttentionMma.bring(local, 0, k, kHead + (j + 1) * depth, depth, item, ITEMS);
            }
            if (j * Tiles.EDGE + Tiles.EDGE - 1 > least) {
                int first = p.get(DeltaRows.P_OFFSET) + a * E - j * Tiles.EDGE;
                TileSoftmax.hideBehind(s, 8, first, first + 8 * E, item);
            }
            TileSoftmax.absorb(s, 8, rows, scale, e);
            TileSoftmax.shrink(o, D / 8, rows);
            values(o, e, f, local, depth, D, item);
        }
        TileSoftmax.finish(rows);
        int at = p.get(DeltaRows.P_SCRATCH) + ((h * splits + split) * A + a) * (D + 2);
        store(o, rows[0], rows[2], 0, scale, scratch, at, a < A, D, item);
        store(o, rows[1], rows[3], 2, scale, scratch, at + 8 * (D + 2), a + 8 < A, D, item);
    }

    /// `s = Q K^T`, 16 x 64. A load brings eight keys and 32 columns.
    private static void scores(float[] s, int[] qs, int[] f, int[] local, int k, int D, int item) {
        int row = item & 7;
        int chunk = item >> 3 & 3;
        TileSoftmax.clear(s, 8);
        for (int i = 0; i < D / 32; i++) {
            for (int b = 0; b < 8; b++) {
                int at = k + i / 2 * Tiles.INTS + (b * 8 + row) * Tiles.ROW;
                Warp.load4(local, at + ((i % 2 * 4 + chunk ^ row) << 2), f, 0);
                Warp.multiplyAdd(s, b * 4, qs, i * 8, f, 0);
                Warp.multiplyAdd(s, b * 4, qs, i * 8 + 4, f, 2);
            }
        }
    }

    /// `o += P V`, 16 x 64 by 64 x D. A load brings sixteen keys and sixteen columns, transposed.
    private static void values(float[] o, int[] e, int[] f, int[] local, int v, int D, int item) {
        int row = (item >> 3 & 1) * 8 + (item & 7);
        int chunk = item >> 4 & 1;
        for (int i = 0; i < 4; i++) {
            for (int y = 0; y < D / 16; y++) {
                Warp.load4Transposed(local, v + y / 4 * Tiles.INTS + (i * 16 + row) * Tiles.ROW
                        + ((y % 4 * 2 + chunk ^ row & 7) << 2), f, 0);
                Warp.multiplyAdd(o, y * 8, e, i * 4, f, 0);
                Warp.multiplyAdd(o, y * 8 + 4, e, i * 4, f, 2);
            }
        }
    }

    /// One of an item's rows as it has come: not normalised, its maximum in natural units.
    private static void store(float[] o, float most, float sum, int second, float scale, FloatArray scratch, int at,
                              boolean used, int D, int item) {
        if (used) {
            for (int c = 0; c < D / 8; c++) {
                scratch.set(at + c * 8 + (item & 3) * 2, o[c * 4 + second]);
                scratch.set(at + c * 8 + (item & 3) * 2 + 1, o[c * 4 + second + 1]);
            }
            if ((item & 3) == 0) {
                scratch.set(at + D, most * scale / LOG2E);
                scratch.set(at + D + 1, sum);
            }
        }
    }

    /// Adds the differences to the rows behind the dense ones.
    public static void spread(KernelContext context, FloatArray scratch, IntArray out, IntArray p, int H, int D) {
        int item = context.globalIdx;
        int E = p.get(DeltaRows.P_SPACING);
        int rows = p.get(DeltaRows.P_ROWS);
        int pairs = H * D / 2;
        int a = item / pairs;
        int pair = item % pairs;
        if (a * E < rows) {
            int across = H * D / Tiles.EDGE;
            int column = pair * 2;
            int base = p.get(DeltaRows.P_OUT) + pair / Tiles.ROW * Tiles.INTS;
            int own = out.get(base + a * E / Tiles.EDGE * across * Tiles.INTS
                    + Tiles.at(a * E % Tiles.EDGE, pair % Tiles.ROW));
            float even = DeltaRows.merged(scratch, p, column / D, a, column % D, D) - Warp.low(own);
            float odd = DeltaRows.merged(scratch, p, column / D, a, column % D + 1, D) - Warp.high(own);
            for (int t = a * E; t < TornadoMath.min(a * E + E, rows); t++) {
                int at = base + t / Tiles.EDGE * across * Tiles.INTS + Tiles.at(t % Tiles.EDGE, pair % Tiles.ROW);
                int packed = out.get(at);
                out.set(at, Warp.pack(Warp.low(packed) + even, Warp.high(packed) + odd));
            }
        }
    }
}
