package seer.kernels.attention;

import static seer.kernels.attention.BlockSparseAttention.LOWEST;
import static seer.kernels.attention.BlockSparseAttention.P_END;
import static seer.kernels.attention.BlockSparseAttention.P_INDEX;
import static seer.kernels.attention.BlockSparseAttention.P_K;
import static seer.kernels.attention.BlockSparseAttention.P_KV_STRIDE;
import static seer.kernels.attention.BlockSparseAttention.P_LIST_ROWS;
import static seer.kernels.attention.BlockSparseAttention.P_LSE;
import static seer.kernels.attention.BlockSparseAttention.P_LSE_STRIDE;
import static seer.kernels.attention.BlockSparseAttention.P_OFFSET;
import static seer.kernels.attention.BlockSparseAttention.P_OUT;
import static seer.kernels.attention.BlockSparseAttention.P_Q;
import static seer.kernels.attention.BlockSparseAttention.P_Q_STRIDE;
import static seer.kernels.attention.BlockSparseAttention.P_ROWS;
import static seer.kernels.attention.BlockSparseAttention.P_START;
import static seer.kernels.attention.BlockSparseAttention.P_V;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What the lists of [BlockSparseAttention] leave out, by the means of its blocks: each block before a query's own that
/// its list lacks is one more key, which counts as often as the block has tokens.
///
/// ## Shapes
/// | buffer           | shape                      | type | direction | note                                       |
/// |------------------|----------------------------|------|-----------|--------------------------------------------|
/// | `q`              | `[H, T, D]`                | f32  | in        | as given to [BlockSparseAttention]         |
/// | `k`, `v`         | `[G, n, D]`                | f32  | in        | means of the keys and values of blocks     |
/// | `start`, `index` | as [BlockSparseAttention]  | i32  | in        | the lists                                  |
/// | `out`            | `[T, H * D]`               | f32  | in, out   | attention to the listed blocks, then to all |
/// | `lse`            | `[H, T]`                   | f32  | in        | log-sum-exp over the listed blocks         |
///
/// Places of `p`: as in [BlockSparseAttention]; `P_K`, `P_V` and `P_KV_STRIDE` are those of the means.
///
/// ## Tile
/// ```text
///   means of blocks     0    1    2    3    4        group = a block of queries of one head, at most 64 of them;
///   list of block 4          ██             ◣◣       item = one query
///   seen here           m0        m2   m3
///
///     local memory   keys [S, D], values [S, D]  | S = 2048 / D means at a time, at most 256
///                    left [S]                    | 1 where the list lacks the block
///     registers      query[D], o[D], m, l of the item
/// ```
/// Grid `[groups(rows, B) * R, H]`, groups of `R = min(B, 64)` items, as [BlockSparseAttentionBlocked].
/// ## Formula
///   m, l, o = softmax over s[j] = q.k[j] / sqrt(D);  share = 1 / (1 + e^(lse - (m + log l + log B)))
///   out = (1 - share) out + share o / l
/// ## Cost
///   4*D flops for each query and block before it, 1 / B of dense attention; 17 KB of local memory.
/// ## Versions
///   `reference` plain loops, double · `joined` any device · [RestAttentionMma] on tensor cores
public final class RestAttention {

    /// Floats of local memory for keys, and for values.
    private static final int ROOM = 2048;
    /// Most means at a time.
    private static final int MOST = 256;

    /// Local memory of a group.
    public static final int LOCAL_BYTES = 4 * (2 * ROOM + MOST);
    /// Widest head: its query and output are an item's own.
    public static final int MOST_WIDTH = 512;

    private RestAttention() {
    }

    /// The oracle: listed blocks token by token, the others before the query's own by their means.
    ///
    /// @param keep `[H, N, N]`
    public static double[] reference(float[] q, float[] k, float[] v, boolean[] keep, int H, int G, int T, int D,
                                     int B) {
        double[] keys = means(k, G, T, D, B);
        double[] values = means(v, G, T, D, B);
        var sparse = BlockSparseAttention.reference(q, k, v, keep, H, G, T, D, B);
        int N = (T + B - 1) / B;
        var out = new double[T * H * D];
        for (int h = 0; h < H; h++) {
            for (int t = 0; t < T; t++) {
                double max = sparse.lse()[h * T + t];
                var s = new double[N];
                for (int j = 0; j < t / B; j++) {
                    int mean = (h / (H / G) * N + j) * D;
                    for (int d = 0; d < D; d++) {
                        s[j] += q[(h * T + t) * D + d] * keys[mean + d];
                    }
                    s[j] = keep[(h * N + t / B) * N + j] ? Double.NEGATIVE_INFINITY
                            : s[j] / Math.sqrt(D) + Math.log(B);
                    max = Math.max(max, s[j]);
                }
                double sum = max == Double.NEGATIVE_INFINITY ? 1 : Math.exp(sparse.lse()[h * T + t] - max);
                int to = (t * H + h) * D;
                for (int d = 0; d < D; d++) {
                    out[to + d] = sum * sparse.o()[to + d];
                }
                for (int j = 0; j < t / B && max > Double.NEGATIVE_INFINITY; j++) {
                    double e = Math.exp(s[j] - max);
                    sum += e;
                    for (int d = 0; d < D; d++) {
                        out[to + d] += e * values[(h / (H / G) * N + j) * D + d];
                    }
                }
                for (int d = 0; d < D; d++) {
                    out[to + d] /= sum;
                }
            }
        }
        return out;
    }

    /// Means `[G, N, D]` of the whole blocks of `x[G, T, D]`.
    private static double[] means(float[] x, int G, int T, int D, int B) {
        int N = (T + B - 1) / B;
        var means = new double[G * N * D];
        for (int g = 0; g < G; g++) {
            for (int t = 0; t < T / B * B; t++) {
                for (int d = 0; d < D; d++) {
                    means[(g * N + t / B) * D + d] += (double) x[(g * T + t) * D + d] / B;
                }
            }
        }
        return means;
    }

    /// Query rows of a group, which are its items.
    public static int rowsOfGroup(int B) {
        return BlockSparseAttentionBlocked.rowsOfGroup(B);
    }

    /// Groups of one head.
    public static int groups(int rows, int B) {
        return BlockSparseAttentionBlocked.groups(rows, B);
    }

    /// Joins the means into `out`.
    public static void joined(KernelContext context, FloatArray q, FloatArray k, FloatArray v, IntArray start,
                              IntArray index, FloatArray out, FloatArray lse, IntArray p,
                              int H, int G, int D, int B) {
        float[] keys = context.allocateFloatLocalArray(ROOM);
        float[] values = context.allocateFloatLocalArray(ROOM);
        int[] left = context.allocateIntLocalArray(MOST);
        int R = B < 64 ? B : 64;
        int S = ROOM / D < MOST ? ROOM / D : MOST;
        int parts = (B + R - 1) / R;
        int item = context.localIdx;
        int h = context.groupIdy;
        int row = context.groupIdx / parts;
        int rows = p.get(P_ROWS);
        int t = row * B + context.groupIdx % parts * R + item;
        int list = h * p.get(P_LIST_ROWS) + row;
        int begin = p.get(P_INDEX) + start.get(p.get(P_START) + list);
        int end = p.get(P_INDEX) + start.get(p.get(P_END) + list);
        int blocks = p.get(P_OFFSET) / B + row;
        int head = h / (H / G) * p.get(P_KV_STRIDE) * D;
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        float[] query = new float[D];
        float[] o = new float[D];
        for (int d = 0; d < D; d++) {
            query[d] = q.get(p.get(P_Q) + (h * p.get(P_Q_STRIDE) + TornadoMath.min(t, rows - 1)) * D + d) * scale;
            o[d] = 0.0f;
        }
        float m = LOWEST;
        float l = 0.0f;
        for (int from = 0; from < blocks; from += S) {
            int count = TornadoMath.min(S, blocks - from);
            // -- load means: nobody reads the piece before any more --
            context.localBarrier();
            for (int i = item; i < count * D; i += R) {
                keys[i] = k.get(p.get(P_K) + head + from * D + i);
                values[i] = v.get(p.get(P_V) + head + from * D + i);
            }
            for (int i = item; i < count; i += R) {
                left[i] = 1;
            }
            // -- strike the listed ones --
            context.localBarrier();
            for (int i = begin + item; i < end; i += R) {
                int j = index.get(i) - from;
                if (j >= 0 && j < count) {
                    left[j] = 0;
                }
            }
            context.localBarrier();
            for (int j = 0; j < count; j++) {
                if (left[j] == 1) {
                    // -- scores --
                    float s = 0.0f;
                    for (int d = 0; d < D; d++) {
                        s += query[d] * keys[j * D + d];
                    }
                    // -- running max and sum --
                    float highest = TornadoMath.max(m, s);
                    float shrink = TornadoMath.exp(m - highest);
                    float e = TornadoMath.exp(s - highest);
                    m = highest;
                    l = l * shrink + e;
                    // -- accumulate --
                    for (int d = 0; d < D; d++) {
                        o[d] = o[d] * shrink + e * values[j * D + d];
                    }
                }
            }
        }
        // -- join --
        if (t < TornadoMath.min(row * B + B, rows) && l > 0.0f) {
            float chosen = lse.get(p.get(P_LSE) + h * p.get(P_LSE_STRIDE) + t);
            float rest = m + TornadoMath.log(l * B);
            float share = 1.0f / (1.0f + TornadoMath.exp(chosen - rest));
            for (int d = 0; d < D; d++) {
                int to = p.get(P_OUT) + (t * H + h) * D + d;
                out.set(to, out.get(to) * (1.0f - share) + o[d] / l * share);
            }
        }
    }
}
