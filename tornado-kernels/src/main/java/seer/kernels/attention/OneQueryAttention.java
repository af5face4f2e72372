package seer.kernels.attention;

import static seer.kernels.attention.BlockSparseAttention.HIDDEN;
import static seer.kernels.attention.BlockSparseAttention.LOWEST;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Attention of a single query, for decoding, to every key before it or to those of listed blocks: the keys are split
/// among groups, and a second kernel merges.
///
/// ## Shapes
/// | buffer    | shape                  | type | direction        | note                                     |
/// |-----------|------------------------|------|------------------|------------------------------------------|
/// | `q`       | `[H, T, D]`            | f32  | in               | row 0 of each head                       |
/// | `k`, `v`  | `[G, S, D]`            | f32  | in               | rows up to the position                  |
/// | `start`   | `[2, lists]`           | i32  | in               | where a list begins; where it ends       |
/// | `index`   |                        | i32  | in               | its blocks, ascending, the query's last  |
/// | `scratch` | `[H, splits, D + 2]`   | f32  | out, then in     | outputs not normalised, maximum, sum     |
/// | `out`     | `[H * D]`              | f32  | out              | a query without any block: 0             |
///
/// | `p[...]`                    | meaning                                                          |
/// |-----------------------------|------------------------------------------------------------------|
/// | `P_POSITION`                | of the query: keys `0 .. position` are seen                      |
/// | `P_Q`, `P_Q_STRIDE`         | first element of `q`; allocated `T`                              |
/// | `P_K`, `P_V`, `P_KV_STRIDE` | first elements of `k` and `v`; allocated `S`                     |
/// | `P_OUT`, `P_SCRATCH`        | first elements of `out` and `scratch`                            |
/// | `P_SPLITS`                  | parts the keys are cut into, the groups along x of `part`        |
/// | `P_LISTS`                   | lists: one for each head, or for each group                      |
/// | `P_START`, `P_END`          | first elements of the beginnings and of the ends in `start`      |
/// | `P_INDEX`                   | what is added to the values of `start`                           |
///
/// ## Tile
/// ```text
///   keys  | split 0 | split 1 | ... |    part:  a group of 128 items for each split and head, grid [splits * 128, H];
///          o, m, l   o, m, l                    item = one of 128 keys at a time, then one column of the head
///               \       |                merge: a group of 128 items for each head, grid [128, H]; item = one column
/// ```
/// ## Formula
///   as in [BlockSparseAttention]; parts merge as o = sum e^(m_i - m) o_i / sum e^(m_i - m) l_i
/// ## Cost
///   reads the keys and values that are seen once: memory-bound.
/// ## Versions
///   `reference` plain loops, double: the last row of dense attention, that of lists is [BlockSparseAttention]'s ·
///   `part` and `merge` local memory, any device
public final class OneQueryAttention {

    public static final int P_POSITION = 0;
    public static final int P_Q = 1;
    public static final int P_Q_STRIDE = 2;
    public static final int P_K = 3;
    public static final int P_V = 4;
    public static final int P_KV_STRIDE = 5;
    public static final int P_OUT = 6;
    public static final int P_SCRATCH = 7;
    public static final int P_SPLITS = 8;
    public static final int P_LISTS = 9;
    public static final int P_START = 10;
    public static final int P_END = 11;
    public static final int P_INDEX = 12;
    /// Elements of `p`.
    public static final int P_SIZE = 13;

    /// Items of a group; head widths go up to it.
    public static final int ITEMS = 128;

    private OneQueryAttention() {
    }

    /// The oracle: all keys are seen.
    ///
    /// @param q `[H, D]`
    /// @param k `[G, T, D]`, as `v`
    public static double[] reference(float[] q, float[] k, float[] v, int H, int G, int T, int D) {
        var out = new double[H * D];
        var s = new double[T];
        for (int h = 0; h < H; h++) {
            int group = h / (H / G) * T;
            double max = Double.NEGATIVE_INFINITY;
            for (int t = 0; t < T; t++) {
                s[t] = BlockSparseAttention.dot(q, h * D, k, (group + t) * D, D) / Math.sqrt(D);
                max = Math.max(max, s[t]);
            }
            double sum = 0;
            for (int t = 0; t < T; t++) {
                sum += Math.exp(s[t] - max);
            }
            for (int t = 0; t < T; t++) {
                for (int d = 0; d < D; d++) {
                    out[h * D + d] += Math.exp(s[t] - max) / sum * v[(group + t) * D + d];
                }
            }
        }
        return out;
    }

    /// @param B      of the lists
    /// @param listed 1: the key blocks of `start` and `index`; 0: every key, those two are not read
    public static void part(KernelContext context, FloatArray q, FloatArray k, FloatArray v, IntArray start,
                            IntArray index, FloatArray scratch, IntArray p, int H, int G, int D, int B, int listed) {
        float[] query = context.allocateFloatLocalArray(ITEMS);
        float[] score = context.allocateFloatLocalArray(ITEMS);
        float[] weight = context.allocateFloatLocalArray(ITEMS);
        int item = context.localIdx;
        int h = context.groupIdy;
        int list = 0;
        int keys = p.get(P_POSITION) + 1;
        if (listed == 1) {
            int row = h / (H / p.get(P_LISTS));
            list = p.get(P_INDEX) + start.get(p.get(P_START) + row);
            keys = BlockLists.keys(index, list, p.get(P_INDEX) + start.get(p.get(P_END) + row), keys, B);
        }
        int splits = p.get(P_SPLITS);
        int share = (keys + splits - 1) / splits;
        int from = context.groupIdx * share;
        int to = TornadoMath.min(from + share, keys);
        int head = h / (H / G) * p.get(P_KV_STRIDE) * D;
        float scale = 1.0f / TornadoMath.sqrt((float) D);
        if (item < D) {
            query[item] = q.get(p.get(P_Q) + h * p.get(P_Q_STRIDE) * D + item) * scale;
        }
        float m = LOWEST;
        float l = 0.0f;
        float o = 0.0f;
        context.localBarrier();
        for (int first = from; first < to; first += ITEMS) {
            // -- scores --
            float s = HIDDEN;
            if (first + item < to) {
                int key = listed == 1 ? BlockLists.key(index, list, first + item, B) : first + item;
                s = 0.0f;
                for (int d = 0; d < D; d++) {
                    s += query[d] * k.get(p.get(P_K) + head + key * D + d);
                }
            }
            score[item] = s;
            context.localBarrier();
            // -- running max and sum --
            float highest = m;
            for (int i = 0; i < ITEMS; i++) {
                highest = TornadoMath.max(highest, score[i]);
            }
            weight[item] = TornadoMath.exp(s - highest);
            context.localBarrier();
            float shrink = TornadoMath.exp(m - highest);
            m = highest;
            l = l * shrink;
            o = o * shrink;
            // -- accumulate --
            int count = TornadoMath.min(to - first, ITEMS);
            for (int i = 0; i < count; i++) {
                l = l + weight[i];
                if (item < D) {
                    int key = listed == 1 ? BlockLists.key(index, list, first + i, B) : first + i;
                    o = o + weight[i] * v.get(p.get(P_V) + head + key * D + item);
                }
            }
        }
        int at = p.get(P_SCRATCH) + (h * splits + context.groupIdx) * (D + 2);
        if (item < D) {
            scratch.set(at + item, o);
        }
        if (item == 0) {
            scratch.set(at + D, m);
            scratch.set(at + D + 1, l);
        }
    }

    public static void merge(KernelContext context, FloatArray scratch, FloatArray out, IntArray p, int D) {
        int item = context.localIdx;
        int h = context.groupIdy;
        int splits = p.get(P_SPLITS);
        int at = p.get(P_SCRATCH) + h * splits * (D + 2);
        if (item < D) {
            float m = LOWEST;
            for (int i = 0; i < splits; i++) {
                m = TornadoMath.max(m, scratch.get(at + i * (D + 2) + D));
            }
            float o = 0.0f;
            float l = 0.0f;
            for (int i = 0; i < splits; i++) {
                float e = TornadoMath.exp(scratch.get(at + i * (D + 2) + D) - m);
                o = o + e * scratch.get(at + i * (D + 2) + item);
                l = l + e * scratch.get(at + i * (D + 2) + D + 1);
            }
            out.set(p.get(P_OUT) + h * D + item, l > 0.0f ? o / l : 0.0f);
        }
    }
}
