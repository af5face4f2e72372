package seer.kernels.attention;

import static seer.kernels.attention.BlockSparseAttention.HIDDEN;
import static seer.kernels.attention.BlockSparseAttention.LOWEST;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// [OneQueryAttention] over a cache in tiles of bf16.
///
/// ## Shapes
/// | buffer    | shape                  | type | direction     | note                                     |
/// |-----------|------------------------|------|---------------|------------------------------------------|
/// | `q`       | `[H, T, D]` in [Tiles] | bf16 | in            | row 0 of each head                       |
/// | `k`, `v`  | `[G, S, D]` in [Tiles] | bf16 | in            | rows up to the position                  |
/// | `start`   | `[2, lists]`           | i32  | in            | where a list begins; where it ends       |
/// | `index`   |                        | i32  | in            | its blocks, ascending, the query's last  |
/// | `scratch` | `[H, splits, D + 2]`   | f32  | out, then in  | outputs not normalised, maximum, sum     |
/// | `out`     | `[T, H * D]` in [Tiles] | bf16 | out          | row 0                                    |
///
/// Places of `p`: as in [OneQueryAttention], but that `P_Q`, `P_K`, `P_V`, `P_OUT` count ints and `P_Q_STRIDE`,
/// `P_KV_STRIDE` tiles of rows, the distance of heads.
///
/// ## Tile
///   as in [OneQueryAttention]: `part` a group of 128 items for each split and head, an item one of 128 keys at a time,
///   then a pair of columns of every other key; `merge` a group for each head, an item a pair of columns
/// ## Formula
///   as in [BlockSparseAttention]; parts merge as o = sum e^(m_i - m) o_i / sum e^(m_i - m) l_i
/// ## Cost
///   reads the keys and values that are seen once: memory-bound
/// ## Versions
///   reference: [OneQueryAttention#reference] · `part` and `merge`
public final class OneQueryTiles {
    /// Items of a group.
    public static final int ITEMS = 128;

    private OneQueryTiles() { }

    /// `D` is 64 or 128.
    ///
    /// @param B      of the lists
    /// @param listed 1: the key blocks of `start` and `index`; 0: every key, those two are not read
    public static void part(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray start, IntArray index,
                            FloatArray scratch, IntArray p, int H, int G, int D, int B, int listed) {
        float[] query = context.allocateFloatLocalArray(ITEMS);
        float[] score = context.allocateFloatLocalArray(ITEMS);
        float[] weight = context.allocateFloatLocalArray(ITEMS);
        float[] join = context.allocateFloatLocalArray(ITEMS * 2);
        int item = context.localIdx;
        int h = context.groupIdy;
        int list = 0;
        int keys = p.get(OneQueryAttention.P_POSITION) + 1;
        if (listed == 1) {
            int line = h / (H / p.get(OneQueryAttention.P_LISTS));
            list = p.get(OneQueryAttention.P_INDEX) + start.get(p.get(OneQueryAttention.P_START) + line);
            keys = BlockLists.keys(index, list,
                    p.get(OneQueryAttention.P_INDEX) + start.get(p.get(OneQueryAttention.P_END) + line), keys, B);
        }
        int splits = p.get(OneQueryAttention.P_SPLITS);
        int share = (keys + splits - 1) / splits;
        int from = context.groupIdx * share;
        int to = TornadoMath.min(from + share, keys);
        int depth = Tiles.ROW * D; // ints of 64 rows
        int head = h / (H / G) * p.get(OneQueryAttention.P_KV_STRIDE) * depth;
        int pair = item % (D / 2);
        int pairAt = pair / Tiles.ROW * Tiles.INTS;
        if (item < D / 2) {
            int both = q.get(p.get(OneQueryAttention.P_Q) + h * p.get(OneQueryAttention.P_Q_STRIDE) * depth + pairAt
                    + Tiles.at(0, pair % Tiles.ROW));
            float scale = 1.0f / TornadoMath.sqrt((float) D);
            query[pair * 2] = Warp.low(both) * scale;
            query[pair * 2 + 1] = Warp.high(both) * scale;
        }
        float m = LOWEST;
        float l = 0.0f;
        float o0 = 0.0f;
        float o1 = 0.0f;
        context.localBarrier();
        for (int first = from; first < to; first += ITEMS) {
            // -- scores --
            float s = HIDDEN;
            if (first + item < to) {
                int row = listed == 1 ? BlockLists.key(index, list, first + item, B) : first + item;
                int key = p.get(OneQueryAttention.P_K) + head + row / Tiles.EDGE * depth;
                s = 0.0f;
                for (int c = 0; c < D / 2; c++) {
                    int both = k.get(key + c / Tiles.ROW * Tiles.INTS + Tiles.at(row % Tiles.EDGE, c % Tiles.ROW));
                    s += query[c * 2] * Warp.low(both) + query[c * 2 + 1] * Warp.high(both);
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
            o0 = o0 * shrink;
            o1 = o1 * shrink;
            // -- accumulate: a pair of columns, of every key or every other --
            int count = TornadoMath.min(to - first, ITEMS);
            for (int i = 0; i < count; i++) {
                l = l + weight[i];
            }
            for (int i = item / (D / 2); i < count; i += ITEMS / (D / 2)) {
                int row = listed == 1 ? BlockLists.key(index, list, first + i, B) : first + i;
                int both = v.get(p.get(OneQueryAttention.P_V) + head + row / Tiles.EDGE * depth + pairAt
                        + Tiles.at(row % Tiles.EDGE, pair % Tiles.ROW));
                o0 = o0 + weight[i] * Warp.low(both);
                o1 = o1 + weight[i] * Warp.high(both);
            }
        }
        join[item * 2] = o0;
        join[item * 2 + 1] = o1;
        context.localBarrier();
        int at = p.get(OneQueryAttention.P_SCRATCH) + (h * splits + context.groupIdx) * (D + 2);
        if (item < D / 2) {
            for (int other = item + D / 2; other < ITEMS; other += D / 2) {
                o0 = o0 + join[other * 2];
                o1 = o1 + join[other * 2 + 1];
            }
            scratch.set(at + item * 2, o0);
            scratch.set(at + item * 2 + 1, o1);
        }
        if (item == 0) {
            scratch.set(at + D, m);
            scratch.set(at + D + 1, l);
        }
    }

    /// Grid `[128, H]`.
    public static void merge(KernelContext context, FloatArray scratch, IntArray out, IntArray p, int D) {
        int item = context.localIdx;
        int h = context.groupIdy;
        int splits = p.get(OneQueryAttention.P_SPLITS);
        int at = p.get(OneQueryAttention.P_SCRATCH) + h * splits * (D + 2);
        if (item < D / 2) {
            float m = LOWEST;
            for (int i = 0; i < splits; i++) {
                m = TornadoMath.max(m, scratch.get(at + i * (D + 2) + D));
            }
            float o0 = 0.0f;
            float o1 = 0.0f;
            float l = 0.0f;
            for (int i = 0; i < splits; i++) {
                float e = TornadoMath.exp(scratch.get(at + i * (D + 2) + D) - m);
                o0 = o0 + e * scratch.get(at + i * (D + 2) + item * 2);
                o1 = o1 + e * scratch.get(at + i * (D + 2) + item * 2 + 1);
                l = l + e * scratch.get(at + i * (D + 2) + D + 1);
            }
            int column = h * (D / 2) + item; // in pairs
            float inverse = l > 0.0f ? 1.0f / l : 0.0f;
            out.set(p.get(OneQueryAttention.P_OUT) + column / Tiles.ROW * Tiles.INTS
                    + Tiles.at(0, column % Tiles.ROW), Warp.pack(o0 * inverse, o1 * inverse));
        }
    }
}
