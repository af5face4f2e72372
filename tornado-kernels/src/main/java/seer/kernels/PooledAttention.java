package seer.kernels;

/// What a gate is taught: the largest attention probability inside each block.
///
/// ## Shapes
/// | buffer   | shape       | type | direction | note                                           |
/// |----------|-------------|------|-----------|------------------------------------------------|
/// | `q`      | `[H, T, D]` | f32  | in        | after RoPE                                     |
/// | `k`      | `[G, T, D]` | f32  | in        |                                                |
/// | `lse`    | `[H, T]`    | f64  | in        | of dense attention                             |
/// | `map`    | `[H, N, N]` | f32  | out       | 0 above the diagonal; rows are not normalised  |
///
/// ## Formula
///   map[h, i, j] = max over queries of block i and keys of block j of e^(q.k / sqrt(D) - lse)
/// ## Cost
///   half of dense attention; nothing of size T x T is held.
/// ## Versions
///   `reference` plain loops, double
public final class PooledAttention {
    private PooledAttention() {
    }

    /// The oracle.
    public static double[] reference(float[] q, float[] k, double[] lse, int H, int G, int T, int D, int B) {
        int N = (T + B - 1) / B;
        var map = new double[H * N * N];
        for (int h = 0; h < H; h++) {
            for (int t = 0; t < T; t++) {
                for (int j = 0; j <= t; j++) {
                    double s = BlockSparseAttention.dot(q, (h * T + t) * D, k, (h / (H / G) * T + j) * D, D);
                    double p = Math.exp(s / Math.sqrt(D) - lse[h * T + t]);
                    int at = (h * N + t / B) * N + j / B;
                    map[at] = Math.max(map[at], p);
                }
            }
        }
        return map;
    }
}
