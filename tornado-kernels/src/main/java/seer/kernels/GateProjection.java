package seer.kernels;

/// The gate's only weights: a linear map of pooled vectors for each head, then rotation at block starts.
///
/// ## Shapes
/// | buffer   | shape        | type | direction | note                              |
/// |----------|--------------|------|-----------|-----------------------------------|
/// | `pooled` | `[G, N, I]`  | f32  | in        | head `h` reads group `h / (H / G)`|
/// | `w`      | `[H, I, E]`  | f32  | in        |                                   |
/// | `y`      | `[H, N, E]`  | f32  | out       | block `i` stands at token `i * B` |
///
/// ## Formula
///   y[h, i] = rope(pooled[h / (H/G), i] * w[h], position i * B)
/// ## Cost
///   2*H*N*I*E flops.
/// ## Versions
///   `reference` plain loops, double
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
}
