package seer.kernels;

/// Blocks of vectors become one vector each; several poolings stand side by side.
///
/// ## Shapes
/// | buffer   | shape                   | type | direction | note                           |
/// |----------|-------------------------|------|-----------|--------------------------------|
/// | `x`      | `[H, T, D]`             | f32  | in        | before RoPE                    |
/// | `pooled` | `[H, N, poolings * D]`  | f32  | out       | in the order max, min, average |
///
/// ## Formula
///   element by element over the real tokens of the block; the last block may be short
/// ## Cost
///   reads H*T*D floats once: memory-bound.
/// ## Versions
///   `reference` plain loops, double
public final class BlockPooling {
    private BlockPooling() {
    }

    /// The oracle.
    public static double[] reference(float[] x, int H, int T, int D, int B, boolean max, boolean min,
                                     boolean average) {
        int N = (T + B - 1) / B;
        int poolings = (max ? 1 : 0) + (min ? 1 : 0) + (average ? 1 : 0);
        var pooled = new double[H * N * poolings * D];
        for (int hn = 0; hn < H * N; hn++) {
            int h = hn / N;
            int first = hn % N * B;
            int count = Math.min(B, T - first);
            for (int d = 0; d < D; d++) {
                double highest = Double.NEGATIVE_INFINITY;
                double lowest = Double.POSITIVE_INFINITY;
                double sum = 0;
                for (int t = first; t < first + count; t++) {
                    double value = x[(h * T + t) * D + d];
                    highest = Math.max(highest, value);
                    lowest = Math.min(lowest, value);
                    sum += value;
                }
                int at = hn * poolings * D + d;
                if (max) {
                    pooled[at] = highest;
                    at += D;
                }
                if (min) {
                    pooled[at] = lowest;
                    at += D;
                }
                if (average) {
                    pooled[at] = sum / count;
                }
            }
        }
        return pooled;
    }
}
