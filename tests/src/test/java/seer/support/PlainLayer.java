package seer.support;

/// The operations of a layer in plain double precision, row by row: what finite differences are taken of.
public final class PlainLayer {
    private PlainLayer() { }

    /// `[T, N]` of `x[T, K]` and `w[N, K]`.
    public static double[] product(double[] x, double[] w, int T, int N, int K) {
        var y = new double[T * N];
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < N; n++) {
                for (int k = 0; k < K; k++) {
                    y[t * N + n] += x[t * K + k] * w[n * K + k];
                }
            }
        }
        return y;
    }

    /// Root-mean-square norm of rows `[T, C]`.
    public static double[] norm(double[] x, double[] weight, double epsilon) {
        int width = weight.length;
        var y = new double[x.length];
        for (int row = 0; row < x.length; row += width) {
            double squares = 0;
            for (int c = 0; c < width; c++) {
                squares += x[row + c] * x[row + c];
            }
            for (int c = 0; c < width; c++) {
                y[row + c] = x[row + c] / Math.sqrt(squares / width + epsilon) * weight[c];
            }
        }
        return y;
    }

    /// `[T, F]` of gate and up side by side, `[T, 2F]`.
    public static double[] swiGlu(double[] both, int T, int F) {
        var y = new double[T * F];
        for (int t = 0; t < T; t++) {
            for (int f = 0; f < F; f++) {
                double gate = both[t * 2 * F + f];
                y[t * F + f] = gate / (1 + Math.exp(-gate)) * both[t * 2 * F + F + f];
            }
        }
        return y;
    }

    /// Sum of the targets' negative log-likelihoods; rows of negative targets do not count.
    public static double likelihood(double[] logits, int[] targets) {
        int V = logits.length / targets.length;
        double sum = 0;
        for (int t = 0; t < targets.length; t++) {
            double denominator = 0;
            for (int v = 0; v < V; v++) {
                denominator += Math.exp(logits[t * V + v]);
            }
            sum += targets[t] < 0 ? 0 : Math.log(denominator) - logits[t * V + targets[t]];
        }
        return sum;
    }

    /// `sum of weight * y`: a loss whose derivative by `y` is `weight`.
    public static double dot(float[] weight, double[] y) {
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += weight[i] * y[i];
        }
        return sum;
    }
}
