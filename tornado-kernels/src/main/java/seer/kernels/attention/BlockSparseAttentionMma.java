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
///   dense: 128 rows, 4 warps                        listed: 64 rows, 2 warps, four groups a multiprocessor
///
///   warp 0  32 rows   x   64 keys   = S, 32 x 64 in registers    each item copies 16 bytes of the tiles at a time,
///   warp 1  32 rows   x   64 keys                                in the background: V of this step beside the
///   ...                                                          scores, K of the next beside the softmax
/// ```
/// What a warp loads of K or V serves two times sixteen rows; the names of their arrays end in 0 and 1. Q stays in
/// local memory: sums and scores leave no registers for it. A tile lies there as it does in the device's memory,
/// swizzled, so that eight lanes that read a matrix's eight rows never meet in a bank.
/// ## Formula
///   as [BlockSparseAttention]; scores are multiplied by log2(e) / sqrt(D) and powers are of two
/// ## Cost
///   16 x 8 x 16 multiply-adds an instruction; a step of 64 keys takes 2 D of them for 32 rows, and 5 D / 8 loads
/// ## Versions
///   reference: [BlockSparseAttention#reference] · `dense` · `listed` · [BlockSparseAttentionWgmma] for Hopper
public final class BlockSparseAttentionMma {
    public static final int DENSE_ITEMS = 128;
    public static final int LISTED_ITEMS = 64;
    public static final int DENSE_ROWS = 128;
    public static final int LISTED_ROWS = 64;

    private static final float LOG2E = 1.4426950f;

    private BlockSparseAttentionMma() { }

    /// Bytes of local memory of a group of `dense`: three places for 64 rows of K or of V, 128 rows of Q.
    public static int denseLocalBytes(int D) {
        return 5 * Tiles.ROW * D * Integer.BYTES;
    }

    /// Bytes of local memory of a group of `listed`: 64 rows of K, of V and of Q.
    public static int listedLocalBytes(int D) {
        return 3 * Tiles.ROW * D * Integer.BYTES;
    }

    /// Every key up to the query. Grid `[ceil(rows / 128) * 128, H]`.
    public static void dense(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray out, FloatArray lse,
                             IntArray p, int H, int G, int D) {
        Occupancy.groups(2);
        int[] local = context.allocateIntLocalArray(5 * Tiles.ROW * 128);
        int item = context.localIdx;
        int h = context.groupIdy;
        int half = item >> 6; // of the group's rows
        int firstRow = ((p.get(BlockSparseAttention.P_ROWS) + 127) / 128 - 1 - context.groupIdx) * 2;
        int tileRow = firstRow + half;
        int tile = p.get(BlockSparseAttention.P_OFFSET) / Tiles.EDGE + tileRow;
        int T = p.get(BlockSparseAttention.P_OFFSET) + p.get(BlockSparseAttention.P_ROWS);
        int count = TornadoMath.min(tile - half + 2, (T + 63) / 64); // tiles of keys that some row in use sees
        int depth = Tiles.ROW * D;
        int kHead = p.get(BlockSparseAttention.P_K) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int vHead = p.get(BlockSparseAttention.P_V) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int upper = (item >> 5 & 1) * 32; // the warp's first row of its tile
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
        TileSoftmax.clear(o0, D / 8);
        TileSoftmax.clear(o1, D / 8);
        TileSoftmax.begin(rows0);
        TileSoftmax.begin(rows1);
        int keys = 0;
        int room = 2 * depth;
        bring(local, 3 * depth, q, p.get(BlockSparseAttention.P_Q)
                + (h * p.get(BlockSparseAttention.P_Q_STRIDE) + firstRow) * depth, 2 * depth, item, DENSE_ITEMS);
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
            scores(s0, s1, a, f, local, (3 + half) * depth + upper * Tiles.ROW, keys, D, item);
            // -- softmax, while the next keys and their values come --
            AsyncCopy.await(1);
            context.localBarrier();
            if (j > 0) {
                bring(local, keys, v, vHead + (j - 1) * depth, depth, item, DENSE_ITEMS);
            }
            AsyncCopy.commit();
            if (j >= tile) {
                TileSoftmax.hideLater(s0, 8, (j - tile) * Tiles.EDGE, row, item);
                TileSoftmax.hideLater(s1, 8, (j - tile) * Tiles.EDGE, row + 16, item);
            }
            TileSoftmax.absorb(s0, 8, rows0, scale, e0);
            TileSoftmax.absorb(s1, 8, rows1, scale, e1);
            if (TileSoftmax.raised(rows0, rows1)) {
                TileSoftmax.shrink(o0, D / 8, rows0);
                TileSoftmax.shrink(o1, D / 8, rows1);
            }
            int values = 3 * depth - keys - room;
            values(o0, o1, e0, e1, f, local, values, D, item);
            keys = room;
            room = values;
        }
        BlockSparseAttentionWgmma.finish(o0, rows0, scale, out, lse, p,
                tileRow, h, row, H, D, item);
        BlockSparseAttentionWgmma.finish(o1, rows1, scale, out, lse, p,
                tileRow, h, row + 16, H, D, item);
    }

    /// The key blocks of the lists. [LongRows#groups] groups.
    public static void listed(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray start, IntArray index,
                              IntArray out, FloatArray lse, FloatArray room, IntArray p, int H, int G, int D, int B) {
        Occupancy.groups(4);
        int[] local = context.allocateIntLocalArray(3 * Tiles.ROW * 128);
        int item = context.localIdx;
        int tiles = (p.get(BlockSparseAttention.P_ROWS) + 63) / 64;
        int h = LongRows.head(context.groupIdx, p, tiles, H);
        int tileRow = LongRows.tile(context.groupIdx, p, tiles, H);
        int part = LongRows.part(context.groupIdx, p, H);
        int tile = p.get(BlockSparseAttention.P_OFFSET) / Tiles.EDGE + tileRow;
        int list = h * p.get(BlockSparseAttention.P_LIST_ROWS) + tileRow / (B / Tiles.EDGE);
        int begin = p.get(BlockSparseAttention.P_INDEX) + start.get(p.get(BlockSparseAttention.P_START) + list);
        int end = p.get(BlockSparseAttention.P_INDEX) + start.get(p.get(BlockSparseAttention.P_END) + list);
        int all = BlockLists.tiles(index, begin, end, tile, B);
        int shares = LongRows.shares(all, tileRow, p, tiles);
        int first = LongRows.first(all, part, shares);
        int count = LongRows.first(all, part + 1, shares) - first;
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
        TileSoftmax.clear(o0, D / 8);
        TileSoftmax.clear(o1, D / 8);
        TileSoftmax.begin(rows0);
        TileSoftmax.begin(rows1);
        int diagonal = all > 0 && BlockLists.tile(index, begin, all - 1, B) == tile ? all - 1 - first : -1;
        int next = 0;
        if (count > 0) {
            next = BlockLists.tile(index, begin, first, B);
            bring(local, 2 * depth, q, p.get(BlockSparseAttention.P_Q)
                    + (h * p.get(BlockSparseAttention.P_Q_STRIDE) + tileRow) * depth, depth, item, LISTED_ITEMS);
            bring(local, 0, k, kHead + next * depth, depth, item, LISTED_ITEMS);
        }
        AsyncCopy.commit();
        for (int j = 0; j < count; j++) {
            // -- scores, while these values come --
            AsyncCopy.await(0);
            context.localBarrier();
            bring(local, depth, v, vHead + next * depth, depth, item, LISTED_ITEMS);
            AsyncCopy.commit();
            scores(s0, s1, a, f, local, 2 * depth + upper * Tiles.ROW, 0, D, item);
            // -- softmax, while the next keys come --
            AsyncCopy.await(0);
            context.localBarrier();
            if (j + 1 < count) {
                next = BlockLists.tile(index, begin, first + j + 1, B);
                bring(local, 0, k, kHead + next * depth, depth, item, LISTED_ITEMS);
            }
            AsyncCopy.commit();
            if (j == diagonal) {
                TileSoftmax.hideLater(s0, 8, 0, row, item);
                TileSoftmax.hideLater(s1, 8, 0, row + 16, item);
            }
            TileSoftmax.absorb(s0, 8, rows0, scale, e0);
            TileSoftmax.absorb(s1, 8, rows1, scale, e1);
            if (TileSoftmax.raised(rows0, rows1)) {
                TileSoftmax.shrink(o0, D / 8, rows0);
                TileSoftmax.shrink(o1, D / 8, rows1);
            }
            values(o0, o1, e0, e1, f, local, depth, D, item);
        }
        if (shares > 1 && part < shares) {
            int at = LongRows.place(p, h, tileRow, tiles, part, D);
            LongRows.leave(o0, rows0, room, at, row, D, item);
            LongRows.leave(o1, rows1, room, at, row + 16, D, item);
        } else if (part == 0) {
            BlockSparseAttentionWgmma.finish(o0, rows0, scale, out, lse, p, tileRow, h, row, H, D, item);
            BlockSparseAttentionWgmma.finish(o1, rows1, scale, out, lse, p, tileRow, h, row + 16, H, D, item);
        }
    }

    /// Starts the copy of `ints` ints, all items together.
    static void bring(int[] local, int to, IntArray source, int from, int ints, int item, int items) {
        for (int i = 0; i < ints / 4 / items; i++) {
            AsyncCopy.copy(local, to + (i * items + item) * 4, source, from + (i * items + item) * 4);
        }
    }

    /// `s = Q K^T`, two times 16 x 64. A load brings sixteen rows, or keys, and sixteen columns.
    ///
    /// @param q first int of the warp's first row
    static void scores(float[] s0, float[] s1, int[] a, int[] f, int[] local, int q, int k, int D, int item) {
        int row = item & 15;
        int right = item >> 4 & 1; // the queries' right half of sixteen columns, for the keys their lower half
        int key = right * 8 + (item & 7);
        int rightOfKeys = item >> 3 & 1;
        TileSoftmax.clear(s0, 8);
        TileSoftmax.clear(s1, 8);
        for (int i = 0; i < D / 16; i++) {
            int from = q + i / 4 * Tiles.INTS + row * Tiles.ROW + ((i % 4 * 2 + right ^ row & 7) << 2);
            Warp.load4(local, from, a, 0);
            Warp.load4(local, from + 16 * Tiles.ROW, a, 4);
            for (int b = 0; b < 4; b++) {
                Warp.load4(local, k + i / 4 * Tiles.INTS + (b * 16 + key) * Tiles.ROW
                        + ((i % 4 * 2 + rightOfKeys ^ key & 7) << 2), f, 0);
                Warp.multiplyAdd(s0, b * 8, a, 0, f, 0);
                Warp.multiplyAdd(s0, b * 8 + 4, a, 0, f, 2);
                Warp.multiplyAdd(s1, b * 8, a, 4, f, 0);
                Warp.multiplyAdd(s1, b * 8 + 4, a, 4, f, 2);
            }
        }
    }

    /// `o += P V`, two times 16 x 64 by 64 x D. A load brings sixteen keys and sixteen columns, transposed.
    static void values(float[] o0, float[] o1, int[] e0, int[] e1, int[] f, int[] local, int v, int D,
                               int item) {
        int row = item & 15;
        int right = item >> 4 & 1;
        for (int i = 0; i < 4; i++) {
            for (int y = 0; y < D / 16; y++) {
                Warp.load4Transposed(local, v + y / 4 * Tiles.INTS + (i * 16 + row) * Tiles.ROW
                        + ((y % 4 * 2 + right ^ row & 7) << 2), f, 0);
                Warp.multiplyAdd(o0, y * 8, e0, i * 4, f, 0);
                Warp.multiplyAdd(o0, y * 8 + 4, e0, i * 4, f, 2);
                Warp.multiplyAdd(o1, y * 8, e1, i * 4, f, 0);
                Warp.multiplyAdd(o1, y * 8 + 4, e1, i * 4, f, 2);
            }
        }
    }
}
