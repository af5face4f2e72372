package seer.kernels.attention;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Block-sparse causal attention: each query block visits only its kept key blocks.
///
/// ## Shapes
/// | buffer           | shape          | type | direction | note                                               |
/// |------------------|----------------|------|-----------|----------------------------------------------------|
/// | `q`              | `[H, T, D]`    | f32  | in        | after RoPE; query `t` stands at position offset + t |
/// | `k`, `v`         | `[G, S, D]`    | f32  | in        | head `h` reads group `h / (H / G)`                 |
/// | `start`          | `[2, H * N]`   | i32  | in        | where a query block's list begins; where it ends   |
/// | `index`          |                | i32  | in        | its key blocks, ascending, with the diagonal last |
/// | `out`            | `[T, H * D]`   | f32  | out       | a query without any block: 0                       |
/// | `lse`            | `[H, T]`       | f32  | out       | natural log-sum-exp; then negative infinity        |
///
/// `reference` takes `keep[H, N, N]` for the lists, null for dense attention, and offset 0. `N` counts blocks of
/// queries. Rows of the buffers beyond those in use are neither written nor do they influence anything.
///
/// | `p[...]`                 | meaning                                                                        |
/// |--------------------------|--------------------------------------------------------------------------------|
/// | `P_ROWS`, `P_OFFSET`     | queries; position of the first one (a multiple of `B` when there are lists)    |
/// | `P_Q`, `P_Q_STRIDE`      | first element of `q`; allocated `T`, the distance of heads in rows             |
/// | `P_K`, `P_V`, `P_KV_STRIDE` | first elements of `k` and `v`; allocated `S`                                |
/// | `P_OUT`                  | first element of `out`                                                         |
/// | `P_LSE`, `P_LSE_STRIDE`  | first element of `lse`, negative: not wanted; distance of heads                |
/// | `P_START`, `P_LIST_ROWS` | first element of the beginnings in `start`; `N`                                |
/// | `P_END`                  | first element of the ends; `P_START + 1` where lists have no gaps between them |
/// | `P_INDEX`                | what is added to the values of `start`                                         |
///
/// ## Tile
/// ```text
///            kb=0   1    2    3
///   qb=3  [  ██ |    | ██ | ◣◣  ]      ██ full block, ◣◣ diagonal: masked element by element
/// ```
/// `naive`: one item for each head and query; grid `[rows rounded up to the group, H]`.
/// ## Formula
///   s = q.k / sqrt(D);  o = sum e^(s - lse) v;  lse = log sum e^s, over kept keys up to the query
/// ## Cost
///   4*B^2*D flops per kept block and head.
/// ## Versions
///   `reference` two passes over the keys of each query, double · `naive` one item per query, online softmax, no
///   local memory · [BlockSparseAttentionBlocked] keys and values by the block through local memory ·
///   [BlockSparseAttentionTiled] tiles in local memory and registers · [OneQueryAttention] decoding
///
/// References: SeerAttention (arXiv 2410.13276), section 3; FlashAttention-2 (arXiv 2307.08691), algorithm 1.
public final class BlockSparseAttention {

    public static final int P_ROWS = 0;
    public static final int P_OFFSET = 1;
    public static final int P_Q = 2;
    public static final int P_Q_STRIDE = 3;
    public static final int P_K = 4;
    public static final int P_V = 5;
    public static final int P_KV_STRIDE = 6;
    public static final int P_OUT = 7;
    public static final int P_LSE = 8;
    public static final int P_LSE_STRIDE = 9;
    public static final int P_START = 10;
    public static final int P_LIST_ROWS = 11;
    public static final int P_INDEX = 12;
    public static final int P_END = 13;
    /// Elements of `p`.
    public static final int P_SIZE = 14;

    /// The score of a key that may not be seen. Far below [#LOWEST], so that `e^(HIDDEN - m)` is 0 for every `m`.
    static final float HIDDEN = -1e30f;
    /// What running maxima start at. With a sum of 0 the log-sum-exp then becomes negative infinity by itself.
    static final float LOWEST = -1e29f;

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

    /// @param listed 1: the key blocks of `start` and `index`; 0: dense, those two are not read
    public static void naive(KernelContext context, FloatArray q, FloatArray k, FloatArray v, IntArray start,
                             IntArray index, FloatArray out, FloatArray lse, IntArray p,
                             int H, int G, int D, int B, int listed) {
        int t = context.globalIdx;
        int h = context.globalIdy;
        if (t < p.get(P_ROWS)) {
            int position = p.get(P_OFFSET) + t;
            int qAt = p.get(P_Q) + (h * p.get(P_Q_STRIDE) + t) * D;
            int head = h / (H / G) * p.get(P_KV_STRIDE) * D;
            int list = 0;
            int keys = position + 1;
            if (listed == 1) {
                int row = h * p.get(P_LIST_ROWS) + t / B;
                int begin = start.get(p.get(P_START) + row);
                list = p.get(P_INDEX) + begin;
                keys = (start.get(p.get(P_END) + row) - begin) * B;
            }
            float scale = 1.0f / TornadoMath.sqrt((float) D);
            float m = LOWEST;
            float l = 0.0f;
            float[] o = new float[D];
            for (int d = 0; d < D; d++) {
                o[d] = 0.0f;
            }
            for (int at = 0; at < keys; at++) {
                int key = at;
                if (listed == 1) {
                    key = index.get(list + at / B) * B + at % B;
                }
                if (key <= position) {
                    // -- scores --
                    float s = 0.0f;
                    for (int d = 0; d < D; d++) {
                        s += q.get(qAt + d) * k.get(p.get(P_K) + head + key * D + d);
                    }
                    s = s * scale;
                    // -- running max and sum --
                    float highest = TornadoMath.max(m, s);
                    float shrink = TornadoMath.exp(m - highest);
                    float e = TornadoMath.exp(s - highest);
                    m = highest;
                    l = l * shrink + e;
                    // -- accumulate --
                    for (int d = 0; d < D; d++) {
                        o[d] = o[d] * shrink + e * v.get(p.get(P_V) + head + key * D + d);
                    }
                }
            }
            float inverse = l > 0.0f ? 1.0f / l : 0.0f;
            for (int d = 0; d < D; d++) {
                out.set(p.get(P_OUT) + (t * H + h) * D + d, o[d] * inverse);
            }
            if (p.get(P_LSE) >= 0) {
                lse.set(p.get(P_LSE) + h * p.get(P_LSE_STRIDE) + t, m + TornadoMath.log(l));
            }
        }
    }
}
