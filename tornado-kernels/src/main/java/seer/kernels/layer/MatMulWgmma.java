package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.BulkCopy;
import seer.warp.Occupancy;
import seer.warp.WarpGroup;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// A linear layer on Hopper's tensor cores: every row of `x` against every row of `w`, and what follows it.
///
/// ## Shapes
/// | buffer | shape               | type | direction | note                                                           |
/// |--------|---------------------|------|-----------|----------------------------------------------------------------|
/// | `x`    | `[T, K]` in [Tiles] | bf16 | in        | zero in columns beyond `K`; `heads`: finite in rows beyond `T` |
/// | `w`    | `[N, K]` in [Tiles] | bf16 | in        | zero in columns beyond `K`                                     |
///
/// | method   | afterwards                                                                                          |
/// |----------|-----------------------------------------------------------------------------------------------------|
/// | `rows`   | `y[T, N]`, fp32, or added to it: the residual stream, logits                                        |
/// | `heads`  | a bias, then queries `[H, T, D]`, raw keys `[G, T, D]`, and values into their cache, in [Tiles]       |
/// | `swiglu` | `w` has alternate tiles of rows of gate and up: `silu(gate) * up`, `[T, N / 2]` in [Tiles]   |
///
/// Places of `p`: [TileProduct].
///
/// ## Tile
/// ```text
///                      256 columns of y (rows of w)          384 items
///                  +----------------------------------+
///   items   0..127 | 64 rows x 256, 128 sums an item  |      item 256 asks for tiles, four steps ahead:
///   items 128..255 | 64 rows x 256                    |      two tiles of x and four of w, 48 KiB
///                  +----------------------------------+
///   groups go down bands of 2,048 rows before they go right, so that a band's x stays in the second-level cache
/// ```
/// ## Formula
///   y[t, n] = sum over k of x[t, k] * w[n, k]
/// ## Cost
///   2 * T * N * K flops; 48 KiB of tiles for each 2 * 128 * 256 * 64 of them.
/// ## Versions
///   reference: [MatMul#reference] · this · [MatMulMma] for older devices · [MatMul] in fp32
public final class MatMulWgmma {
    public static final int ITEMS = 384;
    /// Rows and columns of a group.
    public static final int ROWS = 128;
    public static final int COLUMNS = 256;

    private static final int ITEM_THAT_COPIES = 256;
    private static final int STAGES = 4;
    private static final int STAGE = 6 * Tiles.INTS;
    private static final int COME = STAGES * STAGE; // barriers: a stage's tiles have come
    private static final int READ = COME + 2 * STAGES; // barriers: they have been read by eight warps
    /// Bytes of local memory of a group.
    public static final int LOCAL_BYTES = (READ + 2 * STAGES) * Integer.BYTES;
    /// Groups that a band is high.
    private static final int BAND = 16;

    private MatMulWgmma() { }

    /// Groups for a product.
    public static int groups(int rows, int outputs) {
        return down(rows) * ((outputs + COLUMNS - 1) / COLUMNS);
    }

    private static int down(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    /// @param add 1: added to `y`
    public static void rows(KernelContext context, IntArray x, IntArray w, FloatArray y, IntArray p, int N,
                            int K, int add) {
        Occupancy.groups(1);
        int[] local = context.allocateIntLocalArray(READ + 2 * STAGES);
        int item = context.localIdx;
        int rowTile = rowTile(context.groupIdx, p.get(TileProduct.P_ROWS), N);
        int columnTile = columnTile(context.groupIdx, p.get(TileProduct.P_ROWS), N);
        begin(local, item);
        context.localBarrier();
        if (item >= ITEM_THAT_COPIES) {
            Occupancy.give(40);
            copyTiles(local, x, w, p, rowTile, columnTile, N, K, item);
        } else {
            Occupancy.take(232);
            float[] d = new float[128];
            multiply(d, local, K, item);
            int row = (rowTile + (item >> 7)) * Tiles.EDGE + (item >> 5 & 3) * 16 + (item & 31) / 4;
            TileProduct.putWide(d, y, p, row, columnTile * Tiles.EDGE, N, add, item);
        }
    }

    /// Queries, keys and values, heads apart.
    ///
    /// @param v the cache of values
    public static void heads(KernelContext context, IntArray x, IntArray w, FloatArray bias, IntArray q, IntArray k,
                             IntArray v, IntArray p, int K, int H, int G, int D) {
        Occupancy.groups(1);
        int[] local = context.allocateIntLocalArray(READ + 2 * STAGES);
        int item = context.localIdx;
        int N = (H + 2 * G) * D;
        int rowTile = rowTile(context.groupIdx, p.get(TileProduct.P_ROWS), N);
        int columnTile = columnTile(context.groupIdx, p.get(TileProduct.P_ROWS), N);
        begin(local, item);
        context.localBarrier();
        if (item >= ITEM_THAT_COPIES) {
            Occupancy.give(40);
            copyTiles(local, x, w, p, rowTile, columnTile, N, K, item);
        } else {
            Occupancy.take(232);
            float[] d = new float[128];
            multiply(d, local, K, item);
            int tile = rowTile + (item >> 7);
            int row = (item >> 5 & 3) * 16 + (item & 31) / 4;
            if (tile * Tiles.EDGE < p.get(TileProduct.P_ROWS)) {
                TileProduct.addBias(d, 0, 8, 0, bias, p, columnTile, N, item);
                TileProduct.putHead(d, 0, 8, 0, q, k, v, p, columnTile, tile, row, H, G,
                        D, item);
                TileProduct.addBias(d, 32, 8, 0, bias, p, columnTile + 1, N, item);
                TileProduct.putHead(d, 32, 8, 0, q, k, v, p, columnTile + 1, tile, row, H, G,
                        D, item);
                TileProduct.addBias(d, 64, 8, 0, bias, p, columnTile + 2, N, item);
                TileProduct.putHead(d, 64, 8, 0, q, k, v, p, columnTile + 2, tile, row, H, G,
                        D, item);
                TileProduct.addBias(d, 96, 8, 0, bias, p, columnTile + 3, N, item);
                TileProduct.putHead(d, 96, 8, 0, q, k, v, p, columnTile + 3, tile, row, H, G,
                        D, item);
            }
        }
    }

    /// The inner half of a feed-forward block.
    ///
    /// @param N rows of `w`, gate and up together
    public static void swiglu(KernelContext context, IntArray x, IntArray w, IntArray y, IntArray p, int N, int K) {
        Occupancy.groups(1);
        int[] local = context.allocateIntLocalArray(READ + 2 * STAGES);
        int item = context.localIdx;
        int rowTile = rowTile(context.groupIdx, p.get(TileProduct.P_ROWS), N);
        int columnTile = columnTile(context.groupIdx, p.get(TileProduct.P_ROWS), N);
        begin(local, item);
        context.localBarrier();
        if (item >= ITEM_THAT_COPIES) {
            Occupancy.give(40);
            copyTiles(local, x, w, p, rowTile, columnTile, N, K, item);
        } else {
            Occupancy.take(232);
            float[] d = new float[128];
            multiply(d, local, K, item);
            int tile = rowTile + (item >> 7);
            int row = (item >> 5 & 3) * 16 + (item & 31) / 4;
            int across = N / 2 / Tiles.EDGE;
            if (tile * Tiles.EDGE < p.get(TileProduct.P_ROWS)) {
                for (int c = 0; c < 2; c++) {
                    int column = columnTile / 2 + c; // of tiles of y
                    for (int i = 0; i < 32; i += 4) {
                        TileProduct.swiglu(d, c * 64 + i, c * 64 + i + 32);
                    }
                    if (column < across) {
                        TileProduct.putTile(d, c * 64, y, p.get(TileProduct.P_Y)
                                + (tile * across + column) * Tiles.INTS, row, item);
                    }
                }
            }
        }
    }

    /// First tile of rows of a group.
    private static int rowTile(int group, int rows, int N) {
        int across = (N + COLUMNS - 1) / COLUMNS;
        int first = group / (BAND * across) * BAND;
        int high = TornadoMath.min(down(rows) - first, BAND);
        return (first + group % (BAND * across) % high) * 2;
    }

    /// First tile of columns of a group.
    private static int columnTile(int group, int rows, int N) {
        int across = (N + COLUMNS - 1) / COLUMNS;
        int first = group / (BAND * across) * BAND;
        int high = TornadoMath.min(down(rows) - first, BAND);
        return group % (BAND * across) / high * 4;
    }

    private static void begin(int[] local, int item) {
        if (item == 0) {
            for (int stage = 0; stage < STAGES; stage++) {
                BulkCopy.barrier(local, COME + 2 * stage, 1);
                BulkCopy.barrier(local, READ + 2 * stage, 8);
            }
        }
    }

    /// The item that copies: all steps, as stages become free.
    private static void copyTiles(int[] local, IntArray x, IntArray w, IntArray p, int rowTile, int columnTile, int N,
                                  int K, int item) {
        int steps = (K + Tiles.EDGE - 1) / Tiles.EDGE;
        // of tiles: groups at the edges bring it several times
        int lastRow = (p.get(TileProduct.P_ROWS) - 1) / Tiles.EDGE;
        int lastColumn = (N - 1) / Tiles.EDGE;
        if (item == ITEM_THAT_COPIES) {
            for (int j = 0; j < steps; j++) {
                int stage = j % STAGES;
                int at = stage * STAGE;
                BulkCopy.await(local, READ + 2 * stage, j / STAGES & 1 ^ 1);
                BulkCopy.expect(local, COME + 2 * stage, 6 * Tiles.BYTES);
                for (int i = 0; i < 2; i++) {
                    BulkCopy.copy(local, COME + 2 * stage, at + i * Tiles.INTS, x,
                            p.get(TileProduct.P_X)
                                    + (TornadoMath.min(rowTile + i, lastRow) * steps + j) * Tiles.INTS, Tiles.BYTES);
                }
                for (int i = 0; i < 4; i++) {
                    BulkCopy.copy(local, COME + 2 * stage, at + (2 + i) * Tiles.INTS, w,
                            p.get(TileProduct.P_W)
                                    + (TornadoMath.min(columnTile + i, lastColumn) * steps + j) * Tiles.INTS,
                                    Tiles.BYTES);
                }
            }
        }
    }

    /// The items that multiply: 64 rows by 256 columns each 128 of them; one step runs while the next is begun.
    private static void multiply(float[] d, int[] local, int K, int item) {
        int steps = (K + Tiles.EDGE - 1) / Tiles.EDGE;
        for (int j = 0; j < steps; j++) {
            int stage = j % STAGES;
            int at = stage * STAGE;
            BulkCopy.await(local, COME + 2 * stage, j / STAGES & 1);
            WarpGroup.open();
            for (int i = 0; i < 4; i++) {
                WarpGroup.productLocal(d, 0, 256, j + i, local, at + (item >> 7) * Tiles.INTS + i * 8,
                        at + 2 * Tiles.INTS + i * 8, 0, 0);
            }
            WarpGroup.commit();
            WarpGroup.await(1);
            if ((item & 31) == 0 && j > 0) {
                BulkCopy.arrive(local, READ + 2 * ((j - 1) % STAGES));
            }
        }
        WarpGroup.await(0);
    }
}
