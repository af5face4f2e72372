package seer.kernels.attention;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What else a gate can be taught: how much of their attention the queries of a block give to each block of keys.
///
/// ## Shapes
/// | buffer   | shape       | type | direction | note                                                     |
/// |----------|-------------|------|-----------|----------------------------------------------------------|
/// | `q`      | `[H, T, D]` | f32  | in        | after RoPE; query `t` stands at position offset + t      |
/// | `k`      | `[G, S, D]` | f32  | in        | head `h` reads group `h / (H / G)`                       |
/// | `lse`    | `[H, T]`    | f32  | in        | of dense attention (f64 for the reference)               |
/// | `map`    | `[H, N, N]` | f32  | out       | 0 above the diagonal                                     |
///
/// The kernels compute one head, `map[N, M]`: `N = ceil(rows / B)` blocks of queries, `M = ceil((offset + rows) / B)`
/// blocks of keys, every element written.
///
/// | `p[...]`                 | meaning                                                                       |
/// |--------------------------|-------------------------------------------------------------------------------|
/// | `P_ROWS`, `P_OFFSET`     | queries; position of the first one, a multiple of `B`                         |
/// | `P_Q`, `P_K`, `P_LSE`    | first elements of the head's `q[T, D]` and `lse[T]` and its group's `k[S, D]` |
/// | `P_MAP`, `P_MAP_STRIDE`  | first element of the head's `map`; distance of its rows, at least `M`         |
/// | `P_KIND`                 | `PEAK`, `MEAN` or `ROOT`                                                      |
///
/// ## Tile
/// `naive`: an item for each element of the map, grid `[M rounded up to the group, N]`. `tiled`: a group of 128 items
/// for each `E = max(B, 64)` rows and keys, grid `[ceil((offset + rows) / E) * 128, ceil(rows / E)]`; the scores of
/// 64 rows and 64 keys at a time in registers, as in [PooledAttention]. An item adds up 4 keys of 8 rows; local memory
/// brings the items of a row together, then the rows of an element.
/// ```text
///   item (tx, ty): 8 rows x 4 keys  ->  part[64 rows][16]  ->  masses[64 rows][blocks]  ->  map
/// ```
/// ## Formula
///   m[t, j]      = sum over keys of block j of e^(q.k / sqrt(D) - lse)
///   map[h, i, j] = max, mean, or root of the mean of the squares, of m[t, j] over queries t of block i
/// ## Cost
///   half of dense attention; nothing of size T x T is held.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element · `tiled` local memory and registers
public final class AttentionMass {

    public static final int P_ROWS = 0;
    public static final int P_OFFSET = 1;
    public static final int P_Q = 2;
    public static final int P_K = 3;
    public static final int P_LSE = 4;
    public static final int P_MAP = 5;
    public static final int P_MAP_STRIDE = 6;
    public static final int P_KIND = 7;
    /// Elements of `p`.
    public static final int P_SIZE = 8;

    /// The largest mass of a query.
    public static final int PEAK = 0;
    /// The mean.
    public static final int MEAN = 1;
    /// The root of the mean of the squares.
    public static final int ROOT = 2;

    /// Items of a group of `tiled`.
    public static final int ITEMS = 128;

    /// Length of a row of 64 in local memory: the extra 4 spread the stores over the banks.
    private static final int PITCH = 68;
    /// Where the slice of K begins in `tile`.
    private static final int K_SLICE = 16 * PITCH;
    /// Length of a row's sums in local memory: the extra one spreads the rows over the banks.
    private static final int SUMS = 17;

    /// Local memory of a group of `tiled`.
    public static final int LOCAL_BYTES = 4 * (2 * 16 * PITCH + 64 * SUMS + 64 * 8);

    private AttentionMass() {
    }

    /// The oracle.
    public static double[] reference(float[] q, float[] k, double[] lse, int H, int G, int T, int D, int B,
                                     int kind) {
        int N = (T + B - 1) / B;
        var map = new double[H * N * N];
        for (int h = 0; h < H; h++) {
            for (int t = 0; t < T; t++) {
                var m = new double[N];
                for (int j = 0; j <= t; j++) {
                    double s = BlockSparseAttention.dot(q, (h * T + t) * D, k, (h / (H / G) * T + j) * D, D);
                    m[j / B] += Math.exp(s / Math.sqrt(D) - lse[h * T + t]);
                }
                int queries = Math.min(B, T - t / B * B);
                for (int j = 0; j < N; j++) {
                    int at = (h * N + t / B) * N + j;
                    map[at] = kind == PEAK ? Math.max(map[at], m[j])
                            : map[at] + (kind == ROOT ? m[j] * m[j] : m[j]) / queries;
                }
            }
        }
        for (int at = 0; at < map.length && kind == ROOT; at++) {
            map[at] = Math.sqrt(map[at]);
        }
        return map;
    }

    /// What a block's queries have so far, with one more.
    private static float with(float mass, float all, int kind) {
        float sum = all + (kind == ROOT ? mass * mass : mass);
        return kind == PEAK ? TornadoMath.max(all, mass) : sum;
    }

    /// What becomes of all of them.
    private static float pooled(float all, int queries, int kind) {
        float mean = all / queries;
        float root = TornadoMath.sqrt(mean);
        return kind == PEAK ? all : (kind == ROOT ? root : mean);
    }

    public static void naive(KernelContext context, FloatArray q, FloatArray k, FloatArray lse, FloatArray map,
                             IntArray p, int D, int B) {
        int block = context.globalIdx;
        int row = context.globalIdy;
        int rows = p.get(P_ROWS);
        int offset = p.get(P_OFFSET);
        if (block * B < offset + rows && row * B < rows) {
            float scale = 1.0f / TornadoMath.sqrt((float) D);
            int kind = p.get(P_KIND);
            int end = TornadoMath.min(row * B + B, rows);
            float all = 0.0f;
            for (int t = row * B; t < end; t++) {
                int qAt = p.get(P_Q) + t * D;
                float sum = lse.get(p.get(P_LSE) + t);
                float mass = 0.0f;
                for (int j = block * B; j <= TornadoMath.min(block * B + B - 1, offset + t); j++) {
                    int kAt = p.get(P_K) + j * D;
                    float s = 0.0f;
                    for (int d = 0; d < D; d++) {
                        s += q.get(qAt + d) * k.get(kAt + d);
                    }
                    mass += TornadoMath.exp(s * scale - sum);
                }
                all = with(mass, all, kind);
            }
            map.set(p.get(P_MAP) + row * p.get(P_MAP_STRIDE) + block, pooled(all, end - row * B, kind));
        }
    }

    public static void tiled(KernelContext context, FloatArray q, FloatArray k, FloatArray lse, FloatArray map,
                             IntArray p, int D, int B) {
        float[] tile = context.allocateFloatLocalArray(2 * 16 * PITCH);
        float[] part = context.allocateFloatLocalArray(64 * SUMS);
        float[] masses = context.allocateFloatLocalArray(64 * 8);
        int E = B < 64 ? 64 : B;
        int inner = B < 64 ? B : 64;
        int side = 64 / inner;
        int item = context.localIdx;
        int tx = item & 15;
        int ty = item >> 4;
        int rows = p.get(P_ROWS);
        int offset = p.get(P_OFFSET);
        int kind = p.get(P_KIND);
        int firstRow = context.groupIdy * E;
        int firstKey = context.groupIdx * E;
        int kAt = p.get(P_K) + tx;
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        float all = 0.0f;
        float[] s = new float[32];
        float[] mass = new float[8];
        int lastRow = TornadoMath.min(firstRow + E, rows) - 1;
        for (int row = firstRow; row <= lastRow; row += 64) {
            for (int i = 0; i < 8; i++) {
                mass[i] = 0.0f;
            }
            int lastKey = TornadoMath.min(firstKey + E - 1, offset + TornadoMath.min(row + 63, lastRow));
            for (int key = firstKey; key <= lastKey; key += 64) {
                for (int i = 0; i < 32; i++) {
                    s[i] = 0.0f;
                }
                for (int d = 0; d < D; d += 4) {
                    // -- load Q, K slices --
                    if ((d & 15) == 0) {
                        float[] a = new float[8];
                        float[] b = new float[8];
                        for (int i = 0; i < 8; i++) {
                            a[i] = q.get(p.get(P_Q) + tx + TornadoMath.min(row + ty * 8 + i, rows - 1) * D + d);
                            b[i] = k.get(kAt + TornadoMath.min(key + ty * 8 + i, offset + rows - 1) * D + d);
                        }
                        context.localBarrier();
                        for (int i = 0; i < 8; i++) {
                            tile[tx * PITCH + ty * 8 + i] = a[i];
                            tile[K_SLICE + tx * PITCH + ty * 8 + i] = b[i];
                        }
                        context.localBarrier();
                    }
                    // -- scores --
                    for (int e = 0; e < 4; e++) {
                        for (int j = 0; j < 4; j++) {
                            float f = tile[K_SLICE + ((d & 15) + e) * PITCH + tx * 4 + j];
                            for (int i = 0; i < 8; i++) {
                                s[i * 4 + j] += tile[((d & 15) + e) * PITCH + ty * 8 + i] * f;
                            }
                        }
                    }
                }
                // -- probabilities of 4 keys --
                for (int i = 0; i < 8; i++) {
                    int t = row + ty * 8 + i;
                    float sum = lse.get(p.get(P_LSE) + TornadoMath.min(t, rows - 1));
                    for (int j = 0; j < 4; j++) {
                        float e = TornadoMath.exp(s[i * 4 + j] * scale - sum);
                        boolean seen = t < rows && key + tx * 4 + j <= offset + t;
                        mass[i] += seen ? e : 0.0f;
                    }
                }
            }
            // -- the items of a row, then the rows of an element --
            for (int i = 0; i < 8; i++) {
                part[(ty * 8 + i) * SUMS + tx] = mass[i];
            }
            context.localBarrier();
            if (item < 64) {
                for (int x = 0; x < side; x++) {
                    float m = 0.0f;
                    for (int i = 0; i < inner / 4; i++) {
                        m += part[item * SUMS + x * (inner / 4) + i];
                    }
                    masses[item * side + x] = m;
                }
            }
            context.localBarrier();
            if (item < side * side) {
                for (int r = 0; r < inner; r++) {
                    float m = masses[(item / side * inner + r) * side + item % side];
                    all = with(m, all, kind);
                }
            }
        }
        if (item < side * side) {
            int top = firstRow + item / side * inner;
            int left = firstKey + item % side * inner;
            if (top < rows && left < offset + rows) {
                map.set(p.get(P_MAP) + top / B * p.get(P_MAP_STRIDE) + left / B,
                        pooled(all, TornadoMath.min(B, rows - top), kind));
            }
        }
    }
}
