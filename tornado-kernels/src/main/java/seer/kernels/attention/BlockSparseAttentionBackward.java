package seer.kernels.attention;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of block-sparse causal attention: `queries` walks each row's list of key blocks, `keys` each column's
/// list of query blocks.
///
/// ## Shapes
/// | buffer       | shape        | type | direction | note                                                          |
/// |--------------|--------------|------|-----------|---------------------------------------------------------------|
/// | `q`, `dq`    | `[H, T, D]`  | f32  | in, out   | after RoPE; query `t` stands at position `t`                  |
/// | `k`, `v`     | `[G, S, D]`  | f32  | in        | head `h` reads group `h / (H / G)`                            |
/// | `sums`       |              | f32  | out       | parts of `dk` and `dv`, as [KeySlopes] reads them             |
/// | `out`, `dO`  | `[T, H * D]` | f32  | in        | what attention gave, and the loss's derivative by it          |
/// | `lse`        | `[H, T]`     | f32  | in        | natural log-sum-exp, of attention over the same lists         |
/// | `delta`      | `[H, T]`     | f32  | between   | `dO . out`: `queries` writes it, `keys` reads it              |
/// | `start`, `index` |      | i32  | in        | rows' lists for `queries`; `index` columns' lists for `keys`  |
/// | `parts`      | `[most, 3]`  | i32  | in        | of the columns' lists                                         |
///
/// The rows' lists are those of [BlockSparseAttention], the columns' and their parts those of [TransposedLists]: of
/// column `g * N + key block` the rows `h * N + query block`.
///
/// | `p[...]`                 | meaning                                                                        |
/// |--------------------------|--------------------------------------------------------------------------------|
/// | `P_ROWS`                 | `T`, queries and keys                                                          |
/// | `P_Q`, `P_Q_STRIDE`      | first element of `q`; distance of heads in rows                                |
/// | `P_K`, `P_V`, `P_KV_STRIDE` | first elements of `k` and `v`; `S`                                          |
/// | `P_OUT`, `P_SLOPE`       | first elements of `out` and `dO`                                               |
/// | `P_LSE`, `P_LSE_STRIDE`  | first element of `lse`; distance of heads                                      |
/// | `P_DELTA`                | first element of `delta`, heads `T` apart                                      |
/// | `P_DQ`, `P_DQ_STRIDE`    | first element of `dq`; distance of its heads in rows                           |
/// | `P_SUMS`, `P_PARTS`      | first elements of `sums` and `parts`                                           |
/// | `P_START`, `P_END`       | first elements of the lists' beginnings and ends in `start`                    |
/// | `P_INDEX`                | what is added to the values of `start`                                         |
///
/// ## Tile
/// ```text
///            kb=0   1    2    3         queries: a group = a query block of one head, an item = a query
///   qb=1  [  ██ | ◣◣ |    |    ]                 K and V of each listed block through local memory
///   qb=2  [     | ██ | ◣◣ |    ]        keys:    a group = a key block of one group of heads, an item = a key
///   qb=3  [  ██ |    |    | ◣◣ ]                 column 0: qb 0, 1, 3 of each head; Q and dO through local memory
/// ```
/// Groups of `R = min(B, 64)` items; grids `[groups(T, B) * R, H]` and `[parts * ceil(B / R) * R]`.
/// ## Formula
///   p = e^(q.k / sqrt(D) - lse);  delta = dO.out;  ds = p (dO.v - delta) / sqrt(D)
///   dq = sum ds k;  dk = sum ds q;  dv = sum p dO, over queries of all heads of the group
/// ## Cost
///   14*B^2*D flops per kept block and head: scores and `dO.v` are made twice, so that no two items add to one number.
/// ## Versions
///   `reference` plain loops, double · `queries` and `keys` one item per query or key, the others by the block through
///   local memory, as [BlockSparseAttentionBlocked]
///
/// References: SeerAttention (arXiv 2410.13276v1), appendix A.2; FlashAttention-2 (arXiv 2307.08691), algorithm 2.
public final class BlockSparseAttentionBackward {

    public static final int P_ROWS = 0;
    public static final int P_Q = 1;
    public static final int P_Q_STRIDE = 2;
    public static final int P_K = 3;
    public static final int P_V = 4;
    public static final int P_KV_STRIDE = 5;
    public static final int P_OUT = 6;
    public static final int P_SLOPE = 7;
    public static final int P_LSE = 8;
    public static final int P_LSE_STRIDE = 9;
    public static final int P_DELTA = 10;
    public static final int P_DQ = 11;
    public static final int P_DQ_STRIDE = 12;
    public static final int P_START = 13;
    public static final int P_END = 14;
    public static final int P_INDEX = 15;
    public static final int P_SUMS = 16;
    public static final int P_PARTS = 17;

    /// Floats of local memory for each of the two matrices of a piece.
    private static final int ROOM = 2048;
    /// Rows of a piece, at most.
    private static final int MOST = 128;

    /// Local memory of a group.
    public static final int LOCAL_BYTES = 4 * (2 * ROOM + 2 * MOST);

    private BlockSparseAttentionBackward() {
    }

    /// @param dq `[H, T, D]`
    /// @param dk `[G, T, D]`
    /// @param dv `[G, T, D]`
    public record Slopes(double[] dq, double[] dk, double[] dv) { }

    /// The oracle.
    ///
    /// @param keep `[H, N, N]` or null for dense attention
    public static Slopes reference(float[] q, float[] k, float[] v, float[] dO, boolean[] keep, int H, int G, int T,
                                   int D, int B) {
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
        return new Slopes(dq, dk, dv);
    }

    /// Items of a group.
    public static int items(int B) {
        return B < 64 ? B : 64;
    }

    /// Groups of one head.
    public static int groups(int rows, int B) {
        return BlockSparseAttentionBlocked.groups(rows, B);
    }

    /// @param listed 1: the key blocks of `start` and `index`; 0: dense, those two are not read
    public static void queries(KernelContext context, FloatArray q, FloatArray k, FloatArray v, FloatArray out,
                               FloatArray dO, FloatArray lse, FloatArray delta, FloatArray dq, IntArray start,
                               IntArray index, IntArray p, int H, int G, int D, int B, int listed) {
        float[] keys = context.allocateFloatLocalArray(ROOM);
        float[] values = context.allocateFloatLocalArray(ROOM);
        int R = B < 64 ? B : 64;
        int S = ROOM / D;
        int parts = (B + R - 1) / R;
        int item = context.localIdx;
        int h = context.groupIdy;
        int row = context.groupIdx / parts;
        int first = row * B + context.groupIdx % parts * R;
        int rows = p.get(P_ROWS);
        int t = first + item;
        int mine = TornadoMath.min(t, rows - 1);
        int head = h / (H / G) * p.get(P_KV_STRIDE) * D;
        int list = 0;
        int blocks = row + 1;
        if (listed == 1) {
            int at = h * ((rows + B - 1) / B) + row;
            list = p.get(P_INDEX) + start.get(p.get(P_START) + at);
            blocks = p.get(P_INDEX) + start.get(p.get(P_END) + at) - list;
        }
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        float minus = lse.get(p.get(P_LSE) + h * p.get(P_LSE_STRIDE) + mine);
        float own = 0.0f;
        float[] query = new float[D];
        float[] slope = new float[D];
        float[] sum = new float[D];
        for (int d = 0; d < D; d++) {
            query[d] = q.get(p.get(P_Q) + (h * p.get(P_Q_STRIDE) + mine) * D + d) * scale;
            slope[d] = dO.get(p.get(P_SLOPE) + (mine * H + h) * D + d);
            own += slope[d] * out.get(p.get(P_OUT) + (mine * H + h) * D + d);
            sum[d] = 0.0f;
        }
        for (int n = 0; n < blocks; n++) {
            int block = listed == 1 ? index.get(list + n) : n;
            for (int from = block * B; from < block * B + B; from += S) {
                // -- load K, V: nobody reads the piece before any more, and none before this one is whole --
                int count = TornadoMath.min(TornadoMath.min(S, block * B + B - from), rows - from);
                context.localBarrier();
                for (int i = item; i < count * D; i += R) {
                    keys[i] = k.get(p.get(P_K) + head + from * D + i);
                    values[i] = v.get(p.get(P_V) + head + from * D + i);
                }
                context.localBarrier();
                for (int j = 0; j < TornadoMath.min(count, t + 1 - from); j++) {
                    // -- scores and slopes --
                    float s = 0.0f;
                    float dp = 0.0f;
                    for (int d = 0; d < D; d++) {
                        s += query[d] * keys[j * D + d];
                        dp += slope[d] * values[j * D + d];
                    }
                    float ds = TornadoMath.exp(s - minus) * (dp - own) * scale;
                    // -- accumulate --
                    for (int d = 0; d < D; d++) {
                        sum[d] += ds * keys[j * D + d];
                    }
                }
            }
        }
        if (t < TornadoMath.min(row * B + B, rows)) {
            for (int d = 0; d < D; d++) {
                dq.set(p.get(P_DQ) + (h * p.get(P_DQ_STRIDE) + t) * D + d, sum[d]);
            }
            delta.set(p.get(P_DELTA) + h * rows + t, own);
        }
    }

    public static void keys(KernelContext context, FloatArray q, FloatArray k, FloatArray v, FloatArray dO,
                            FloatArray lse, FloatArray delta, FloatArray sums, IntArray parts, IntArray index,
                            IntArray p, int H, int G, int D, int B) {
        float[] queries = context.allocateFloatLocalArray(ROOM);
        float[] slopes = context.allocateFloatLocalArray(ROOM);
        float[] minus = context.allocateFloatLocalArray(MOST);
        float[] own = context.allocateFloatLocalArray(MOST);
        int R = B < 64 ? B : 64;
        int S = TornadoMath.min(ROOM / D, MOST);
        int pieces = (B + R - 1) / R;
        int item = context.localIdx;
        int rows = p.get(P_ROWS);
        int N = (rows + B - 1) / B;
        int part = p.get(P_PARTS) + context.groupIdx / pieces * TransposedLists.PART;
        int c = TornadoMath.max(parts.get(part), 0);
        int g = c / N;
        int column = c % N;
        int t = column * B + context.groupIdx % pieces * R + item;
        int mine = (g * p.get(P_KV_STRIDE) + TornadoMath.min(t, rows - 1)) * D;
        int list = p.get(P_INDEX);
        int visits = 0;
        if (parts.get(part) >= 0) {
            list += parts.get(part + 1);
            visits = parts.get(part + 2) - parts.get(part + 1);
        }
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        float[] key = new float[D];
        float[] value = new float[D];
        float[] toKey = new float[D];
        float[] toValue = new float[D];
        for (int d = 0; d < D; d++) {
            key[d] = k.get(p.get(P_K) + mine + d) * scale;
            value[d] = v.get(p.get(P_V) + mine + d);
            toKey[d] = 0.0f;
            toValue[d] = 0.0f;
        }
        for (int n = 0; n < visits; n++) {
            int visit = index.get(list + n);
            int h = visit / N;
            int block = visit % N;
            for (int from = block * B; from < block * B + B; from += S) {
                // -- load Q, dO and their numbers --
                int count = TornadoMath.min(TornadoMath.min(S, block * B + B - from), rows - from);
                context.localBarrier();
                for (int i = item; i < count * D; i += R) {
                    queries[i] = q.get(p.get(P_Q) + (h * p.get(P_Q_STRIDE) + from) * D + i);
                    slopes[i] = dO.get(p.get(P_SLOPE) + ((from + i / D) * H + h) * D + i % D);
                }
                for (int i = item; i < count; i += R) {
                    minus[i] = lse.get(p.get(P_LSE) + h * p.get(P_LSE_STRIDE) + from + i);
                    own[i] = delta.get(p.get(P_DELTA) + h * rows + from + i);
                }
                context.localBarrier();
                for (int i = TornadoMath.max(0, t - from); i < count; i++) {
                    // -- scores and slopes --
                    float s = 0.0f;
                    float dp = 0.0f;
                    for (int d = 0; d < D; d++) {
                        s += key[d] * queries[i * D + d];
                        dp += value[d] * slopes[i * D + d];
                    }
                    float e = TornadoMath.exp(s - minus[i]);
                    float ds = e * (dp - own[i]) * scale;
                    // -- accumulate --
                    for (int d = 0; d < D; d++) {
                        toKey[d] += ds * queries[i * D + d];
                        toValue[d] += e * slopes[i * D + d];
                    }
                }
            }
        }
        if (visits > 0) {
            int to = p.get(P_SUMS) + (context.groupIdx * 2 * R + item) * D;
            for (int d = 0; d < D; d++) {
                sums.set(to + d, toKey[d]);
                sums.set(to + R * D + d, toValue[d]);
            }
        }
    }
}
