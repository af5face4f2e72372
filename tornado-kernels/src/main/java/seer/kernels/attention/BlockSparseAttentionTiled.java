package seer.kernels.attention;

import static seer.kernels.attention.BlockSparseAttention.HIDDEN;
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

/// The `tiled` rung of [BlockSparseAttention]: keys and values pass through local memory, scores and outputs stay in
/// registers. The same kernel computes dense attention, with a list of key blocks that is only implied.
///
/// ## Shapes
/// As in [BlockSparseAttention], addressed through the same indices of `p`. Blocks of 8, 16, 32, 64 or 128 tokens,
/// head widths that are multiples of 16 up to 128.
///
/// ## Tile
/// One work-group of 128 items for each head and each `R = min(B, 64)` query rows; grid `[ceil(rows / R) * 128, H]`.
/// A step takes 64 keys: one block of 64, half a block of 128, or several listed blocks side by side.
/// ```text
///          keys     tx = 0   1   2  ...  15          head width    tx = 0    1    2  ...  15
///                  +----+---+---+---+---+                         +----+---+---+---+---+
///   rows  ty = 0   |    : 4 keys each   |       rows  ty = 0      |    : D/16 columns  |
///   R/8 each   1   |  S = Q K^T         |       R/8 each   1      |  O += P V          |
///            ...   |    :               |                ...      |    :               |
///              7   +----+---+---+---+---+                  7      +----+---+---+---+---+
/// ```
/// For `R = 64, D = 128` an item keeps 8 x 4 scores and 8 x 8 outputs. Q and K come in slices of `W` columns of the
/// head, transposed, so that the 8 rows and the 4 keys of an item are neighbours in local memory (one 16-byte read
/// each four); V comes in 32 rows at a time. Rows of P and of the slices are 64 + 4 long, against bank conflicts.
///
/// | local memory | floats                     | holds                                             |
/// |--------------|----------------------------|---------------------------------------------------|
/// | `tile`       | 2 * 32 * 68                | a slice of Q beside one of K; later rows of V     |
/// | `prob`       | 64 * 68                    | P, row by row                                     |
/// | `part`       | 64 * 16                    | row maxima, at the end row sums, of each item     |
/// | `rowAt`, `keyAt` | 64 + 64 ints           | where the rows of Q and the keys of the step begin |
///
/// ## Formula
///   s = q.k / sqrt(D);  m' = max(m, max s);  l' = l e^(m - m') + sum e^(s - m');  o' = o e^(m - m') + e^(s - m') v
/// ## Cost
///   4*R*64*D flops a step for (R + 2*64)*D floats read; 39 KB of local memory; 162 registers an item at `D = 64`
///   and 254 at `D = 128` (CUDA), without spills. An H200 reaches 29 TFLOP/s at `D = 64` and 31 at `D = 128`, dense
///   or not, and 0.8 of the rate of [seer.kernels.layer.MatMul]'s `tiled`; blocks of 32 and 16 fall to 24 and 15.
/// ## Versions
///   see [BlockSparseAttention]. Tried and no faster: 256 items with 4 x 4 scores each; slices of 16 columns.
///
/// The kernel is one long method: TornadoVM 5.2.0 compiles a helper that takes a local array without complaint, but
/// what it computes on the device is wrong. Loops over private arrays have constant bounds, so that the arrays become
/// registers; loads go to such an array first and to local memory afterwards, so that they overlap.
///
/// References: FlashAttention-2 (arXiv 2307.08691), algorithm 1.
public final class BlockSparseAttentionTiled {

    /// Items of a group.
    public static final int ITEMS = 128;

    /// Keys of a step.
    private static final int KEYS = 64;
    /// Length of a row of 64 in local memory.
    private static final int PITCH = 68;
    /// Where the slice of K begins in `tile`.
    private static final int K_SLICE = 32 * PITCH;
    /// Rows of V in local memory at a time.
    private static final int V_ROWS = 32;

    /// Local memory of a group.
    public static final int LOCAL_BYTES = 4 * (2 * 32 * PITCH + 64 * PITCH + 64 * 16 + 64 + KEYS);

    private BlockSparseAttentionTiled() {
    }

    /// The oracle, which is that of all rungs.
    public static BlockSparseAttention.Result reference(float[] q, float[] k, float[] v, boolean[] keep, int H, int G,
                                                        int T, int D, int B) {
        return BlockSparseAttention.reference(q, k, v, keep, H, G, T, D, B);
    }

    /// Query rows of a group.
    public static int rowsOfGroup(int B) {
        return B < 64 ? B : 64;
    }

    /// @param listed 1: the key blocks of `start` and `index`; 0: dense, those two are not read (B is 64 then)
    public static void tiled(KernelContext context, FloatArray q, FloatArray k, FloatArray v, IntArray start,
                             IntArray index, FloatArray out, FloatArray lse, IntArray p,
                             int H, int G, int D, int B, int listed) {
        float[] tile = context.allocateFloatLocalArray(2 * 32 * PITCH);
        float[] prob = context.allocateFloatLocalArray(64 * PITCH);
        float[] part = context.allocateFloatLocalArray(64 * 16);
        int[] rowAt = context.allocateIntLocalArray(64);
        int[] keyAt = context.allocateIntLocalArray(KEYS);
        int R = B < 64 ? B : 64;
        int I = R / 8;
        int C = D / 16;
        int W = D % 32 == 0 ? 32 : 16;
        int QN = R * W / ITEMS;
        int KN = KEYS * W / ITEMS;
        int V = D % 64 == 0 ? 64 : 16;
        int VC = D / V;
        int VN = V_ROWS * V / ITEMS;
        int side = D % 64 == 0 ? 4 : 1;
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        int kBase = p.get(P_K);
        int vBase = p.get(P_V);
        int item = context.localIdx;
        int tx = item & 15;
        int ty = item >> 4;
        int h = context.groupIdy;
        int rows = p.get(P_ROWS);
        int first = ((rows + R - 1) / R - 1 - context.groupIdx) * R;
        int position = p.get(P_OFFSET) + first;
        int last = p.get(P_OFFSET) + rows - 1;
        int head = h / (H / G) * p.get(P_KV_STRIDE) * D;
        int list = 0;
        int keys = TornadoMath.min(position + R, last + 1);
        if (listed == 1) {
            int row = h * p.get(P_LIST_ROWS) + TornadoMath.max(first, 0) / B;
            int begin = start.get(p.get(P_START) + row);
            list = p.get(P_INDEX) + begin;
            keys = (start.get(p.get(P_END) + row) - begin) * B;
        }
        keys = first < 0 ? 0 : keys;
        if (item < R) {
            int row = TornadoMath.max(TornadoMath.min(first + item, rows - 1), 0);
            rowAt[item] = p.get(P_Q) + (h * p.get(P_Q_STRIDE) + row) * D;
        }
        float[] s = new float[I * 4];
        float[] m = new float[I];
        float[] l = new float[I];
        float[] o = new float[I * C];
        for (int i = 0; i < I; i++) {
            m[i] = LOWEST;
            l[i] = 0.0f;
            for (int c = 0; c < C; c++) {
                o[i * C + c] = 0.0f;
            }
        }
        for (int from = 0; from < keys; from += KEYS) {
            // -- where the keys of this step are --
            int key = from + tx * 4;
            if (item < KEYS) {
                int at = from + item;
                if (listed == 1) {
                    at = index.get(list + TornadoMath.min(at, keys - 1) / B) * B + at % B;
                }
                keyAt[item] = head + TornadoMath.min(at, last) * D;
            }
            if (listed == 1) {
                key = key < keys ? index.get(list + TornadoMath.min(key, keys - 1) / B) * B + key % B : last + 1;
            }
            context.localBarrier();
            for (int i = 0; i < I * 4; i++) {
                s[i] = 0.0f;
            }
            for (int d = 0; d < D; d += 4) {
                // -- load Q, K slices --
                if ((d & (W - 1)) == 0) {
                    float[] a = new float[QN];
                    float[] b = new float[KN];
                    for (int i = 0; i < QN; i++) {
                        a[i] = q.get(rowAt[item / W * QN + i] + d + (item & (W - 1)));
                    }
                    for (int i = 0; i < KN; i++) {
                        b[i] = k.get(kBase + keyAt[item / W * KN + i] + d + (item & (W - 1)));
                    }
                    context.localBarrier();
                    for (int i = 0; i < QN; i++) {
                        tile[(item & (W - 1)) * (R + 4) + item / W * QN + i] = a[i];
                    }
                    for (int i = 0; i < KN; i++) {
                        tile[K_SLICE + (item & (W - 1)) * PITCH + item / W * KN + i] = b[i];
                    }
                    context.localBarrier();
                }
                // -- scores --
                for (int e = 0; e < 4; e++) {
                    for (int j = 0; j < 4; j++) {
                        float f = tile[K_SLICE + ((d & (W - 1)) + e) * PITCH + tx * 4 + j];
                        for (int i = 0; i < I; i++) {
                            s[i * 4 + j] += tile[((d & (W - 1)) + e) * (R + 4) + ty * I + i] * f;
                        }
                    }
                }
            }
            // -- running max and sum --
            for (int i = 0; i < I; i++) {
                float highest = HIDDEN;
                for (int j = 0; j < 4; j++) {
                    s[i * 4 + j] = key + j <= position + ty * I + i ? s[i * 4 + j] * scale : HIDDEN;
                    highest = TornadoMath.max(highest, s[i * 4 + j]);
                }
                part[(ty * I + i) * 16 + tx] = highest;
            }
            context.localBarrier();
            for (int i = 0; i < I; i++) {
                float highest = m[i];
                for (int x = 0; x < 16; x++) {
                    highest = TornadoMath.max(highest, part[(ty * I + i) * 16 + x]);
                }
                float shrink = TornadoMath.exp(m[i] - highest);
                m[i] = highest;
                l[i] = l[i] * shrink;
                for (int c = 0; c < C; c++) {
                    o[i * C + c] = o[i * C + c] * shrink;
                }
                for (int j = 0; j < 4; j++) {
                    float e = TornadoMath.exp(s[i * 4 + j] - highest);
                    l[i] = l[i] + e;
                    prob[(ty * I + i) * PITCH + tx * 4 + j] = e;
                }
            }
            for (int x = 0; x < KEYS; x += 4) {
                // -- load V rows --
                if ((x & (V_ROWS - 1)) == 0) {
                    float[] b = new float[VN * VC];
                    for (int i = 0; i < VN * VC; i++) {
                        int row = item / V + i / VC * (ITEMS / V);
                        b[i] = v.get(vBase + keyAt[x + row] + (item & (V - 1)) + V * (i % VC));
                    }
                    context.localBarrier();
                    for (int i = 0; i < VN * VC; i++) {
                        tile[(item / V + i / VC * (ITEMS / V)) * D + (item & (V - 1)) + V * (i % VC)] = b[i];
                    }
                    context.localBarrier();
                }
                // -- accumulate --
                for (int y = 0; y < 4; y++) {
                    for (int c = 0; c < C; c++) {
                        float f = tile[((x & (V_ROWS - 1)) + y) * D + c / side * 16 * side + tx * side + c % side];
                        for (int i = 0; i < I; i++) {
                            o[i * C + c] += prob[(ty * I + i) * PITCH + x + y] * f;
                        }
                    }
                }
            }
        }
        // -- normalise --
        for (int i = 0; i < I; i++) {
            part[(ty * I + i) * 16 + tx] = l[i];
        }
        context.localBarrier();
        for (int i = 0; i < I; i++) {
            int t = first + ty * I + i;
            float sum = 0.0f;
            for (int x = 0; x < 16; x++) {
                sum += part[(ty * I + i) * 16 + x];
            }
            if (first >= 0 && t < rows) {
                float inverse = sum > 0.0f ? 1.0f / sum : 0.0f;
                int to = p.get(P_OUT) + (t * H + h) * D + tx * side;
                for (int c = 0; c < C; c++) {
                    out.set(to + c / side * 16 * side + c % side, o[i * C + c] * inverse);
                }
                if (tx == 0 && p.get(P_LSE) >= 0) {
                    lse.set(p.get(P_LSE) + h * p.get(P_LSE_STRIDE) + t, m[i] + TornadoMath.log(sum));
                }
            }
        }
    }
}
