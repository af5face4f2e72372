package seer.kernels;

/// Root-mean-square norm of each row.
///
/// ## Shapes
/// | buffer   | shape    | type | direction |
/// |----------|----------|------|-----------|
/// | `x`      | `[T, C]` | f32  | in        |
/// | `weight` | `[C]`    | f32  | in        |
/// | `y`      | `[T, C]` | f32  | out       |
///
/// ## Formula
///   y[t, c] = x[t, c] / sqrt(mean over c of x[t, c]^2 + epsilon) * weight[c]
/// ## Cost
///   reads and writes each element once; 4*T*C flops.
/// ## Versions
///   `reference` plain loops, double
public final class RmsNorm {
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
}
