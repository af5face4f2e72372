package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Root-mean-square norm of each row.
///
/// ## Shapes
/// | buffer   | shape    | type | direction |
/// |----------|----------|------|-----------|
/// | `x`      | `[T, C]` | f32  | in        |
/// | `weight` | `[C]`    | f32  | in        |
/// | `y`      | `[T, C]` | f32  | out       |
///
/// ## Tile
/// ```text
///   naive: item = row            grouped: group = row; item i sums columns i, i + 128, ...; then a tree of 7 steps
/// ```
/// ## Formula
///   y[t, c] = x[t, c] / sqrt(mean over c of x[t, c]^2 + epsilon) * weight[c]
/// ## Cost
///   reads and writes each element once; 4*T*C flops.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per row · `grouped` one group per row
public final class RmsNorm {
    /// Items of a group of [#grouped].
    public static final int GROUP = 128;

    private RmsNorm() {
    }

    /// The oracle.
    public static double[] reference(float[] x, float[] weight, double epsilon, int T, int C) {
        var y = new double[T * C];
        for (int t = 0; t < T; t++) {
            double squares = 0;
            for (int c = 0; c < C; c++) {
                squares += (double) x[t * C + c] * x[t * C + c];
            }
            double factor = 1 / Math.sqrt(squares / C + epsilon);
            for (int c = 0; c < C; c++) {
                y[t * C + c] = x[t * C + c] * factor * weight[c];
            }
        }
        return y;
    }

    /// One item for each of `p[0]` rows.
    ///
    /// @param p 0 rows, 1 `C`, 2 base of `x`, 3 of `weight`, 4 of `y`
    /// @param f 0 epsilon
    public static void naive(KernelContext context, FloatArray x, FloatArray weight, FloatArray y, IntArray p,
                             FloatArray f) {
        int row = context.globalIdx;
        if (row < p.get(0)) {
            int width = p.get(1);
            int from = p.get(2) + row * width;
            int to = p.get(4) + row * width;
            float squares = 0;
            for (int c = 0; c < width; c++) {
                squares += x.get(from + c) * x.get(from + c);
            }
            float factor = 1 / TornadoMath.sqrt(squares / width + f.get(0));
            for (int c = 0; c < width; c++) {
                y.set(to + c, x.get(from + c) * factor * weight.get(p.get(3) + c));
            }
        }
    }

    /// One group of [#GROUP] items for each row.
    ///
    /// @param p 0 rows (not read), 1 `C`, 2 base of `x`, 3 of `weight`, 4 of `y`
    /// @param f 0 epsilon
    public static void grouped(KernelContext context, FloatArray x, FloatArray weight, FloatArray y, IntArray p,
                               FloatArray f) {
        float[] partial = context.allocateFloatLocalArray(GROUP);
        int lane = context.localIdx;
        int width = p.get(1);
        int from = p.get(2) + context.groupIdx * width;
        int to = p.get(4) + context.groupIdx * width;
        // -- sum of squares --
        float squares = 0;
        for (int c = lane; c < width; c += GROUP) {
            float value = x.get(from + c);
            squares += value * value;
        }
        partial[lane] = squares;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (lane < step) {
                partial[lane] = partial[lane] + partial[lane + step];
            }
            context.localBarrier();
        }
        // -- scale --
        float factor = 1 / TornadoMath.sqrt(partial[0] / width + f.get(0));
        for (int c = lane; c < width; c += GROUP) {
            y.set(to + c, x.get(from + c) * factor * weight.get(p.get(3) + c));
        }
    }
}
