package seer.kernels.gate;

import seer.kernels.layer.Rope;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gate's only weights: a linear map of pooled vectors for each head, then rotation at block starts.
///
/// ## Shapes
/// | buffer   | shape        | type | direction | note                              |
/// |----------|--------------|------|-----------|-----------------------------------|
/// | `pooled` | `[G, N, I]`  | f32  | in        | head `h` reads group `h / (H / G)`|
/// | `w`      | `[H, I, E]`  | f32  | in        |                                   |
/// | `y`      | `[H, N, E]`  | f32  | out       | block `i` stands at token `i * B` |
///
/// | `p[...]`                          | meaning                                      |
/// |-----------------------------------|----------------------------------------------|
/// | `P_HEADS`, `P_SHARE`, `P_ROWS`    | `H`; `H / G`; `N`                            |
/// | `P_INPUTS`, `P_WIDTH`             | `I`; `E`                                     |
/// | `P_POOLED`, `P_POOLED_STRIDE`     | base of `pooled`, elements between its heads |
/// | `P_W`                             | base of `w`                                  |
/// | `P_Y`, `P_Y_STRIDE`               | base of `y`, elements between its heads      |
///
/// ## Tile
/// ```text
///                    y of one head      e ->             naive: item = one element
///     block n=0    [ .  |x|  .  .  .  . ]
///             1    [ .  |x|  .  .  .  . ]                rows: item = one column of 8 blocks, their sums in registers:
///            ..         |x|                                    w[h, i, e] is read once for 8 products
///             7    [ .  |x|  .  .  .  . ]
/// ```
/// ## Formula
///   y[h, i] = rope(pooled[h / (H/G), i] * w[h], position i * B)
/// ## Cost
///   2*H*N*I*E flops.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element · `rows` eight blocks per item. The rotation
///   is [Rope#naive] with a step of one block. Selection uses [GateVectors], which does both.
public final class GateProjection {

    public static final int P_HEADS = 0;
    public static final int P_ROWS = 1;
    public static final int P_INPUTS = 2;
    public static final int P_WIDTH = 3;
    public static final int P_SHARE = 4;
    public static final int P_POOLED = 5;
    public static final int P_POOLED_STRIDE = 6;
    public static final int P_W = 7;
    public static final int P_Y = 8;
    public static final int P_Y_STRIDE = 9;
    /// Elements of `p`.
    public static final int P_SIZE = 10;

    /// Blocks of one item of [#rows].
    public static final int ROWS = 8;

    private GateProjection() {
    }

    /// The oracle of the linear map alone.
    public static double[] reference(float[] pooled, float[] w, int H, int G, int N, int I, int E) {
        var y = new double[H * N * E];
        for (int h = 0; h < H; h++) {
            for (int n = 0; n < N; n++) {
                int from = (h / (H / G) * N + n) * I;
                for (int e = 0; e < E; e++) {
                    double sum = 0;
                    for (int i = 0; i < I; i++) {
                        sum += (double) pooled[from + i] * w[(h * I + i) * E + e];
                    }
                    y[(h * N + n) * E + e] = sum;
                }
            }
        }
        return y;
    }

    /// The oracle of map and rotation.
    public static double[] reference(float[] pooled, float[] w, int H, int G, int N, int I, int E,
                                     double[] inverseFrequency, double scale, int B) {
        double[] mapped = reference(pooled, w, H, G, N, I, E);
        var rounded = new float[mapped.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = (float) mapped[i];
        }
        return Rope.reference(rounded, H, N, E, inverseFrequency, scale, 0, B);
    }

    /// One item for each of `H * rows * E` elements.
    public static void naive(KernelContext context, FloatArray pooled, FloatArray w, FloatArray y, IntArray p) {
        int item = context.globalIdx;
        int rows = p.get(P_ROWS);
        int inputs = p.get(P_INPUTS);
        int width = p.get(P_WIDTH);
        if (item < p.get(P_HEADS) * rows * width) {
            int e = item % width;
            int n = item / width % rows;
            int head = item / width / rows;
            int from = p.get(P_POOLED) + head / p.get(P_SHARE) * p.get(P_POOLED_STRIDE) + n * inputs;
            int column = p.get(P_W) + head * inputs * width + e;
            float sum = 0;
            for (int i = 0; i < inputs; i++) {
                sum += pooled.get(from + i) * w.get(column + i * width);
            }
            y.set(p.get(P_Y) + head * p.get(P_Y_STRIDE) + n * width + e, sum);
        }
    }

    /// One item for each of `H * ceil(rows / 8) * E` columns.
    public static void rows(KernelContext context, FloatArray pooled, FloatArray w, FloatArray y, IntArray p) {
        int item = context.globalIdx;
        int rows = p.get(P_ROWS);
        int inputs = p.get(P_INPUTS);
        int width = p.get(P_WIDTH);
        int tiles = (rows + ROWS - 1) / ROWS;
        if (item < p.get(P_HEADS) * tiles * width) {
            int e = item % width;
            int first = item / width % tiles * ROWS;
            int head = item / width / tiles;
            int base = p.get(P_POOLED) + head / p.get(P_SHARE) * p.get(P_POOLED_STRIDE);
            int column = p.get(P_W) + head * inputs * width + e;
            float[] sum = new float[ROWS];
            for (int r = 0; r < ROWS; r++) {
                sum[r] = 0;
            }
            for (int i = 0; i < inputs; i++) {
                float weight = w.get(column + i * width);
                for (int r = 0; r < ROWS; r++) {
                    int row = TornadoMath.min(first + r, rows - 1); // behind the last row: that one again
                    sum[r] += pooled.get(base + row * inputs + i) * weight;
                }
            }
            int to = p.get(P_Y) + head * p.get(P_Y_STRIDE) + first * width + e;
            for (int r = 0; r < ROWS; r++) {
                if (first + r < rows) {
                    y.set(to + r * width, sum[r]);
                }
            }
        }
    }
}
