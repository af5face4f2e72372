package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.AsyncCopy;
import seer.warp.Occupancy;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Block-sparse attention on tensor cores from Ampere on: bf16 in, fp32 sums, a warp by itself.
///
/// ## Shapes
/// As [BlockSparseAttentionWgmma], places of `p` too.
///
/// ## Tile
/// ```text
///   dense: 128 rows, 8 warps                        listed: 64 rows, 4 warps
///
///   warp 0  16 rows   x   64 keys   = S, 16 x 64 in registers    each item copies 16 bytes of the tiles at a time,
///   warp 1  16 rows   x   64 keys                                in the background: V of this step beside the
///   ...                                                          scores, K of the next beside the softmax
/// ```
/// Sixteen rows of Q stay in registers. A tile lies in local memory as it does in the device's, swizzled, so that eight
/// lanes that read a matrix's eight rows never meet in a bank.
/// ## Formula
///   as [BlockSparseAttention]; scores are multiplied by log2(e) / sqrt(D) and powers are of two
/// ## Cost
///   16 x 8 x 16 multiply-adds an instruction; a step of 64 keys takes D of them for 16 rows, and D / 2 loads
/// ## Versions
///   reference: [BlockSparseAttention#reference] · `dense` · `listed` · [BlockSparseAttentionWgmma] for Hopper
public final class BlockSparseAttentionMma {
    public static final int DENSE_ITEMS = 256;
    public static final int LISTED_ITEMS = 128;
    public static final int DENSE_ROWS = 128;
    public static final int LISTED_ROWS = 64;

    private static final float LOG2E = 1.4426950f;

    private BlockSparseAttentionMma() { }

    /// Bytes of local memory of a group: three places for 64 rows of K or of V.
    public static int localBytes(int D) {
        return 3 * Tiles.ROW * D * Integer.BYTES;
    }

    /// Every key up to the query. Grid `[ceil(rows / 128) * 256, H]`.
    public static void dense(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray out, FloatArray lse,
                             IntArray p, int H, int G, int D) {
        int[] local = context.allocateIntLocalArray(3 * Tiles.ROW * 128);
        int item = context.localIdx;
        int h = context.groupIdy;
        int tileRow = ((p.get(BlockSparseAttention.P_ROWS) + 127) / 128 - 1 - context.groupIdx) * 2 + item / 128;
        int tile = p.get(BlockSparseAttention.P_OFFSET) / Tiles.EDGE + tileRow;
        int T = p.get(BlockSparseAttention.P_OFFSET) + p.get(BlockSparseAttention.P_ROWS);
        int count = TornadoMath.min(tile - item / 128 + 2, (T + 63) / 64); // tiles of keys that some row in use sees
        int depth = Tiles.ROW * D;
        int kHead = p.get(BlockSparseAttention.P_K) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int vHead = p.get(BlockSparseAttention.P_V) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int row = (item >> 5 & 3) * 16 + (item & 31) / 4;
        int[] qs = new int[32];
        loadQueries(qs, q, p.get(BlockSparseAttention.P_Q)
                + (h * p.get(BlockSparseAttention.P_Q_STRIDE) + tileRow) * depth, row, D, item);
        float scale = LOG2E / TornadoMath.sqrt((float) D);
        float[] s = new float[32];
        float[] o = new float[64];
        int[] e = new int[16];
        int[] f = new int[4];
        TileSoftmax.clear(o, D / 8);
        float[] rows = new float[6];
        TileSoftmax.begin(rows);
        int keys = 0;
        int room = 2 * depth;
        bring(local, 0, k, kHead + (count - 1) * depth, depth, item, DENSE_ITEMS);
        AsyncCopy.commit();
        bring(local, depth, v, vHead + (count - 1) * depth, depth, item, DENSE_ITEMS);
        AsyncCopy.commit();
        for (int j = count - 1; j >= 0; j--) {
            // -- scores, while these values and the next keys come --
            AsyncCopy.await(1);
            context.localBarrier();
            if (j > 0) {
                bring(local, room, k, kHead + (j - 1) * depth, depth, item, DENSE_ITEMS);
            }
            AsyncCopy.commit();
            scores(s, qs, f, local, keys, D, item);
            // -- softmax, while the next keys and their values come --
            AsyncCopy.await(1);
            context.localBarrier();
            if (j > 0) {
                bring(local, keys, v, vHead + (j - 1) * depth, depth, item, DENSE_ITEMS);
            }
            AsyncCopy.commit();
            if (j >= tile) {
                TileSoftmax.hideLater(s, 8, (j - tile) * Tiles.EDGE, row, item);
            }
            TileSoftmax.absorb(s, 8, rows, scale, e);
            TileSoftmax.shrink(o, D / 8, rows);
            int values = 3 * depth - keys - room;
            values(o, e, f, local, values, D, item);
            keys = room;
            room = values;
        }
        BlockSparseAttentionWgmma.finish(o, rows, scale, out, lse, p,
                tileRow, h, row, H, D, item);
    }

    /// The key blocks of the lists. Grid `[ceil(rows / 64) * 128, H]`.
    public static void listed(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray start, IntArray index,
                              IntArray out, FloatArray lse, IntArray p, int H, int G, int D, int B) {
        Occupancy.groups(3);
        int[] local = context.allocateIntLocalArray(3 * Tiles.ROW * 128);
        int item = context.localIdx;
        int h = context.groupIdy;
        int tileRow = (p.get(BlockSparseAttention.P_ROWS) + 63) / 64 - 1 - context.groupIdx;
        int tile = p.get(BlockSparseAttention.P_OFFSET) / Tiles.EDGE + tileRow;
        int list = h * p.get(BlockSparseAttention.P_LIST_ROWS) + tileRow / (B / Tiles.EDGE);
        int begin = p.get(BlockSparseAttention.P_INDEX) + start.get(p.get(BlockSparseAttention.P_START) + list);
        int end = p.get(BlockSparseAttention.P_INDEX) + start.get(p.get(BlockSparseAttention.P_END) + list);
        int count = BlockLists.tiles(index, begin, end, tile, B);
        int depth = Tiles.ROW * D;
        int kHead = p.get(BlockSparseAttention.P_K) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int vHead = p.get(BlockSparseAttention.P_V) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int row = (item >> 5) * 16 + (item & 31) / 4;
        int[] qs = new int[32];
        loadQueries(qs, q, p.get(BlockSparseAttention.P_Q)
                + (h * p.get(BlockSparseAttention.P_Q_STRIDE) + tileRow) * depth, row, D, item);
        float scale = LOG2E / TornadoMath.sqrt((float) D);
        float[] s = new float[32];
        float[] o = new float[64];
        int[] e = new int[16];
        int[] f = new int[4];
        TileSoftmax.clear(o, D / 8);
        float[] rows = new float[6];
        TileSoftmax.begin(rows);
        int diagonal = count > 0 && BlockLists.tile(index, begin, count - 1, B) == tile ? count - 1 : -1;
        int keys = 0;
        int room = 2 * depth;
        int next = 0;
        if (count > 0) {
            int first = BlockLists.tile(index, begin, 0, B);
            bring(local, 0, k, kHead + first * depth, depth, item, LISTED_ITEMS);
            AsyncCopy.commit();
            bring(local, depth, v, vHead + first * depth, depth, item, LISTED_ITEMS);
            AsyncCopy.commit();
        }
        for (int j = 0; j < count; j++) {
            // -- scores, while these values and the next keys come --
            AsyncCopy.await(1);
            context.localBarrier();
            if (j + 1 < count) {
                next = BlockLists.tile(index, begin, j + 1, B);
                bring(local, room, k, kHead + next * depth, depth, item, LISTED_ITEMS);
            }
            AsyncCopy.commit();
            scores(s, qs, f, local, keys, D, item);
            // -- softmax, while the next keys and their values come --
            AsyncCopy.await(1);
            context.localBarrier();
            if (j + 1 < count) {
                bring(local, keys, v, vHead + next * depth, depth, item, LISTED_ITEMS);
            }
            AsyncCopy.commit();
            if (j == diagonal) {
                TileSoftmax.hideLater(s, 8, 0, row, item);
            }
            TileSoftmax.absorb(s, 8, rows, scale, e);
            TileSoftmax.shrink(o, D / 8, rows);
            int values = 3 * depth - keys - room;
            values(o, e, f, local, values, D, item);
            keys = room;
            room = values;
        }
        BlockSparseAttentionWgmma.finish(o, rows, scale, out, lse, p,
                tileRow, h, row, H, D, item);
    }

    /// Sixteen rows as the first factor of a product wants them.
    static void loadQueries(int[] qs, IntArray q, int at, int row, int D, int item) {
        for (int i = 0; i < D / 4; i++) { // two rows, two columns, eight columns on
            qs[i] = q.get(at + i / 16 * Tiles.INTS + Tiles.at(row + i % 2 * 8, i % 16 / 2 * 4 + (item & 3)));
        }
    }

    /// Starts the copy of `ints` ints, all items together.
    static void bring(int[] local, int to, IntArray source, int from, int ints, int item, int items) {
        for (int i = 0; i < ints / 4 / items; i++) {
            AsyncCopy.copy(local, to + (i * items + item) * 4, source, from + (i * items + item) * 4);
        }
    }

    /// `s = Q K^T`, 16 x 64. A load brings eight keys and 32 columns.
    static void scores(float[] s, int[] qs, int[] f, int[] local, int k, int D, int item) {
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
    static void values(float[] o, int[] e, int[] f, int[] local, int v, int D, int item) {
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
}
