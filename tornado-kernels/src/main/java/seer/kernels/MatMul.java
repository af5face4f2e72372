package seer.kernels;

/// A linear layer: every row of `x` against every row of `w`.
///
/// ## Shapes
/// | buffer | shape    | type | direction |
/// |--------|----------|------|-----------|
/// | `x`    | `[T, K]` | f32  | in        |
/// | `w`    | `[N, K]` | f32  | in        |
/// | `y`    | `[T, N]` | f32  | out       |
///
/// ## Formula
///   y[t, n] = sum over k of x[t, k] * w[n, k]
/// ## Cost
///   2*T*N*K flops.
/// ## Versions
///   `reference` three plain loops, double
public final class MatMul {
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
}
