package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.AsyncCopy;
import seer.warp.Occupancy;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// A linear layer on tensor cores from Ampere on.
///
/// ## Shapes
/// As [MatMulWgmma], with its methods and places of `p`.
///
/// ## Tile
/// ```text
///              tile 0 of columns   tile 1                     256 items, 8 warps
///            +--------+--------+--------+--------+
///   32 rows  | warp 0 | warp 4 | warp 0 | warp 4 |            a warp has 32 rows and 32 columns of both tiles:
///   32 rows  | warp 1 | warp 5 | warp 1 | warp 5 |            gate and up of SwiGLU meet in one item
///   32 rows  | warp 2 | warp 6 | warp 2 | warp 6 |
///   32 rows  | warp 3 | warp 7 | warp 3 | warp 7 |            two steps of 64 columns of K, 32 KiB each:
///            +--------+--------+--------+--------+            one comes while the other is multiplied
/// ```
/// ## Formula
///   y[t, n] = sum over k of x[t, k] * w[n, k]
/// ## Cost
///   2 * T * N * K flops; 32 KiB of tiles for each 2 * 128 * 128 * 64 of them.
/// ## Versions
///   reference: [MatMul#reference] · this · [MatMulWgmma] for Hopper · [MatMul] in fp32
public final class MatMulMma {
    public static final int ITEMS = 256;
    /// Rows and columns of a group.
    public static final int ROWS = 128;
    public static final int COLUMNS = 128;

    private static final int STAGE = 4 * Tiles.INTS;
    /// Bytes of local memory of a group.
    public static final int LOCAL_BYTES = 2 * STAGE * Integer.BYTES;

    private MatMulMma() { }

    /// Groups for a product.
    public static int groups(int rows, int outputs) {
        return (rows + ROWS - 1) / ROWS * ((outputs + COLUMNS - 1) / COLUMNS);
    }

    /// @param add 1: added to `y`
    public static void rows(KernelContext context, IntArray x, IntArray w, FloatArray y, IntArray p, int N,
                            int K, int add) {
        Occupancy.groups(1);
        int[] local = context.allocateIntLocalArray(2 * STAGE);
        int item = context.localIdx;
        int down = (p.get(TileProduct.P_ROWS) + ROWS - 1) / ROWS;
        int rowTile = context.groupIdx % down * 2;
        int columnTile = context.groupIdx / down * 2;
        float[] d = new float[64];
        multiply(context, d, local, x, w, p, rowTile, columnTile, N, K, item);
        for (int i = 0; i < 16; i++) {
            int row = rowTile * Tiles.EDGE + (item >> 5 & 3) * 32 + i / 8 * 16 + (item & 31) / 4;
            int column = (columnTile + i % 8 / 4) * Tiles.EDGE + (item >> 7) * 32 + i % 4 * 8 + (item & 3) * 2;
            if (column < N) {
                TileProduct.putRows(d, i * 4, y, p, row, column, N, add);
            }
        }
    }

    /// Queries, keys and values, heads apart.
    ///
    /// @param v the cache of values
    public static void heads(KernelContext context, IntArray x, IntArray w, FloatArray bias, IntArray q, IntArray k,
                             IntArray v, IntArray p, int K, int H, int G, int D) {
        Occupancy.groups(1);
        int[] local = context.allocateIntLocalArray(2 * STAGE);
        int item = context.localIdx;
        int N = (H + 2 * G) * D;
        int down = (p.get(TileProduct.P_ROWS) + ROWS - 1) / ROWS;
        int rowTile = context.groupIdx % down * 2;
        int columnTile = context.groupIdx / down * 2;
        float[] d = new float[64];
        multiply(context, d, local, x, w, p, rowTile, columnTile, N, K, item);
        int tile = rowTile + (item >> 6 & 1);
        int row = (item >> 5 & 1) * 32 + (item & 31) / 4;
        int chunk = (item >> 7) * 4;
        if (tile * Tiles.EDGE < p.get(TileProduct.P_ROWS)) {
            TileProduct.addBias(d, 0, 4, chunk, bias, p, columnTile, N, item);
            TileProduct.putHead(d, 0, 4, chunk, q, k, v, p, columnTile, tile, row, H, G,
                    D, item);
            TileProduct.addBias(d, 16, 4, chunk, bias, p, columnTile + 1, N, item);
            TileProduct.putHead(d, 16, 4, chunk, q, k, v, p, columnTile + 1, tile, row, H, G,
                    D, item);
            TileProduct.addBias(d, 32, 4, chunk, bias, p, columnTile, N, item);
            TileProduct.putHead(d, 32, 4, chunk, q, k, v, p, columnTile, tile, row + 16, H, G,
                    D, item);
            TileProduct.addBias(d, 48, 4, chunk, bias, p, columnTile + 1, N, item);
            TileProduct.putHead(d, 48, 4, chunk, q, k, v, p, columnTile + 1, tile, row + 16, H, G,
                    D, item);
        }
    }

    /// The inner half of a feed-forward block.
    ///
    /// @param N rows of `w`, gate and up together
    public static void swiglu(KernelContext context, IntArray x, IntArray w, IntArray y, IntArray p, int N, int K) {
        Occupancy.groups(1);
        int[] local = context.allocateIntLocalArray(2 * STAGE);
        int item = context.localIdx;
        int down = (p.get(TileProduct.P_ROWS) + ROWS - 1) / ROWS;
        int rowTile = context.groupIdx % down * 2;
        int columnTile = context.groupIdx / down * 2;
        float[] d = new float[64];
        multiply(context, d, local, x, w, p, rowTile, columnTile, N, K, item);
        int across = N / 2 / Tiles.EDGE;
        int tile = rowTile + (item >> 6 & 1);
        for (int i = 0; i < 2; i++) {
            int row = (item >> 5 & 1) * 32 + i * 16 + (item & 31) / 4;
            for (int c = 0; c < 16; c += 4) {
                TileProduct.swiglu(d, i * 32 + c, i * 32 + c + 16);
            }
            if (tile * Tiles.EDGE < p.get(TileProduct.P_ROWS)) {
                TileProduct.putHalf(d, i * 32, y, p.get(TileProduct.P_Y)
                        + (tile * across + columnTile / 2) * Tiles.INTS, row, (item >> 7) * 4, item);
            }
        }
    }

    private static void multiply(KernelContext context, float[] d, int[] local, IntArray x, IntArray w, IntArray p,
                                 int rowTile, int columnTile, int N, int K, int item) {
        int steps = (K + Tiles.EDGE - 1) / Tiles.EDGE;
        int[] a = new int[8];
        int[] b = new int[4];
        for (int i = 0; i < 64; i++) {
            d[i] = 0.0f;
        }
        bring(local, 0, x, w, p, rowTile, columnTile, N, 0, steps, item);
        for (int j = 0; j < steps; j++) {
            int at = (j & 1) * STAGE;
            AsyncCopy.await(0);
            context.localBarrier(); // this step's tiles have come, and the place of the last step's is free
            if (j + 1 < steps) {
                bring(local, STAGE - at, x, w, p, rowTile, columnTile, N, j + 1, steps, item);
            }
            int rows = at + (item >> 6 & 1) * Tiles.INTS + ((item >> 5 & 1) * 32 + (item & 15)) * Tiles.ROW;
            int columns = at + 2 * Tiles.INTS + ((item >> 7) * 32 + (item & 7)) * Tiles.ROW;
            for (int i = 0; i < 4; i++) { // 16 columns of K
                for (int r = 0; r < 2; r++) {
                    int from = rows + r * 16 * Tiles.ROW;
                    Warp.load4(local, from + ((i * 2 + (item >> 4 & 1) ^ item & 7) << 2), a, r * 4);
                }
                for (int c = 0; c < 4; c++) { // 16 columns of y: two groups of eight, their two halves of K
                    int from = columns + c / 2 * Tiles.INTS + (c % 2 * 16 + (item >> 4 & 1) * 8) * Tiles.ROW;
                    Warp.load4(local, from + ((i * 2 + (item >> 3 & 1) ^ item & 7) << 2), b, 0);
                    for (int r = 0; r < 2; r++) {
                        Warp.multiplyAdd(d, (r * 8 + c * 2) * 4, a, r * 4, b, 0);
                        Warp.multiplyAdd(d, (r * 8 + c * 2 + 1) * 4, a, r * 4, b, 2);
                    }
                }
            }
        }
    }

    /// Starts the copy of two tiles of rows of `x` and of `w`, 64 columns of them.
    private static void bring(int[] local, int to, IntArray x, IntArray w, IntArray p, int rowTile, int columnTile,
                              int N, int step, int steps, int item) {
        int lastRow = (p.get(TileProduct.P_ROWS) - 1) / Tiles.EDGE; // of tiles: groups at the edges bring it twice
        int lastColumn = (N - 1) / Tiles.EDGE;
        for (int i = 0; i < 4; i++) {
            int row = TornadoMath.min(rowTile + i / 2, lastRow);
            int column = TornadoMath.min(columnTile + i / 2, lastColumn);
            int within = (i % 2 * ITEMS + item) * 4;
            AsyncCopy.copy(local, to + i / 2 * Tiles.INTS + within, x,
                    p.get(TileProduct.P_X) + (row * steps + step) * Tiles.INTS + within);
            AsyncCopy.copy(local, to + (2 + i / 2) * Tiles.INTS + within, w,
                    p.get(TileProduct.P_W) + (column * steps + step) * Tiles.INTS + within);
        }
        AsyncCopy.commit();
    }
}
