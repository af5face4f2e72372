package seer.gate.rival;

import java.util.Arrays;

/// The rivals' scores of blocks, by the formulas of the package, in plain loops and double precision.
final class PlainScores {
    private final float[][] q; // [T][D] of one head
    private final float[][] k; // [T][D] of its group
    private final int block;
    private final int n;

    PlainScores(float[][] q, float[][] k, int block) {
        this.q = q;
        this.k = k;
        this.block = block;
        this.n = Math.ceilDiv(q.length, block);
    }

    /// Mean-pooled queries and keys.
    double[][] means() {
        return perBlock((i, j) -> {
            double dot = 0;
            for (int d = 0; d < q[0].length; d++) {
                dot += mean(q, i, d) * mean(k, j, d);
            }
            return dot;
        });
    }

    /// The bound by the largest and smallest key elements.
    double[][] bounds() {
        return perBlock((i, j) -> {
            double bound = 0;
            for (int d = 0; d < q[0].length; d++) {
                double max = Double.NEGATIVE_INFINITY;
                double min = Double.POSITIVE_INFINITY;
                for (int t = j * block; t < end(j); t++) {
                    max = Math.max(max, k[t][d]);
                    min = Math.min(min, k[t][d]);
                }
                bound += Math.max(mean(q, i, d) * max, mean(q, i, d) * min);
            }
            return bound;
        });
    }

    /// Strided antidiagonals: softmax over groups of 16, summed by blocks.
    double[][] antidiagonals() {
        int stride = 16;
        int groups = Math.ceilDiv(q.length, stride);
        var sums = new double[n][n];
        for (int a = 0; a < groups; a++) {
            var scores = new double[a + 1];
            for (int b = 0; b <= a; b++) {
                for (int s = 0; s < stride; s++) {
                    int query = a * stride + stride - 1 - s;
                    int key = b * stride + s;
                    scores[b] += query < q.length && key < q.length ? dot(q[query], k[key]) : 0;
                }
                scores[b] /= stride * Math.sqrt(q[0].length);
            }
            double[] p = softmax(scores);
            for (int b = 0; b <= a; b++) {
                sums[a * stride / block][b * stride / block] += p[b];
            }
        }
        return sums;
    }

    /// The largest probability in each block.
    double[][] largest() {
        double[][] p = probabilities(0);
        return perBlock((i, j) -> {
            double largest = 0;
            for (int t = i * block; t < end(i); t++) {
                for (int s = j * block; s < Math.min(end(j), t + 1); s++) {
                    largest = Math.max(largest, p[t][s]);
                }
            }
            return largest;
        });
    }

    /// Softmax of the scores of the queries from `first` on: `[T - first][T]`.
    double[][] probabilities(int first) {
        var p = new double[q.length - first][];
        for (int t = first; t < q.length; t++) {
            var scores = new double[t + 1];
            for (int s = 0; s <= t; s++) {
                scores[s] = dot(q[t], k[s]) / Math.sqrt(q[0].length);
            }
            p[t - first] = Arrays.copyOf(softmax(scores), q.length);
        }
        return p;
    }

    /// The score of one causal block.
    private interface Score {
        double of(int i, int j);
    }

    private double[][] perBlock(Score score) {
        var scores = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                scores[i][j] = score.of(i, j);
            }
        }
        return scores;
    }

    private int end(int block) {
        return Math.min(q.length, (block + 1) * this.block);
    }

    private double mean(float[][] x, int block, int d) {
        double sum = 0;
        for (int t = block * this.block; t < end(block); t++) {
            sum += x[t][d];
        }
        return sum / (end(block) - block * this.block);
    }

    private static double dot(float[] a, float[] b) {
        double dot = 0;
        for (int d = 0; d < a.length; d++) {
            dot += a[d] * (double) b[d];
        }
        return dot;
    }

    static double[] softmax(double[] scores) {
        double max = Arrays.stream(scores).max().orElseThrow();
        double[] p = Arrays.stream(scores).map(score -> Math.exp(score - max)).toArray();
        double sum = Arrays.stream(p).sum();
        return Arrays.stream(p).map(value -> value / sum).toArray();
    }
}
