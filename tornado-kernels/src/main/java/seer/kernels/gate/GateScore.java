package seer.kernels.gate;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// How much each query block wants each key block.
///
/// ## Shapes
/// | buffer  | shape       | type | direction | note                                         |
/// |---------|-------------|------|-----------|----------------------------------------------|
/// | `q`     | `[H, N, E]` | f32  | in        | rotated                                      |
/// | `k`     | `[K, F N, E]` | f32 | in       | `K` divides `H`; head `h` reads `h / (H / K)`; `F` to a block |
/// | `score` | `[H, N, N]` | f32  | out       | negative infinity above the diagonal         |
///
/// The kernel writes one head, `score[rows, first row + rows]`.
///
/// | `p[...]`               | meaning                                                    |
/// |------------------------|------------------------------------------------------------|
/// | `P_ROWS`, `P_FIRST_ROW`, `P_WIDTH` | rows; the first of them; `E`                   |
/// | `P_Q`, `P_K`, `P_SCORE` | bases of the head's queries, of its keys, of `score`      |
/// | `P_FOLD`, `P_LAST_KEY` | `F`; the last of the key vectors                           |
/// | `f[0]`                 | scale                                                      |
///
/// ## Tile
/// ```text
///            key blocks  j=0   1   2         item = one score; neighbours share the query and read
///   row i=0            [ s    -   -  ]       keys that follow each other
///         1            [ s    s   -  ]       - negative infinity
///         2            [ s    s   s  ]
/// ```
/// ## Formula
///   score[h, i, j] = scale * max over f < F of q[h, i] . k[h / (H/K), F j + f], j <= i;  probability = softmax over j
/// ## Cost
///   H*N*N*E flops: a thousandth of the attention it saves.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per score of one head, for pictures and tests: selection
///   computes the scores of a row where it uses them, see [BlockSelection]
public final class GateScore {
    public static final int P_ROWS = 0;
    public static final int P_FIRST_ROW = 1;
    public static final int P_WIDTH = 2;
    public static final int P_Q = 3;
    public static final int P_K = 4;
    public static final int P_SCORE = 5;
    public static final int P_FOLD = 6;
    public static final int P_LAST_KEY = 7;
    /// Elements of `p`.
    public static final int P_SIZE = 8;

    private GateScore() {
    }

    /// The oracle: raw scores, with one key vector to a block.
    public static double[] reference(float[] q, float[] k, int H, int K, int N, int E, double scale) {
        return reference(q, k, H, K, N, E, scale, 1, N - 1);
    }

    /// The oracle: raw scores.
    ///
    /// @param k `[K, last + 1, E]`
    public static double[] reference(float[] q, float[] k, int H, int K, int N, int E, double scale, int fold,
                                     int last) {
        var score = new double[H * N * N];
        for (int h = 0; h < H; h++) {
            for (int i = 0; i < N; i++) {
                for (int j = 0; j < N; j++) {
                    double best = Double.NEGATIVE_INFINITY;
                    for (int key = j * fold; key <= Math.min(last, j * fold + fold - 1); key++) {
                        double dot = 0;
                        for (int e = 0; e < E; e++) {
                            dot += (double) q[(h * N + i) * E + e] * k[(h / (H / K) * (last + 1) + key) * E + e];
                        }
                        best = Math.max(best, dot);
                    }
                    score[(h * N + i) * N + j] = j <= i ? scale * best : Double.NEGATIVE_INFINITY;
                }
            }
        }
        return score;
    }

    /// The oracle: rows of scores `[rows, N]` become probabilities.
    public static double[] softmax(double[] score, int rows, int N) {
        var probability = new double[rows * N];
        for (int row = 0; row < rows; row++) {
            double max = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < N; j++) {
                max = Math.max(max, score[row * N + j]);
            }
            double sum = 0;
            for (int j = 0; j < N; j++) {
                sum += Math.exp(score[row * N + j] - max);
            }
            for (int j = 0; j < N; j++) {
                probability[row * N + j] = Math.exp(score[row * N + j] - max) / sum;
            }
        }
        return probability;
    }

    /// One item for each of `rows * (first row + rows)` scores of one head.
    public static void naive(KernelContext context, FloatArray q, FloatArray k, FloatArray score, IntArray p,
                             FloatArray f) {
        int item = context.globalIdx;
        int columns = p.get(P_ROWS) + p.get(P_FIRST_ROW);
        if (item < p.get(P_ROWS) * columns) {
            int width = p.get(P_WIDTH);
            int row = item / columns;
            int j = item % columns;
            float value = Float.NEGATIVE_INFINITY;
            if (j <= row + p.get(P_FIRST_ROW)) {
                int from = p.get(P_Q) + row * width;
                for (int part = 0; part < p.get(P_FOLD); part++) {
                    int to = p.get(P_K) + TornadoMath.min(j * p.get(P_FOLD) + part, p.get(P_LAST_KEY)) * width;
                    float dot = 0;
                    for (int e = 0; e < width; e++) {
                        dot += q.get(from + e) * k.get(to + e);
                    }
                    dot = dot * f.get(0);
                    value = dot > value || dot != dot ? dot : value;
                }
            }
            score.set(p.get(P_SCORE) + item, value);
        }
    }
}
