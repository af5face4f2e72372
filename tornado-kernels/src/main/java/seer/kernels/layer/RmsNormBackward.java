package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of [RmsNorm] by its input. That by the weights is a sum over rows, which [ColumnSum] takes.
///
/// ## Shapes
/// | buffer    | shape    | type | direction | note                                                   |
/// |-----------|----------|------|-----------|--------------------------------------------------------|
/// | `x`       | `[T, C]` | f32  | in        |                                                        |
/// | `weight`  | `[C]`    | f32  | in        |                                                        |
/// | `dy`      | `[T, C]` | f32  | in        | derivative by the normed rows                          |
/// | `dx`      | `[T, C]` | f32  | out       | or added to                                            |
/// | `factors` | `[T]`    | f32  | out       | `r`, for [ColumnSum]                                   |
///
/// ## Tile
///   group = row; item i takes columns i, i + 128, ...; two sums by a tree of 7 steps.
/// ## Formula
///   r = 1 / sqrt(mean of x^2 + epsilon);  dx = r (w dy - x r^2 / C * sum of w dy x)
/// ## Cost
///   reads three numbers and writes one for each element, twice: memory-bound.
/// ## Versions
///   `reference` plain loops, double · `grouped` one group per row
public final class RmsNormBackward {
    public static final int P_C = 0;
    public static final int P_X = 1;
    public static final int P_WEIGHT = 2;
    public static final int P_DY = 3;
    public static final int P_DX = 4;
    public static final int P_FACTORS = 5;
    public static final int P_ADD = 6;

    /// Items of a group.
    public static final int GROUP = 128;

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

    /// One group of [#GROUP] items for each row.
    ///
    /// @param f 0 epsilon
    public static void grouped(KernelContext context, FloatArray x, FloatArray weight, FloatArray dy, FloatArray dx,
                               FloatArray factors, IntArray p, FloatArray f) {
        float[] squares = context.allocateFloatLocalArray(GROUP);
        float[] dots = context.allocateFloatLocalArray(GROUP);
        int lane = context.localIdx;
        int width = p.get(P_C);
        int row = context.groupIdx * width;
        float square = 0.0f;
        float dot = 0.0f;
        for (int c = lane; c < width; c += GROUP) {
            float value = x.get(p.get(P_X) + row + c);
            square += value * value;
            dot += weight.get(p.get(P_WEIGHT) + c) * dy.get(p.get(P_DY) + row + c) * value;
        }
        squares[lane] = square;
        dots[lane] = dot;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (lane < step) {
                squares[lane] = squares[lane] + squares[lane + step];
                dots[lane] = dots[lane] + dots[lane + step];
            }
            context.localBarrier();
        }
        float r = 1 / TornadoMath.sqrt(squares[0] / width + f.get(0));
        float pull = r * r / width * dots[0];
        for (int c = lane; c < width; c += GROUP) {
            float slope = r * (weight.get(p.get(P_WEIGHT) + c) * dy.get(p.get(P_DY) + row + c)
                    - x.get(p.get(P_X) + row + c) * pull);
            if (p.get(P_ADD) == 1) {
                slope = slope + dx.get(p.get(P_DX) + row + c);
            }
            dx.set(p.get(P_DX) + row + c, slope);
        }
        if (lane == 0) {
            factors.set(p.get(P_FACTORS) + context.groupIdx, r);
        }
    }
}
