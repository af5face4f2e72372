package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.BulkCopy;
import seer.warp.Occupancy;
import seer.warp.WarpGroup;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Block-sparse attention on Hopper's tensor cores: bf16 in, fp32 sums.
///
/// ## Shapes
/// | buffer           | shape                    | type | direction | note                                          |
/// |------------------|--------------------------|------|-----------|-----------------------------------------------|
/// | `q`              | `[H, T, D]` in [Tiles]   | bf16 | in        | after RoPE                                    |
/// | `k`, `v`         | `[G, S, D]` in [Tiles]   | bf16 | in        | `S` a multiple of 128; finite beyond the text |
/// | `start`, `index` | as [BlockSparseAttention] | i32 | in        | lists of blocks of `B` = 64 or 128            |
/// | `out`            | `[T, H * D]` in [Tiles]  | bf16 | out       | a query without any block: 0                  |
/// | `lse`            | `[H, T]`                 | f32  | out       | natural log-sum-exp; then negative infinity   |
/// | `room`           | as [LongRows] has it     | f32  | out       | of `listed`: parts of the last rows           |
///
/// Places of `p`: as in [BlockSparseAttention], but that `P_Q`, `P_K`, `P_V`, `P_OUT` count ints and `P_Q_STRIDE`,
/// `P_KV_STRIDE` count tiles of rows, the distance of heads. The position of the first query is a multiple of 64
/// (`listed`: of `B`). Groups read and write whole tiles: `q` and `out` have room for the rows of each group, those not
/// in use may hold anything.
///
/// ## Tile
/// ```text
///   dense: 128 rows, 3 x 128 items                      listed: 64 rows, 128 items, three groups a multiprocessor
///
///            K0 K1 | K2 K3 | ...  pairs of tiles             K tile ->  K tile ->      lists of single tiles
///   64 rows  <- items   0..127                               64 rows <- items 0..127
///   64 rows  <- items 128..255                               item 0 asks for the tiles two steps ahead
///               item  256 asks for tiles
///
///   a step of dense, as time goes:
///     copy engine   K[j+1]      V[j+1]          K[j+2] ...
///     tensor cores  | Q K[j+1]  | P[j] V[j]  |            | Q K[j+2] ...
///     items           softmax of j+1 (while P[j] V[j] runs)  shrink O, pack P[j+1]
/// ```
/// Keys go from the diagonal down, so that only the first steps hide any; `listed` goes as the lists do.
/// ## Formula
///   as [BlockSparseAttention]; scores are multiplied by log2(e) / sqrt(D) and powers are of two
/// ## Cost
///   `dense` reads 64 KiB of tiles for 128 x 128 x 4 D flops of each of its halves. `listed` reads a tile of K and one
///   of V for 64 x 64 x 4 D flops: the second-level cache, 6 TB/s on an H100, is its limit.
/// ## Versions
///   reference: [BlockSparseAttention#reference] · `dense` · `listed` · [BlockSparseAttentionMma] for older devices
public final class BlockSparseAttentionWgmma {
    /// Items of a group.
    public static final int DENSE_ITEMS = 384;
    public static final int LISTED_ITEMS = 128;
    /// Rows of a group.
    public static final int DENSE_ROWS = 128;
    public static final int LISTED_ROWS = 64;

    private static final float LOG2E = 1.4426950f;
    private static final int ITEM_THAT_COPIES = 256;

    private BlockSparseAttentionWgmma() { }

    /// Bytes of local memory of a group of `dense`: two tiles of rows of Q, four of K and four of V, and nine barriers.
    public static int denseLocalBytes(int D) {
        return (10 * Tiles.ROW * D + 32) * Integer.BYTES;
    }

    /// Bytes of local memory of a group of `listed`: two tiles of rows of K, two of V, and four barriers.
    public static int listedLocalBytes(int D) {
        return (4 * Tiles.ROW * D + 16) * Integer.BYTES;
    }

    /// Every key up to the query. Grid `[ceil(rows / 128) * 384, H]`.
    public static void dense(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray out, FloatArray lse,
                             IntArray p, int H, int G, int D) {
        Occupancy.groups(1);
        int[] local = context.allocateIntLocalArray(10 * Tiles.ROW * 128 + 32);
        int item = context.localIdx;
        int h = context.groupIdy;
        int tileRow = (p.get(BlockSparseAttention.P_ROWS) + 127) / 128 - 1 - context.groupIdx;
        int firstTile = p.get(BlockSparseAttention.P_OFFSET) / Tiles.EDGE + 2 * tileRow; // of the group's rows
        int T = p.get(BlockSparseAttention.P_OFFSET) + p.get(BlockSparseAttention.P_ROWS);
        int pairs = TornadoMath.min((firstTile + 3) / 2, (T + 127) / 128); // of tiles of keys that some row in use sees
        int depth = Tiles.ROW * D; // ints of 64 rows
        int kAt = 2 * depth;
        int vAt = 6 * depth;
        int bars = 10 * depth;
        if (item == 0) {
            BulkCopy.barrier(local, bars, 1);
            for (int stage = 0; stage < 2; stage++) {
                BulkCopy.barrier(local, bars + 2 + 2 * stage, 1); // K has come
                BulkCopy.barrier(local, bars + 6 + 2 * stage, 8); // K has been read by eight warps
                BulkCopy.barrier(local, bars + 10 + 2 * stage, 1); // V has come
                BulkCopy.barrier(local, bars + 14 + 2 * stage, 8); // V has been read
            }
        }
        context.localBarrier();
        if (item >= ITEM_THAT_COPIES) {
            Occupancy.give(40);
            if (item == ITEM_THAT_COPIES) {
                int head = h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
                BulkCopy.expect(local, bars, 8 * depth);
                BulkCopy.copy(local, bars, 0, q, p.get(BlockSparseAttention.P_Q)
                        + (h * p.get(BlockSparseAttention.P_Q_STRIDE) + 2 * tileRow) * depth, 8 * depth);
                for (int j = 0; j < pairs; j++) {
                    int stage = j & 1;
                    int before = j >> 1 & 1 ^ 1;
                    int from = head + (pairs - 1 - j) * 2 * depth;
                    BulkCopy.await(local, bars + 6 + 2 * stage, before);
                    BulkCopy.expect(local, bars + 2 + 2 * stage, 8 * depth);
                    for (int half = 0; half < D / Tiles.EDGE; half++) { // 128 keys below each other, 64 columns wide
                        for (int tile = 0; tile < 2; tile++) {
                            BulkCopy.copy(local, bars + 2 + 2 * stage,
                                    kAt + stage * 2 * depth + (2 * half + tile) * Tiles.INTS, k,
                                    p.get(BlockSparseAttention.P_K) + from + tile * depth + half * Tiles.INTS,
                                    Tiles.BYTES);
                        }
                    }
                    BulkCopy.await(local, bars + 14 + 2 * stage, before);
                    BulkCopy.expect(local, bars + 10 + 2 * stage, 8 * depth);
                    BulkCopy.copy(local, bars + 10 + 2 * stage, vAt + stage * 2 * depth, v,
                            p.get(BlockSparseAttention.P_V) + from, 8 * depth);
                }
            }
        } else {
            Occupancy.take(232);
            int half = item >> 7; // of the group's rows
            int row = (item >> 5 & 3) * 16 + (item & 31) / 4; // of its tile
            int position = (firstTile + half) * Tiles.EDGE + row;
            float scale = LOG2E / TornadoMath.sqrt((float) D);
            float[] s = new float[64];
            float[] o = new float[64];
            int[] e = new int[32];
            TileSoftmax.clear(o, D / 8);
            float[] rows = new float[6];
            TileSoftmax.begin(rows);
            // -- first pair: nothing to accumulate yet --
            BulkCopy.await(local, bars, 0);
            BulkCopy.await(local, bars + 2, 0);
            scores(s, local, half * depth, kAt, D);
            WarpGroup.await(0);
            arrive(local, bars + 6, item);
            TileSoftmax.hideLater(s, 16, (pairs - 1) * 128, position, item);
            TileSoftmax.absorb(s, 16, rows, scale, e);
            for (int j = 1; j < pairs; j++) {
                int stage = j & 1;
                int last = stage ^ 1;
                // -- scores of this pair, beside the values of the last one --
                BulkCopy.await(local, bars + 2 + 2 * stage, j >> 1 & 1);
                scores(s, local, half * depth, kAt + stage * 2 * depth, D);
                BulkCopy.await(local, bars + 10 + 2 * last, j - 1 >> 1 & 1);
                values(o, e, local, vAt + last * 2 * depth, D);
                WarpGroup.await(1);
                arrive(local, bars + 6 + 2 * stage, item);
                // -- softmax --
                if ((pairs - 1 - j) * 2 + 1 >= firstTile + half) {
                    TileSoftmax.hideLater(s, 16, (pairs - 1 - j) * 128, position, item);
                }
                TileSoftmax.absorbBeside(s, 16, rows, scale);
                // -- once the values are in --
                WarpGroup.await(0);
                arrive(local, bars + 14 + 2 * last, item);
                TileSoftmax.shrink(o, D / 8, rows);
                TileSoftmax.pack(s, 16, e);
            }
            int last = pairs - 1 & 1;
            BulkCopy.await(local, bars + 10 + 2 * last, pairs - 1 >> 1 & 1);
            values(o, e, local, vAt + last * 2 * depth, D);
            WarpGroup.await(0);
            finish(o, rows, scale, out, lse, p, 2 * tileRow + half, h, row, H, D, item);
        }
    }

    /// One arrival for a warp.
    private static void arrive(int[] local, int bar, int item) {
        if ((item & 31) == 0) {
            BulkCopy.arrive(local, bar);
        }
    }

    /// Starts `s = Q K^T`, 64 x 128.
    private static void scores(float[] s, int[] local, int q, int k, int D) {
        WarpGroup.open();
        for (int i = 0; i < D / 16; i++) {
            WarpGroup.productLocal(s, 0, 128, i, local, q + i / 4 * Tiles.INTS + i % 4 * 8,
                    k + i / 4 * 2 * Tiles.INTS + i % 4 * 8, 0, 0);
        }
        WarpGroup.commit();
    }

    /// Starts `o += P V`, 64 x 128 by 128 x D.
    private static void values(float[] o, int[] e, int[] local, int v, int D) {
        WarpGroup.open();
        for (int i = 0; i < 8; i++) {
            int at = v + i / 4 * Tiles.ROW * D + i % 4 * 16 * Tiles.ROW;
            if (D == 128) {
                WarpGroup.product(o, 0, 128, 1, e, i * 4, local, at, 1, Tiles.BYTES);
            } else {
                WarpGroup.product(o, 0, 64, 1, e, i * 4, local, at, 1, Tiles.BYTES);
            }
        }
        WarpGroup.commit();
    }

    /// Rows of a tile, and their log-sum-exp.
    static void finish(float[] o, float[] rows, float scale, IntArray out, FloatArray lse, IntArray p,
                       int tileRow, int h, int row, int H, int D, int item) {
        TileSoftmax.finish(rows);
        TileSoftmax.store(o, D / 8, rows, out,
                p.get(BlockSparseAttention.P_OUT) + (tileRow * H + h) * Tiles.ROW * D, row, item);
        if (p.get(BlockSparseAttention.P_LSE) >= 0) {
            int at = p.get(BlockSparseAttention.P_LSE) + h * p.get(BlockSparseAttention.P_LSE_STRIDE);
            int used = p.get(BlockSparseAttention.P_ROWS);
            TileSoftmax.storeLogSum(lse, at, tileRow * Tiles.EDGE + row, used, rows[0], rows[2], scale, item);
            TileSoftmax.storeLogSum(lse, at, tileRow * Tiles.EDGE + row + 8, used, rows[1], rows[3], scale, item);
        }
    }

    /// The key blocks of the lists. [LongRows#groups] groups.
    public static void listed(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray start, IntArray index,
                              IntArray out, FloatArray lse, FloatArray room, IntArray p, int H, int G, int D, int B) {
        Occupancy.groups(3);
        int[] local = context.allocateIntLocalArray(4 * Tiles.ROW * 128 + 16);
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
        int diagonal = all > 0 && BlockLists.tile(index, begin, all - 1, B) == tile ? all - 1 - first : -1;
        int depth = Tiles.ROW * D;
        int kHead = p.get(BlockSparseAttention.P_K) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int vHead = p.get(BlockSparseAttention.P_V) + h / (H / G) * p.get(BlockSparseAttention.P_KV_STRIDE) * depth;
        int vAt = 2 * depth;
        int bars = 4 * depth;
        if (item == 0) {
            for (int bar = 0; bar < 4; bar++) {
                BulkCopy.barrier(local, bars + 2 * bar, 1);
            }
        }
        context.localBarrier();
        if (item == 0) {
            for (int j = 0; j < 2; j++) {
                if (j < count) {
                    int from = BlockLists.tile(index, begin, first + j, B) * depth;
                    bring(local, bars + 2 * j, j * depth, k, kHead + from, depth);
                    bring(local, bars + 4 + 2 * j, vAt + j * depth, v, vHead + from, depth);
                }
            }
        }
        int row = (item >> 5) * 16 + (item & 31) / 4;
        int[] qs = new int[32];
        BlockSparseAttentionBackwardMma.load(qs, q, p.get(BlockSparseAttention.P_Q)
                + (h * p.get(BlockSparseAttention.P_Q_STRIDE) + tileRow) * depth, row, D, item);
        float scale = LOG2E / TornadoMath.sqrt((float) D);
        float[] s = new float[32];
        float[] o = new float[64];
        int[] e = new int[16];
        TileSoftmax.clear(o, D / 8);
        float[] rows = new float[6];
        TileSoftmax.begin(rows);
        for (int j = 0; j < count; j++) {
            int stage = j & 1;
            // -- scores --
            BulkCopy.await(local, bars + 2 * stage, j >> 1 & 1);
            for (int i = 0; i < D / 16; i++) {
                WarpGroup.renew(qs, i * 4, count >> 31);
            }
            WarpGroup.open();
            for (int i = 0; i < D / 16; i++) {
                WarpGroup.product(s, 0, 64, i, qs, i * 4, local, stage * depth + i / 4 * Tiles.INTS + i % 4 * 8, 0, 0);
            }
            WarpGroup.commit();
            WarpGroup.await(0);
            context.localBarrier();
            if (item == 0 && j + 2 < count) {
                int from = BlockLists.tile(index, begin, first + j + 2, B) * depth;
                bring(local, bars + 2 * stage, stage * depth, k, kHead + from, depth);
            }
            // -- softmax --
            if (j == diagonal) {
                TileSoftmax.hideLater(s, 8, 0, row, item);
            }
            TileSoftmax.absorb(s, 8, rows, scale, e);
            TileSoftmax.shrink(o, D / 8, rows);
            // -- values --
            BulkCopy.await(local, bars + 4 + 2 * stage, j >> 1 & 1);
            WarpGroup.open();
            for (int i = 0; i < 4; i++) {
                int at = vAt + stage * depth + i * 16 * Tiles.ROW;
                if (D == 128) {
                    WarpGroup.product(o, 0, 128, 1, e, i * 4, local, at, 1, Tiles.BYTES);
                } else {
                    WarpGroup.product(o, 0, 64, 1, e, i * 4, local, at, 1, Tiles.BYTES);
                }
            }
            WarpGroup.commit();
            WarpGroup.await(0);
            context.localBarrier();
            if (item == 0 && j + 2 < count) {
                int from = BlockLists.tile(index, begin, first + j + 2, B) * depth;
                bring(local, bars + 4 + 2 * stage, vAt + stage * depth, v, vHead + from, depth);
            }
        }
        if (shares > 1 && part < shares) {
            LongRows.leave(o, rows, room, LongRows.place(p, h, tileRow, tiles, part, D), row, D, item);
        } else if (part == 0) {
            finish(o, rows, scale, out, lse, p, tileRow, h, row, H, D, item);
        }
    }

    private static void bring(int[] local, int bar, int to, IntArray source, int from, int ints) {
        BulkCopy.expect(local, bar, ints * 4);
        BulkCopy.copy(local, bar, to, source, from, ints * 4);
    }
}
