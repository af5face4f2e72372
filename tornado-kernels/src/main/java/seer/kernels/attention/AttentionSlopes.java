package seer.kernels.attention;

/// The gradient of block-sparse attention in double precision: the oracle of everything that computes it.
///
/// With `dO` the derivative of a loss by the output `o[T, H * D]`, and `p` the probabilities of
/// [BlockSparseAttention]: `delta = dO . o`, `ds = p (dO . v - delta)`,
/// `dq = sum ds k / sqrt(D)`, `dk = sum ds q / sqrt(D)`, `dv = sum p dO`.
///
/// @param dq `[H, T, D]`
/// @param dk `[G, T, D]`
/// @param dv `[G, T, D]`
public record AttentionSlopes(double[] dq, double[] dk, double[] dv) {

    /// @param keep `[H, N, N]` or null for dense attention
    public static AttentionSlopes reference(float[] q, float[] k, float[] v, float[] dO, boolean[] keep, int H, int G,
                                            int T, int D, int B) {
        var forward = BlockSparseAttention.reference(q, k, v, keep, H, G, T, D, B);
        var dq = new double[H * T * D];
        var dk = new double[G * T * D];
        var dv = new double[G * T * D];
        int N = (T + B - 1) / B;
        double scale = 1 / Math.sqrt(D);
        for (int h = 0; h < H; h++) {
            int group = h / (H / G) * T;
            for (int t = 0; t < T; t++) {
                int query = (h * T + t) * D;
                int out = (t * H + h) * D;
                double delta = 0;
                for (int d = 0; d < D; d++) {
                    delta += dO[out + d] * forward.o()[out + d];
                }
                for (int j = 0; j <= t; j++) {
                    if (keep != null && !keep[(h * N + t / B) * N + j / B]) {
                        continue;
                    }
                    int key = (group + j) * D;
                    double s = BlockSparseAttention.dot(q, query, k, key, D) * scale;
                    double p = Math.exp(s - forward.lse()[h * T + t]);
                    double ds = p * (BlockSparseAttention.dot(dO, out, v, key, D) - delta) * scale;
                    for (int d = 0; d < D; d++) {
                        dq[query + d] += ds * k[key + d];
                        dk[key + d] += ds * q[query + d];
                        dv[key + d] += p * dO[out + d];
                    }
                }
            }
        }
        return new AttentionSlopes(dq, dk, dv);
    }
}
