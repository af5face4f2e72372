package seer.kernels.gate;

import seer.kernels.layer.Rope;
import uk.ac.manchester.tornado.api.KernelContext;
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
/// ## Tile
/// ```text
///   naive: item = one element of y     rows: item = one column of 8 blocks: w[h, i, e] is read once for 8 products
/// ```
/// ## Formula
///   y[h, i] = rope(pooled[h / (H/G), i] * w[h], position i * B)
/// ## Cost
///   2*H*N*I*E flops.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element · `rows` eight blocks per item. The rotation
///   is [Rope#naive] with a step of one block.
public final class GateProjection {
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
    ///
    /// @param p 0 `H`, 1 rows, 2 `I`, 3 `E`, 4 `H / G`, 5 base of `pooled`, 6 elements between its heads, 7 base of
    ///          `w`, 8 base of `y`, 9 elements between its heads
    public static void naive(KernelContext context, FloatArray pooled, FloatArray w, FloatArray y, IntArray p) {
        int item = context.globalIdx;
        int rows = p.get(1);
        int inputs = p.get(2);
        int width = p.get(3);
        if (item < p.get(0) * rows * width) {
            int e = item % width;
            int n = item / width % rows;
            int head = item / width / rows;
            int from = p.get(5) + head / p.get(4) * p.get(6) + n * inputs;
            int column = p.get(7) + head * inputs * width + e;
            float sum = 0;
            for (int i = 0; i < inputs; i++) {
                sum += pooled.get(from + i) * w.get(column + i * width);
            }
            y.set(p.get(8) + head * p.get(9) + n * width + e, sum);
        }
    }

    /// Blocks of one item of [#rows].
    public static final int ROWS = 8;

    /// One item for each of `H * ceil(rows / 8) * E` columns; `p` as for [#naive].
    public static void rows(KernelContext context, FloatArray pooled, FloatArray w, FloatArray y, IntArray p) {
        int item = context.globalIdx;
        int rows = p.get(1);
        int inputs = p.get(2);
        int width = p.get(3);
        int tiles = (rows + ROWS - 1) / ROWS;
        if (item < p.get(0) * tiles * width) {
            int e = item % width;
            int first = item / width % tiles * ROWS;
            int head = item / width / tiles;
            int base = p.get(5) + head / p.get(4) * p.get(6);
            // -- rows beyond the last repeat it --
            int last = rows - 1;
            int r0 = base + first * inputs;
            int r1 = base + (first + 1 < rows ? first + 1 : last) * inputs;
            int r2 = base + (first + 2 < rows ? first + 2 : last) * inputs;
            int r3 = base + (first + 3 < rows ? first + 3 : last) * inputs;
            int r4 = base + (first + 4 < rows ? first + 4 : last) * inputs;
            int r5 = base + (first + 5 < rows ? first + 5 : last) * inputs;
            int r6 = base + (first + 6 < rows ? first + 6 : last) * inputs;
            int r7 = base + (first + 7 < rows ? first + 7 : last) * inputs;
            int column = p.get(7) + head * inputs * width + e;
            float s0 = 0;
            float s1 = 0;
            float s2 = 0;
            float s3 = 0;
            float s4 = 0;
            float s5 = 0;
            float s6 = 0;
            float s7 = 0;
            for (int i = 0; i < inputs; i++) {
                float weight = w.get(column + i * width);
                s0 += pooled.get(r0 + i) * weight;
                s1 += pooled.get(r1 + i) * weight;
                s2 += pooled.get(r2 + i) * weight;
                s3 += pooled.get(r3 + i) * weight;
                s4 += pooled.get(r4 + i) * weight;
                s5 += pooled.get(r5 + i) * weight;
                s6 += pooled.get(r6 + i) * weight;
                s7 += pooled.get(r7 + i) * weight;
            }
            int to = p.get(8) + head * p.get(9) + first * width + e;
            int count = rows - first;
            y.set(to, s0);
            if (count > 1) {
                y.set(to + width, s1);
            }
            if (count > 2) {
                y.set(to + 2 * width, s2);
            }
            if (count > 3) {
                y.set(to + 3 * width, s3);
            }
            if (count > 4) {
                y.set(to + 4 * width, s4);
            }
            if (count > 5) {
                y.set(to + 5 * width, s5);
            }
            if (count > 6) {
                y.set(to + 6 * width, s6);
            }
            if (count > 7) {
                y.set(to + 7 * width, s7);
            }
        }
    }
}
