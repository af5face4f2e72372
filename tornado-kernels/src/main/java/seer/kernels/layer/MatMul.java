package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// A linear layer: every row of `x` against every row of `w`.
///
/// ## Shapes
/// | buffer | shape    | type | direction | note                                                             |
/// |--------|----------|------|-----------|------------------------------------------------------------------|
/// | `x`    | `[T, K]` | f32  | in        |                                                                  |
/// | `w`    | `[N, K]` | f32  | in        |                                                                  |
/// | `y`    | `[T, N]` | f32  | out       | or, with `width < N`, `[N / width, T, width]`: heads apart       |
///
/// | `p[...]`                | meaning                                                                       |
/// |-------------------------|-------------------------------------------------------------------------------|
/// | `P_ROWS`                | `T`                                                                           |
/// | `P_X`, `P_X_STRIDE`     | first element of `x`; distance of its rows in elements                        |
/// | `P_W`                   | first element of `w`, whose rows follow each other                            |
/// | `P_Y`, `P_Y_STRIDE`, `P_Y_GROUP` | first element of `y`; distance of its rows, and of groups of `width` columns |
/// | `P_ADD`                 | 1: `y` keeps what it holds and the product is added                           |
///
/// `y[t, n]` is element `P_Y + (n / width) * P_Y_GROUP + t * P_Y_STRIDE + n % width`.
///
/// ## Tile
/// ```text
///                       128 columns of y (rows of w)
///                 tx =  0 1 2 .. 15 | 0 1 2 .. 15      group of 256 items, item (tx, ty)
///               +-------------------+-----------------+
///   128   ty=0  | 8 rows x 4 columns| 8 rows x 4 more |  64 sums in registers per item
///   rows     1  |                   |                 |
///   of x     .. |                   |                 |  x and w come in slices of 16 columns, transposed:
///           15  |                   |                 |  neighbours in a column of y are neighbours in memory
///               +-------------------+-----------------+
/// ```
/// | rung    | items of a group | grid                                         |
/// |---------|------------------|----------------------------------------------|
/// | `naive` | any              | `[N rounded up to the group, rows]`          |
/// | `tiled` | 256              | `[ceil(N / 128) * 256, ceil(rows / 128)]`    |
/// | `few`   | 64               | `[N * 64]`, for a handful of rows: decoding  |
///
/// ## Formula
///   y[t, n] = sum over k of x[t, k] * w[n, k]
/// ## Cost
///   2*T*N*K flops. `tiled` reads 256 floats for each 2*128*128 flops: bound by arithmetic; 38 TFLOP/s on an H200
///   (tiles of 128 x 64: 34, of 64 x 64: 22). `few` reads `w` once: 1.8 TB/s there.
/// ## Versions
///   `reference` three plain loops, double · `naive` one item per element · `tiled` local memory and registers ·
///   `few` one group per column
public final class MatMul {

    public static final int P_ROWS = 0;
    public static final int P_X = 1;
    public static final int P_X_STRIDE = 2;
    public static final int P_W = 3;
    public static final int P_Y = 4;
    public static final int P_Y_STRIDE = 5;
    public static final int P_Y_GROUP = 6;
    public static final int P_ADD = 7;
    /// Elements of `p`.
    public static final int P_SIZE = 8;

    /// Rows and columns of a tile, and the items of its group.
    public static final int TILE = 128;
    public static final int TILE_ITEMS = 256;
    /// Items of a group of `few`.
    public static final int FEW_ITEMS = 64;

    /// Columns of `x` and `w` in local memory at a time.
    private static final int SLICE = 16;
    /// Length of a row of the tile in local memory: the extra 4 spread the stores over the banks.
    private static final int PITCH = TILE + 4;

    /// Local memory of a group of `tiled`, and of one of `few`.
    public static final int TILED_LOCAL_BYTES = 4 * (2 * SLICE * PITCH + 2 * TILE);
    public static final int FEW_LOCAL_BYTES = 4 * FEW_ITEMS;

    /// Elements of a slice that one item loads.
    private static final int LOADS = TILE * SLICE / TILE_ITEMS;

    private MatMul() {
    }

    /// The oracle.
    public static double[] reference(float[] x, float[] w, int T, int N, int K) {
        var y = new double[T * N];
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < N; n++) {
                for (int k = 0; k < K; k++) {
                    y[t * N + n] += (double) x[t * K + k] * w[n * K + k];
                }
            }
        }
        return y;
    }

    public static void naive(KernelContext context, FloatArray x, FloatArray w, FloatArray y, IntArray p,
                             int N, int K, int width) {
        int n = context.globalIdx;
        int t = context.globalIdy;
        if (n < N && t < p.get(P_ROWS)) {
            float sum = 0.0f;
            for (int i = 0; i < K; i++) {
                sum += x.get(p.get(P_X) + t * p.get(P_X_STRIDE) + i) * w.get(p.get(P_W) + n * K + i);
            }
            int to = p.get(P_Y) + n / width * p.get(P_Y_GROUP) + t * p.get(P_Y_STRIDE) + n % width;
            if (p.get(P_ADD) == 1) {
                sum = sum + y.get(to);
            }
            y.set(to, sum);
        }
    }

    public static void tiled(KernelContext context, FloatArray x, FloatArray w, FloatArray y, IntArray p,
                             int N, int K, int width) {
        float[] left = context.allocateFloatLocalArray(SLICE * PITCH);
        float[] right = context.allocateFloatLocalArray(SLICE * PITCH);
        int[] rowAt = context.allocateIntLocalArray(TILE);
        int[] columnAt = context.allocateIntLocalArray(TILE);
        int item = context.localIdx;
        int tx = item & 15;
        int ty = item >> 4;
        int rows = p.get(P_ROWS);
        int first = context.groupIdy * TILE;
        int column = context.groupIdx * TILE;
        if (item < TILE) {
            rowAt[item] = p.get(P_X) + TornadoMath.min(first + item, rows - 1) * p.get(P_X_STRIDE);
            columnAt[item] = p.get(P_W) + TornadoMath.min(column + item, N - 1) * K;
        }
        context.localBarrier();
        float[] sum = new float[64];
        for (int i = 0; i < 64; i++) {
            sum[i] = 0.0f;
        }
        for (int from = 0; from < K; from += SLICE) {
            // -- load x, w slices --
            float[] a = new float[LOADS];
            float[] b = new float[LOADS];
            int at = TornadoMath.min(from + tx, K - 1);
            for (int i = 0; i < LOADS; i++) {
                a[i] = x.get(rowAt[ty * LOADS + i] + at);
            }
            for (int i = 0; i < LOADS; i++) {
                b[i] = w.get(columnAt[ty * LOADS + i] + at);
            }
            context.localBarrier();
            for (int i = 0; i < LOADS; i++) {
                left[tx * PITCH + ty * LOADS + i] = from + tx < K ? a[i] : 0.0f;
            }
            for (int i = 0; i < LOADS; i++) {
                right[tx * PITCH + ty * LOADS + i] = from + tx < K ? b[i] : 0.0f;
            }
            context.localBarrier();
            // -- accumulate --
            for (int d = 0; d < SLICE; d++) {
                for (int j = 0; j < 8; j++) {
                    float f = right[d * PITCH + j / 4 * 64 + tx * 4 + j % 4];
                    for (int i = 0; i < 8; i++) {
                        sum[i * 8 + j] += left[d * PITCH + ty * 8 + i] * f;
                    }
                }
            }
        }
        for (int i = 0; i < 8; i++) {
            int t = first + ty * 8 + i;
            for (int j = 0; j < 8; j++) {
                int n = column + j / 4 * 64 + tx * 4 + j % 4;
                if (t < rows && n < N) {
                    int to = p.get(P_Y) + n / width * p.get(P_Y_GROUP) + t * p.get(P_Y_STRIDE) + n % width;
                    float before = 0.0f;
                    if (p.get(P_ADD) == 1) {
                        before = y.get(to);
                    }
                    y.set(to, before + sum[i * 8 + j]);
                }
            }
        }
    }

    public static void few(KernelContext context, FloatArray x, FloatArray w, FloatArray y, IntArray p,
                           int N, int K, int width) {
        float[] part = context.allocateFloatLocalArray(FEW_ITEMS);
        int item = context.localIdx;
        int n = context.groupIdx;
        int rows = p.get(P_ROWS);
        for (int t = 0; t < rows; t++) {
            float sum = 0.0f;
            for (int i = item; i < K; i += FEW_ITEMS) {
                sum += x.get(p.get(P_X) + t * p.get(P_X_STRIDE) + i) * w.get(p.get(P_W) + n * K + i);
            }
            part[item] = sum;
            for (int half = FEW_ITEMS / 2; half > 0; half = half / 2) {
                context.localBarrier();
                if (item < half) {
                    part[item] = part[item] + part[item + half];
                }
            }
            if (item == 0) {
                int to = p.get(P_Y) + n / width * p.get(P_Y_GROUP) + t * p.get(P_Y_STRIDE) + n % width;
                float before = 0.0f;
                if (p.get(P_ADD) == 1) {
                    before = y.get(to);
                }
                y.set(to, before + part[0]);
            }
            context.localBarrier();
        }
    }
}
