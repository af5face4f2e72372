package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of [RmsNorm] by its input, and by its weights a strip of rows at a time.
///
/// ## Shapes
/// | buffer    | shape         | type | direction | note                                                   |
/// |-----------|---------------|------|-----------|--------------------------------------------------------|
/// | `x`       | `[T, C]`      | f32  | in        |                                                        |
/// | `weight`  | `[C]`         | f32  | in        |                                                        |
/// | `dy`      | `[T, C]`      | f32  | in        | derivative by the normed rows                          |
/// | `dx`      | `[T, C]`      | f32  | out       | or added to                                            |
/// | `parts`   | `[strips, C]` | f32  | out       | for [ColumnSum#total]; left alone where `P_PARTS` is -1 |
///
/// ## Tile
/// ```text
///   group = strip of 64 rows, 256 items
///     sums:     32 items have a row, 8 rows at once; what each of them adds up goes to local memory
///                  row 0   l0 l1 l2 ... l31 |      33 numbers apart: then 64 items, a row each, add up
///                  row 1   l0 l1 l2 ... l31 |      along the rows and meet no other's bank
///     slopes:   item i has columns i, i + 256, ... of all rows: neighbours read neighbours, and a column of the
///               weights' slopes stays with its item
/// ```
/// ## Formula
///   r = 1 / sqrt(mean of x^2 + epsilon);  dx = r (w dy - x r^2 / C * sum of w dy x)
///   parts[strip, c] = sum over the strip's rows of dy x r
/// ## Cost
///   reads three numbers and writes one for each element; what is read again for the slopes was read by the same group:
///   memory-bound. Two barriers for 64 rows.
/// ## Versions
///   `reference` plain loops, double · `strips` one group per 64 rows
public final class RmsNormBackward {
    public static final int P_C = 0;
    public static final int P_X = 1;
    public static final int P_WEIGHT = 2;
    public static final int P_DY = 3;
    public static final int P_DX = 4;
    public static final int P_PARTS = 5;
    public static final int P_ADD = 6;
    public static final int P_ROWS = 7;

    /// Items of a group, and rows.
    public static final int GROUP = 256;
    public static final int STRIP = 64;
    /// Items that share a row, and numbers from one row's sums to the next one's.
    private static final int SHARE = 32;
    private static final int PITCH = SHARE + 1;

    private RmsNormBackward() {
    }

    /// The oracle.
    public static double[] reference(float[] x, float[] weight, float[] dy, double epsilon, int T, int C) {
        var dx = new double[T * C];
        for (int t = 0; t < T; t++) {
            double squares = 0;
            double dot = 0;
            for (int c = 0; c < C; c++) {
                squares += (double) x[t * C + c] * x[t * C + c];
                dot += (double) weight[c] * dy[t * C + c] * x[t * C + c];
            }
            double r = 1 / Math.sqrt(squares / C + epsilon);
            for (int c = 0; c < C; c++) {
                dx[t * C + c] = r * (weight[c] * dy[t * C + c] - x[t * C + c] * r * r / C * dot);
            }
        }
        return dx;
    }

    /// One group of [#GROUP] items for each [#STRIP] rows.
    ///
    /// @param f 0 epsilon
    public static void strips(KernelContext context, FloatArray x, FloatArray weight, FloatArray dy, FloatArray dx,
                              FloatArray parts, IntArray p, FloatArray f) {
        float[] squares = context.allocateFloatLocalArray(STRIP * PITCH);
        float[] dots = context.allocateFloatLocalArray(STRIP * PITCH);
        int item = context.localIdx;
        int width = p.get(P_C);
        int first = context.groupIdx * STRIP;
        int count = TornadoMath.min(STRIP, p.get(P_ROWS) - first);
        int xAt = p.get(P_X) + first * width;
        int dyAt = p.get(P_DY) + first * width;
        for (int row = item / SHARE; row < count; row += GROUP / SHARE) {
            float square = 0.0f;
            float dot = 0.0f;
            for (int c = item % SHARE; c < width; c += SHARE) {
                float value = x.get(xAt + row * width + c);
                square += value * value;
                dot += weight.get(p.get(P_WEIGHT) + c) * dy.get(dyAt + row * width + c) * value;
            }
            squares[row * PITCH + item % SHARE] = square;
            dots[row * PITCH + item % SHARE] = dot;
        }
        context.localBarrier();
        if (item < count) {
            float square = 0.0f;
            float dot = 0.0f;
            for (int i = 0; i < SHARE; i++) {
                square = square + squares[item * PITCH + i];
                dot = dot + dots[item * PITCH + i];
            }
            float r = 1.0f / TornadoMath.sqrt(square / width + f.get(0));
            squares[item * PITCH + SHARE] = r;
            dots[item * PITCH + SHARE] = r * r / width * dot;
        }
        context.localBarrier();
        int dxAt = p.get(P_DX) + first * width;
        for (int c = item; c < width; c += GROUP) {
            float w = weight.get(p.get(P_WEIGHT) + c);
            float sum = 0.0f;
            for (int row = 0; row < count; row++) {
                float r = squares[row * PITCH + SHARE];
                float value = x.get(xAt + row * width + c);
                float slope = dy.get(dyAt + row * width + c);
                sum = sum + slope * value * r;
                float result = r * (w * slope - value * dots[row * PITCH + SHARE]);
                if (p.get(P_ADD) == 1) {
                    result = result + dx.get(dxAt + row * width + c);
                }
                dx.set(dxAt + row * width + c, result);
            }
            if (p.get(P_PARTS) >= 0) {
                parts.set(p.get(P_PARTS) + context.groupIdx * width + c, sum);
            }
        }
    }
}
