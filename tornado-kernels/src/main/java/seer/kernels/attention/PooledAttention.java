package seer.kernels.attention;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What a gate is taught: the largest attention probability inside each block.
///
/// ## Shapes
/// | buffer   | shape       | type | direction | note                                                     |
/// |----------|-------------|------|-----------|----------------------------------------------------------|
/// | `q`      | `[H, T, D]` | f32  | in        | after RoPE; query `t` stands at position offset + t      |
/// | `k`      | `[G, S, D]` | f32  | in        | head `h` reads group `h / (H / G)`                       |
/// | `lse`    | `[H, T]`    | f32  | in        | of dense attention (f64 for the reference)               |
/// | `map`    | `[H, N, N]` | f32  | out       | 0 above the diagonal; rows are not normalised            |
///
/// The kernels compute one head, `map[N, M]`: `N = ceil(rows / B)` blocks of queries, `M = ceil((offset + rows) / B)`
/// blocks of keys, every element written.
///
/// | `p[...]`                 | meaning                                                                       |
/// |--------------------------|-------------------------------------------------------------------------------|
/// | `P_ROWS`, `P_OFFSET`     | queries; position of the first one, a multiple of `B`                         |
/// | `P_Q`, `P_K`, `P_LSE`    | first elements of the head's `q[T, D]` and `lse[T]` and its group's `k[S, D]` |
/// | `P_MAP`, `P_MAP_STRIDE`  | first element of the head's `map`; distance of its rows, at least `M`         |
///
/// ## Tile
/// `naive`: an item for each element of the map, grid `[M rounded up to the group, N]`. `tiled`: a group of 128 items
/// for each `E = max(B, 64)` rows and keys, grid `[ceil((offset + rows) / E) * 128, ceil(rows / E)]`; the scores of
/// 64 rows and 64 keys at a time in registers, as in [BlockSparseAttentionTiled].
/// ```text
///   B = 16: one tile, 16 elements of the map     B = 128: four tiles, one element
///     +----+----+----+----+                        +---------+---------+
///     | m  | m  | m  | m  |  64 rows               |         |         |
///     +----+----+----+----+                        +----- m -----------+
///     | m  | m  | ..                               |         |         |
/// ```
/// ## Formula
///   map[h, i, j] = max over queries of block i and keys of block j of e^(q.k / sqrt(D) - lse)
/// ## Cost
///   half of dense attention; nothing of size T x T is held.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element · `tiled` local memory and registers
public final class PooledAttention {

    public static final int P_ROWS = 0;
    public static final int P_OFFSET = 1;
    public static final int P_Q = 2;
    public static final int P_K = 3;
    public static final int P_LSE = 4;
    public static final int P_MAP = 5;
    public static final int P_MAP_STRIDE = 6;
    /// Elements of `p`.
    public static final int P_SIZE = 7;

    /// Items of a group of `tiled`.
    public static final int ITEMS = 128;

    /// Length of a row of 64 in local memory: the extra 4 spread the stores over the banks.
    private static final int PITCH = 68;
    /// Where the slice of K begins in `tile`.
    private static final int K_SLICE = 16 * PITCH;

    /// Local memory of a group of `tiled`.
    public static final int LOCAL_BYTES = 4 * (2 * 16 * PITCH + ITEMS);

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

    public static void naive(KernelContext context, FloatArray q, FloatArray k, FloatArray lse, FloatArray map,
                             IntArray p, int D, int B) {
        int block = context.globalIdx;
        int row = context.globalIdy;
        int rows = p.get(P_ROWS);
        int offset = p.get(P_OFFSET);
        if (block * B < offset + rows && row * B < rows) {
            float scale = 1.0f / TornadoMath.sqrt((float) D);
            float highest = 0.0f;
            for (int t = row * B; t < TornadoMath.min(row * B + B, rows); t++) {
                int qAt = p.get(P_Q) + t * D;
                float sum = lse.get(p.get(P_LSE) + t);
                for (int j = block * B; j <= TornadoMath.min(block * B + B - 1, offset + t); j++) {
                    int kAt = p.get(P_K) + j * D;
                    float s = 0.0f;
                    for (int d = 0; d < D; d++) {
                        s += q.get(qAt + d) * k.get(kAt + d);
                    }
                    highest = TornadoMath.max(highest, TornadoMath.exp(s * scale - sum));
                }
            }
            map.set(p.get(P_MAP) + row * p.get(P_MAP_STRIDE) + block, highest);
        }
    }

    public static void tiled(KernelContext context, FloatArray q, FloatArray k, FloatArray lse, FloatArray map,
                             IntArray p, int D, int B) {
        float[] tile = context.allocateFloatLocalArray(2 * 16 * PITCH);
        float[] part = context.allocateFloatLocalArray(ITEMS);
        int E = B < 64 ? 64 : B;
        int item = context.localIdx;
        int tx = item & 15;
        int ty = item >> 4;
        int rows = p.get(P_ROWS);
        int offset = p.get(P_OFFSET);
        int firstRow = context.groupIdy * E;
        int firstKey = context.groupIdx * E;
        int qAt = p.get(P_Q) + tx;
        int kAt = p.get(P_K) + tx;
        int lseAt = p.get(P_LSE);
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        float highest = 0.0f;
        float[] s = new float[32];
        int lastRow = TornadoMath.min(firstRow + E, rows) - 1;
        for (int row = firstRow; row <= lastRow; row += 64) {
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
                            a[i] = q.get(qAt + TornadoMath.min(row + ty * 8 + i, rows - 1) * D + d);
                        }
                        for (int i = 0; i < 8; i++) {
                            b[i] = k.get(kAt + TornadoMath.min(key + ty * 8 + i, offset + rows - 1) * D + d);
                        }
                        context.localBarrier();
                        for (int i = 0; i < 8; i++) {
                            tile[tx * PITCH + ty * 8 + i] = a[i];
                        }
                        for (int i = 0; i < 8; i++) {
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
                // -- running max --
                for (int i = 0; i < 8; i++) {
                    int t = row + ty * 8 + i;
                    float sum = lse.get(lseAt + TornadoMath.min(t, rows - 1));
                    for (int j = 0; j < 4; j++) {
                        float e = TornadoMath.exp(s[i * 4 + j] * scale - sum);
                        boolean seen = t < rows && key + tx * 4 + j <= offset + t;
                        highest = TornadoMath.max(highest, seen ? e : 0.0f);
                    }
                }
            }
        }
        part[item] = highest;
        context.localBarrier();
        // -- the items of one element: B / 8 along y, B / 4 along x; all of them from B = 64 on --
        int side = E / B;
        int itemsY = B < 64 ? B / 8 : 8;
        int itemsX = B < 64 ? B / 4 : 16;
        if (item < side * side) {
            int y = item / side;
            int x = item % side;
            float all = 0.0f;
            for (int i = 0; i < itemsY * itemsX; i++) {
                all = TornadoMath.max(all, part[(y * itemsY + i / itemsX) * 16 + x * itemsX + i % itemsX]);
            }
            if (firstRow + y * B < rows && firstKey + x * B < offset + rows) {
                map.set(p.get(P_MAP) + (firstRow / B + y) * p.get(P_MAP_STRIDE) + firstKey / B + x, all);
            }
        }
    }
}
