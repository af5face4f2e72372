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

/// The `blocked` rung of [BlockSparseAttention]: what a block of queries needs of a block of keys is fetched once, by
/// all of its items together.
///
/// ## Shapes
/// As in [BlockSparseAttention], addressed through the same indices of `p`. Blocks of any size, heads up to 512 wide.
///
/// ## Tile
/// ```text
///                  key blocks  0    1    2    3        group = a block of queries of one head, at most 64 of them;
///   query block 3           [  ██ |    | ██ | ◣◣  ]     item = one query
///
///     local memory   keys [S, D]   | the keys and values of one block, or as many of them as fit (S = 2048 / D),
///                    values [S, D] | in their order: neighbours fetch neighbours
///     registers      query[D], o[D], m, l of the item
/// ```
/// Grid `[groups(rows, B) * R, H]`, groups of `R = min(B, 64)` items.
/// ## Formula
///   for one key after the other: m' = max(m, s);  l' = l e^(m - m') + e^(s - m');  o' = o e^(m - m') + e^(s - m') v
/// ## Cost
///   4*D flops for each query and key, for 2*D floats of local memory that all items of a group read at once; each
///   group fetches 2*B*D floats a block, where `naive` fetches them for each query. 16 KB of local memory.
/// ## Versions
///   `reference` is that of all rungs · `blocked` for devices whose local memory is too small for
///   [BlockSparseAttentionTiled], and to be read before it
public final class BlockSparseAttentionBlocked {

    /// Floats of local memory for keys, and for values.
    private static final int ROOM = 2048;

    /// Local memory of a group.
    public static final int LOCAL_BYTES = 4 * 2 * ROOM;
    /// Widest head: its query and output still are an item's own.
    public static final int MOST_WIDTH = 512;

    private BlockSparseAttentionBlocked() {
    }

    /// The oracle, which is that of all rungs.
    public static BlockSparseAttention.Result reference(float[] q, float[] k, float[] v, boolean[] keep, int H, int G,
                                                        int T, int D, int B) {
        return BlockSparseAttention.reference(q, k, v, keep, H, G, T, D, B);
    }

    /// Query rows of a group, which are its items.
    public static int rowsOfGroup(int B) {
        return B < 64 ? B : 64;
    }

    /// Groups of one head.
    public static int groups(int rows, int B) {
        int parts = (B + rowsOfGroup(B) - 1) / rowsOfGroup(B);
        return (rows + B - 1) / B * parts;
    }

    /// @param listed 1: the key blocks of `start` and `index`; 0: dense, those two are not read
    public static void blocked(KernelContext context, FloatArray q, FloatArray k, FloatArray v, IntArray start,
                               IntArray index, FloatArray out, FloatArray lse, IntArray p,
                               int H, int G, int D, int B, int listed) {
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
        int last = p.get(P_OFFSET) + rows - 1;
        int t = first + item;
        int position = p.get(P_OFFSET) + t;
        int head = h / (H / G) * p.get(P_KV_STRIDE) * D;
        int list = 0;
        int blocks = TornadoMath.min(p.get(P_OFFSET) + first + R - 1, last) / B + 1;
        if (listed == 1) {
            int at = h * p.get(P_LIST_ROWS) + row;
            list = p.get(P_INDEX) + start.get(p.get(P_START) + at);
            blocks = p.get(P_INDEX) + start.get(p.get(P_END) + at) - list;
        }
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        float[] query = new float[D];
        float[] o = new float[D];
        for (int d = 0; d < D; d++) {
            query[d] = q.get(p.get(P_Q) + (h * p.get(P_Q_STRIDE) + TornadoMath.min(t, rows - 1)) * D + d) * scale;
            o[d] = 0.0f;
        }
        float m = LOWEST;
        float l = 0.0f;
        for (int n = 0; n < blocks; n++) {
            int block = listed == 1 ? index.get(list + n) : n;
            for (int from = block * B; from < block * B + B; from += S) {
                // -- load K, V: nobody reads the piece before any more, and none before this one is whole --
                int count = TornadoMath.min(TornadoMath.min(S, block * B + B - from), last + 1 - from);
                context.localBarrier();
                for (int i = item; i < count * D; i += R) {
                    keys[i] = k.get(p.get(P_K) + head + from * D + i);
                    values[i] = v.get(p.get(P_V) + head + from * D + i);
                }
                context.localBarrier();
                for (int j = 0; j < TornadoMath.min(count, position + 1 - from); j++) {
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
        if (t < TornadoMath.min(row * B + B, rows)) {
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
