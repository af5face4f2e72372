package seer.kernels.attention;

import static seer.kernels.attention.BlockSparseAttention.LOWEST;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Delta rows: every `E`-th query also attends to every key up to it, and the difference to what stands there is added
/// to the rows behind it.
///
/// ## Shapes
/// | buffer    | shape                     | type | direction       | note                                            |
/// |-----------|---------------------------|------|-----------------|-------------------------------------------------|
/// | `q`       | `[H, T, D]`               | f32  | in              | query `t` stands at position offset + t         |
/// | `k`, `v`  | `[G, S, D]`               | f32  | in              | head `h` reads group `h / (H / G)`              |
/// | `scratch` | `[H, splits, A, D + 2]`   | f32  | out, then in    | outputs not normalised, maximum, sum            |
/// | `out`     | `[T, H * D]`              | f32  | in, out         | of [BlockSparseAttention]                       |
///
/// `A = ceil(T / E)` queries are dense.
///
/// | `p[...]`                    | meaning                                                            |
/// |-----------------------------|--------------------------------------------------------------------|
/// | `P_ROWS`, `P_OFFSET`        | queries; position of the first one, a multiple of `E`              |
/// | `P_SPACING`                 | `E`                                                                |
/// | `P_Q`, `P_Q_STRIDE`         | first element of `q`; allocated `T`                                |
/// | `P_K`, `P_V`, `P_KV_STRIDE` | first elements of `k` and `v`; allocated `S`                       |
/// | `P_OUT`, `P_SCRATCH`        | first elements of `out` and `scratch`                              |
/// | `P_SPLITS`, `P_SPAN`        | parts that keys are cut into; keys of a part                       |
///
/// ## Tile
/// ```text
///   part:   a group of 64 items for each 64 dense queries, head and split; item = one query
///
///             keys   0 ......... span ........ 2 span ..      query E * i sees keys up to offset + E * i:
///   dense     0     [##|                                      so most of the map is whole, and splits even out
///   queries   1     [######|                                  what is left of it
///             2     [##########|
///
///     local memory   keys [S, D], values [S, D]: S = 2048 / D keys at a time
///
///   spread: item = one column of one dense query: merges its splits, then goes down its E rows
/// ```
/// Grids `[ceil(A / 64) * 64, H * splits]`, and `A * H * D` items.
/// ## Formula
///   dense as in [OneQueryAttention];  out[t] += dense[a] - out[a], a = t - t % E
/// ## Cost
///   1 / E of dense attention; `spread` reads and writes `out` once. 16 KB of local memory.
/// ## Versions
///   `reference` plain loops, double · `part` and `spread` any device · [TileDeltaRows] on tensor cores
///
/// References: Delta Attention (arXiv 2505.11254).
public final class DeltaRows {

    public static final int P_ROWS = 0;
    public static final int P_OFFSET = 1;
    public static final int P_SPACING = 2;
    public static final int P_Q = 3;
    public static final int P_Q_STRIDE = 4;
    public static final int P_K = 5;
    public static final int P_V = 6;
    public static final int P_KV_STRIDE = 7;
    public static final int P_OUT = 8;
    public static final int P_SCRATCH = 9;
    public static final int P_SPLITS = 10;
    public static final int P_SPAN = 11;
    /// Elements of `p`.
    public static final int P_SIZE = 12;

    /// Items of a group of [#part], and the dense queries of one.
    public static final int ITEMS = 64;
    /// Widest head: its query and output are an item's own.
    public static final int MOST_WIDTH = 512;

    /// Floats of local memory for keys, and for values.
    private static final int ROOM = 2048;

    /// Local memory of a group of [#part].
    public static final int LOCAL_BYTES = 4 * 2 * ROOM;

    private DeltaRows() {
    }

    /// The oracle.
    ///
    /// @param sparse `[T, H * D]`
    /// @param dense  of the same queries, to every key up to them
    public static double[] reference(double[] sparse, double[] dense, int H, int T, int D, int E) {
        var out = new double[T * H * D];
        for (int t = 0; t < T; t++) {
            int a = t - t % E;
            for (int c = 0; c < H * D; c++) {
                out[t * H * D + c] = sparse[t * H * D + c] + (dense[a * H * D + c] - sparse[a * H * D + c]);
            }
        }
        return out;
    }

    /// Dense queries against one part of the keys.
    public static void part(KernelContext context, FloatArray q, FloatArray k, FloatArray v, FloatArray scratch,
                            IntArray p, int H, int G, int D) {
        float[] keys = context.allocateFloatLocalArray(ROOM);
        float[] values = context.allocateFloatLocalArray(ROOM);
        int S = ROOM / D;
        int item = context.localIdx;
        int splits = p.get(P_SPLITS);
        int h = context.groupIdy / splits;
        int split = context.groupIdy % splits;
        int E = p.get(P_SPACING);
        int A = (p.get(P_ROWS) + E - 1) / E;
        int a = context.groupIdx * ITEMS + item;
        int position = p.get(P_OFFSET) + a * E;
        int last = p.get(P_OFFSET) + (TornadoMath.min(context.groupIdx * ITEMS + ITEMS, A) - 1) * E;
        int begin = split * p.get(P_SPAN);
        int end = TornadoMath.min(begin + p.get(P_SPAN), last + 1);
        int head = h / (H / G) * p.get(P_KV_STRIDE) * D;
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        float[] query = new float[D];
        float[] o = new float[D];
        for (int d = 0; d < D; d++) {
            int row = h * p.get(P_Q_STRIDE) + TornadoMath.min(a, A - 1) * E;
            query[d] = q.get(p.get(P_Q) + row * D + d) * scale;
            o[d] = 0.0f;
        }
        float m = LOWEST;
        float l = 0.0f;
        for (int from = begin; from < end; from += S) {
            // -- load K, V: nobody reads the piece before any more, and none before this one is whole --
            int count = TornadoMath.min(S, end - from);
            context.localBarrier();
            for (int i = item; i < count * D; i += ITEMS) {
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
        if (a < A) {
            int at = p.get(P_SCRATCH) + ((h * splits + split) * A + a) * (D + 2);
            for (int d = 0; d < D; d++) {
                scratch.set(at + d, o[d]);
            }
            scratch.set(at + D, m);
            scratch.set(at + D + 1, l);
        }
    }

    /// Column `d` of dense query `a` of head `h`, of all its parts.
    static float merged(FloatArray scratch, IntArray p, int h, int a, int d, int D) {
        int E = p.get(P_SPACING);
        int A = (p.get(P_ROWS) + E - 1) / E;
        int splits = p.get(P_SPLITS);
        int at = p.get(P_SCRATCH) + (h * splits * A + a) * (D + 2);
        float m = LOWEST;
        for (int i = 0; i < splits; i++) {
            m = TornadoMath.max(m, scratch.get(at + i * A * (D + 2) + D));
        }
        float o = 0.0f;
        float l = 0.0f;
        for (int i = 0; i < splits; i++) {
            float e = TornadoMath.exp(scratch.get(at + i * A * (D + 2) + D) - m);
            o = o + e * scratch.get(at + i * A * (D + 2) + d);
            l = l + e * scratch.get(at + i * A * (D + 2) + D + 1);
        }
        return o / l;
    }

    /// Adds the differences to the rows behind the dense ones.
    public static void spread(KernelContext context, FloatArray scratch, FloatArray out, IntArray p, int H, int D) {
        int item = context.globalIdx;
        int E = p.get(P_SPACING);
        int rows = p.get(P_ROWS);
        int a = item / (H * D);
        int column = item % (H * D);
        if (a * E < rows) {
            int at = p.get(P_OUT) + a * E * H * D + column;
            float delta = merged(scratch, p, column / D, a, column % D, D) - out.get(at);
            for (int t = 0; t < TornadoMath.min(E, rows - a * E); t++) {
                out.set(at + t * H * D, out.get(at + t * H * D) + delta);
            }
        }
    }
}
