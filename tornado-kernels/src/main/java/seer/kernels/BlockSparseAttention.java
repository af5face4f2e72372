package seer.kernels;

/// Block-sparse causal attention: each query block visits only its kept key blocks.
///
/// ## Shapes
/// | buffer   | shape        | type | direction | note                                       |
/// |----------|--------------|------|-----------|--------------------------------------------|
/// | `q`      | `[H, T, D]`  | f32  | in        | after RoPE                                 |
/// | `k`, `v` | `[G, T, D]`  | f32  | in        | head `h` reads group `h / (H / G)`         |
/// | `keep`   | `[H, N, N]`  | bool | in        | null: every block, dense attention         |
/// | `o`      | `[T, H * D]` | f32  | out       | a query without any block: 0               |
/// | `lse`    | `[H, T]`     | f32  | out       | natural log-sum-exp; then negative infinity|
///
/// ## Tile
/// ```text
///            kb=0   1    2    3
///   qb=3  [  ██ |    | ██ | ◣◣  ]      ██ full block, ◣◣ diagonal: masked element by element
/// ```
/// ## Formula
///   s = q.k / sqrt(D);  o = sum e^(s - lse) v;  lse = log sum e^s, over kept keys up to the query
/// ## Cost
///   4*B^2*D flops per kept block and head.
/// ## Versions
///   `reference` two passes over the keys of each query, double
///
/// References: SeerAttention (arXiv 2410.13276), section 3; FlashAttention-2 (arXiv 2307.08691), algorithm 1.
public final class BlockSparseAttention {
    private BlockSparseAttention() {
    }

    /// @param o   `[T, H * D]`
    /// @param lse `[H, T]`
    public record Result(double[] o, double[] lse) { }

    /// The oracle.
    public static Result reference(float[] q, float[] k, float[] v, boolean[] keep, int H, int G, int T, int D,
                                   int B) {
        var o = new double[T * H * D];
        var lse = new double[H * T];
        int N = (T + B - 1) / B;
        var s = new double[T];
        for (int h = 0; h < H; h++) {
            int group = h / (H / G) * T;
            for (int t = 0; t < T; t++) {
                double max = Double.NEGATIVE_INFINITY;
                for (int j = 0; j <= t; j++) {
                    boolean kept = keep == null || keep[(h * N + t / B) * N + j / B];
                    s[j] = kept ? dot(q, (h * T + t) * D, k, (group + j) * D, D) / Math.sqrt(D)
                            : Double.NEGATIVE_INFINITY;
                    max = Math.max(max, s[j]);
                }
                lse[h * T + t] = max;
                if (max == Double.NEGATIVE_INFINITY) {
                    continue;
                }
                double sum = 0;
                for (int j = 0; j <= t; j++) {
                    sum += Math.exp(s[j] - max);
                }
                lse[h * T + t] = max + Math.log(sum);
                for (int j = 0; j <= t; j++) {
                    double p = Math.exp(s[j] - max) / sum;
                    for (int d = 0; p > 0 && d < D; d++) {
                        o[(t * H + h) * D + d] += p * v[(group + j) * D + d];
                    }
                }
            }
        }
        return new Result(o, lse);
    }

    static double dot(float[] a, int at, float[] b, int to, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) a[at + i] * b[to + i];
        }
        return sum;
    }
}
