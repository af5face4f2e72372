package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Occupancy;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Between the projections and attention, in one pass over queries, keys and values: norms of heads where a model has
/// them, rotation, the way into the cache, and what a gate pools from queries and keys before they are rotated.
///
/// ## Shapes
/// | buffer   | shape                    | type | direction | note                                                    |
/// |----------|--------------------------|------|-----------|---------------------------------------------------------|
/// | `q`      | `[H, T, D]` in [Tiles]   | bf16 | in, out   | raw; normed, where norms are asked for                  |
/// | `k`, `v` | `[G, T, D]` in [Tiles]   | bf16 | in, out   | raw; keys normed                                        |
/// | `turned` | `[H, T, D]` in [Tiles]   | bf16 | out       |                                                         |
/// | `keys`, `values` | `[G, S, D]` in [Tiles] | bf16 | out | the cache; rows `P_OFFSET ...` are written              |
/// | `turns`, `rest` | as [Rope]         |      | in        |                                                         |
/// | `normQ`, `normK` | `[D]`            | f32  | in        | the same for all heads                                  |
/// | `pooled` | `[H, n, P * D]`, `[G, n, P * D]` | f32 | out | by blocks, poolings of a side side by side        |
///
/// | `p[...]`                        | meaning                                                                    |
/// |---------------------------------|----------------------------------------------------------------------------|
/// | `P_ROWS`, `P_HEADS`, `P_GROUPS` | `T`, `H`, `G`                                                              |
/// | `P_HALF`                        | half of the columns that are turned, even; 0: none                         |
/// | `P_POSITION`                    | of the first row                                                           |
/// | `P_BLOCK`                       | rows of a group, a multiple of 64, which are pooled together               |
/// | `P_Q`, `P_K`, `P_V`             | first ints                                                                 |
/// | `P_TILES`, `P_KV_TILES`         | tiles of rows that a head of queries, of keys and of values has room for   |
/// | `P_TURNED`                      | first int, room as `q`; -1: only norms                                     |
/// | `P_KEYS`, `P_VALUES`            | first ints of the cache                                                    |
/// | `P_CACHE_TILES`, `P_OFFSET`     | tiles of rows of a head of it; the first row to be written                 |
/// | `P_TURNS`, `P_REST`             | first elements of `turns` and `rest`                                       |
/// | `P_NORM_Q`, `P_NORM_K`          | first elements of the weights, or -1                                       |
/// | `P_POOL_Q`, `P_POOL_K`          | what to pool: 1 the maximum, 2 the minimum, 4 the average, together        |
/// | `P_POOLED_Q`, `P_POOLED_Q_STRIDE` | first element of the first block's; distance of heads; and the same for K |
///
/// Poolings stand in the order maximum, minimum, average.
///
/// ## Tile
/// ```text
///   group = the rows of a block, of four heads: sines and cosines of 64 rows serve all four      128 items
///
///   an item has two columns and their partners P_HALF further on, in D / 8 rows below each other; D / 4 items a row
///
///            column pairs   0   1  ...  D/4 - 1          512 / D items share columns: each pools its rows,
///     rows 0 ...            i0  i1                       and the first of them joins what all have
///     rows D/8 ...          iD/4 ...
/// ```
/// | local memory | floats       | holds                                                                 |
/// |--------------|--------------|-----------------------------------------------------------------------|
/// | `shared`     | 4 * 12 * 128 | maxima, minima and sums of all items for each of the four heads       |
///
/// Heads follow each other without a barrier, so that the loads of the next do not wait for the pooling of this one.
///
/// ## Formula
///   x' = x w / sqrt(mean x^2 + epsilon), rounded
///   a' = a cos - b sin;  b' = b cos + a sin, angle = position * frequency
/// ## Cost
///   reads and writes each element once: memory-bound
/// ## Versions
///   references: [RmsNorm#reference], [Rope#reference], BlockPooling's, rounded to bf16 · `fused`
public final class TileRope {
    public static final int P_ROWS = 0;
    public static final int P_POSITION = 1;
    public static final int P_HEADS = 2;
    public static final int P_GROUPS = 3;
    public static final int P_HALF = 4;
    public static final int P_BLOCK = 5;
    public static final int P_Q = 6;
    public static final int P_K = 7;
    public static final int P_V = 8;
    public static final int P_TILES = 9;
    public static final int P_KV_TILES = 10;
    public static final int P_TURNED = 11;
    public static final int P_KEYS = 12;
    public static final int P_VALUES = 13;
    public static final int P_CACHE_TILES = 14;
    public static final int P_OFFSET = 15;
    public static final int P_TURNS = 16;
    public static final int P_REST = 17;
    public static final int P_NORM_Q = 18;
    public static final int P_NORM_K = 19;
    public static final int P_POOL_Q = 20;
    public static final int P_POOL_K = 21;
    public static final int P_POOLED_Q = 22;
    public static final int P_POOLED_Q_STRIDE = 23;
    public static final int P_POOLED_K = 24;
    public static final int P_POOLED_K_STRIDE = 25;
    /// Elements of `p`.
    public static final int P_SIZE = 26;
    /// Items of a group, and heads.
    public static final int ITEMS = 128;
    public static final int SHARE = 4;

    public static final int MAX = 1;
    public static final int MIN = 2;
    public static final int AVERAGE = 4;

    private static final int KEPT = 12; // of an item: maxima, minima and sums of four columns
    private static final float FAR = 3.0e38f;

    private TileRope() { }

    /// Grid `[ceil(rows / P_BLOCK) * 128, ceil((H + 2 * G) / 4)]`; `D` is 64 or 128.
    public static void fused(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray turned, IntArray keys,
                             IntArray values, IntArray turns, FloatArray rest, FloatArray normQ, FloatArray normK,
                             FloatArray pooled, IntArray p, int D, float epsilon) {
        Occupancy.groups(3);
        float[] shared = context.allocateFloatLocalArray(SHARE * KEPT * ITEMS);
        int[] x = new int[32];
        float[] turn = new float[64];
        float[] kept = new float[KEPT];
        int item = context.localIdx;
        int unit = item % (D / 4);
        int half = p.get(P_HALF) / 2; // in ints
        int near = unit < half ? unit : half + unit;
        int far = unit < half ? unit + half : D / 4 + unit;
        int block = p.get(P_BLOCK);
        int first = context.groupIdx * block;
        int used = TornadoMath.min(p.get(P_ROWS) - first, block);
        int H = p.get(P_HEADS);
        int G = p.get(P_GROUPS);
        int depth = Tiles.ROW * D;
        int end = TornadoMath.min(context.groupIdy * SHARE + SHARE, H + 2 * G);
        for (int head = context.groupIdy * SHARE; head < end; head++) {
            int wanted = wanted(p, head, H, G);
            clear(kept);
            for (int tile = 0; tile < used; tile += Tiles.EDGE) {
                int row = first + tile + item / (D / 4) * (D / 8);
                int last = first + used - 1;
                if (head < H + G && (block > Tiles.EDGE || head == context.groupIdy * SHARE)) {
                    angles(turn, unit, half, p.get(P_POSITION) + row, turns, rest, p, D);
                }
                if (head < H) {
                    int from = p.get(P_Q) + head * p.get(P_TILES) * depth;
                    load(x, q, from, row, near, far, D);
                    if (p.get(P_NORM_Q) >= 0) {
                        norm(x, normQ, p.get(P_NORM_Q), near, far, D, epsilon);
                        store(x, q, from, row, row, last, near, far, D);
                    }
                    if (wanted > 0) {
                        pool(kept, x, wanted, row, last, D);
                    }
                    if (p.get(P_TURNED) >= 0) {
                        rotate(x, turn, D);
                        store(x, turned, p.get(P_TURNED) + head * p.get(P_TILES) * depth, row, row, last, near, far,
                                D);
                    }
                } else if (head < H + G) {
                    int from = p.get(P_K) + (head - H) * p.get(P_KV_TILES) * depth;
                    load(x, k, from, row, near, far, D);
                    if (p.get(P_NORM_K) >= 0) {
                        norm(x, normK, p.get(P_NORM_K), near, far, D, epsilon);
                        store(x, k, from, row, row, last, near, far, D);
                    }
                    if (wanted > 0) {
                        pool(kept, x, wanted, row, last, D);
                    }
                    rotate(x, turn, D);
                    store(x, keys, p.get(P_KEYS) + (head - H) * p.get(P_CACHE_TILES) * depth, p.get(P_OFFSET) + row,
                            row, last, near, far, D);
                } else {
                    load(x, v, p.get(P_V) + (head - H - G) * p.get(P_KV_TILES) * depth, row, near, far, D);
                    store(x, values, p.get(P_VALUES) + (head - H - G) * p.get(P_CACHE_TILES) * depth,
                            p.get(P_OFFSET) + row, row, last, near, far, D);
                }
            }
            if (wanted > 0) {
                int slot = (head - context.groupIdy * SHARE) * KEPT * ITEMS + item;
                for (int i = 0; i < KEPT; i++) {
                    shared[slot + i * ITEMS] = kept[i];
                }
            }
        }
        context.localBarrier();
        // -- an item joins what a head's rows gave in four columns --
        int head = context.groupIdy * SHARE + item / (D / 4);
        if (item < SHARE * D / 4 && head < end) {
            int wanted = wanted(p, head, H, G);
            if (wanted > 0) {
                int at = head < H ? p.get(P_POOLED_Q) + head * p.get(P_POOLED_Q_STRIDE)
                        : p.get(P_POOLED_K) + (head - H) * p.get(P_POOLED_K_STRIDE);
                clear(kept);
                for (int part = unit; part < ITEMS; part += D / 4) {
                    int slot = item / (D / 4) * KEPT * ITEMS + part;
                    for (int i = 0; i < 4; i++) {
                        kept[i] = TornadoMath.max(kept[i], shared[slot + i * ITEMS]);
                        kept[4 + i] = TornadoMath.min(kept[4 + i], shared[slot + (4 + i) * ITEMS]);
                        kept[8 + i] = kept[8 + i] + shared[slot + (8 + i) * ITEMS];
                    }
                }
                put(pooled, at, context.groupIdx, kept, wanted, near * 2, far * 2, D, used);
            }
        }
    }

    /// What is pooled of a head.
    private static int wanted(IntArray p, int head, int H, int G) {
        int ofKeys = head < H + G ? p.get(P_POOL_K) : 0;
        return head < H ? p.get(P_POOL_Q) : ofKeys;
    }

    private static void clear(float[] kept) {
        for (int i = 0; i < 4; i++) {
            kept[i] = -FAR;
            kept[4 + i] = FAR;
            kept[8 + i] = 0.0f;
        }
    }

    /// Cosines and sines of two columns in each row of an item; 1 and 0 behind the columns that are turned.
    private static void angles(float[] turn, int unit, int half, int position, IntArray turns, FloatArray rest,
                               IntArray p, int D) {
        int column = TornadoMath.min(unit * 2, TornadoMath.max(half * 2 - 2, 0));
        for (int i = 0; i < 2; i++) {
            float scale = 1.0f;
            int whole = 0;
            float part = 0.0f;
            if (unit < half) {
                scale = rest.get(p.get(P_REST) + p.get(P_HALF));
                whole = turns.get(p.get(P_TURNS) + column + i);
                part = rest.get(p.get(P_REST) + column + i);
            }
            for (int r = 0; r < D / 8; r++) {
                int angle = Rope.turn(position + r, whole, part);
                turn[r * 4 + i] = Rope.cosine(angle) * scale;
                turn[r * 4 + 2 + i] = Rope.sine(angle) * scale;
            }
        }
    }

    /// Loads an item's rows, those behind the last one too, for which tiles have room: without a branch all are on
    /// their way before the first is looked at.
    private static void load(int[] x, IntArray from, int at, int row, int near, int far, int D) {
        for (int r = 0; r < D / 8; r++) {
            x[r * 2] = from.get(at + TileRotation.place(row + r, near, D));
            x[r * 2 + 1] = from.get(at + TileRotation.place(row + r, far, D));
        }
    }

    /// Stores an item's rows from `target` on; those behind the last one are not.
    private static void store(int[] x, IntArray to, int at, int target, int row, int last, int near, int far, int D) {
        for (int r = 0; r < D / 8; r++) {
            if (row + r <= last) {
                to.set(at + TileRotation.place(target + r, near, D), x[r * 2]);
                to.set(at + TileRotation.place(target + r, far, D), x[r * 2 + 1]);
            }
        }
    }

    /// The D / 4 items of a row add up their squares.
    private static void norm(int[] x, FloatArray weights, int at, int near, int far, int D, float epsilon) {
        float w0 = weights.get(at + near * 2);
        float w1 = weights.get(at + near * 2 + 1);
        float w2 = weights.get(at + far * 2);
        float w3 = weights.get(at + far * 2 + 1);
        for (int r = 0; r < D / 8; r++) {
            float a0 = Warp.low(x[r * 2]);
            float a1 = Warp.high(x[r * 2]);
            float b0 = Warp.low(x[r * 2 + 1]);
            float b1 = Warp.high(x[r * 2 + 1]);
            float sum = a0 * a0 + a1 * a1 + b0 * b0 + b1 * b1;
            for (int mask = 1; mask < D / 4; mask = mask * 2) {
                sum = sum + Warp.exchange(sum, mask);
            }
            float factor = 1.0f / TornadoMath.sqrt(sum / D + epsilon);
            x[r * 2] = Warp.pack(a0 * factor * w0, a1 * factor * w1);
            x[r * 2 + 1] = Warp.pack(b0 * factor * w2, b1 * factor * w3);
        }
    }

    /// Rows behind the last one count as the first one again, which changes no extreme, and as 0 in the sums. Queries
    /// mostly want their sums alone.
    private static void pool(float[] kept, int[] x, int wanted, int row, int last, int D) {
        if (row <= last) {
            for (int r = 0; r < D / 8; r++) {
                int a = row + r <= last ? x[r * 2] : 0; // what is there may be NaN
                int b = row + r <= last ? x[r * 2 + 1] : 0;
                kept[8] = kept[8] + Warp.low(a);
                kept[9] = kept[9] + Warp.high(a);
                kept[10] = kept[10] + Warp.low(b);
                kept[11] = kept[11] + Warp.high(b);
            }
            if (wanted != AVERAGE) {
                for (int r = 0; r < D / 8; r++) {
                    int a = row + r <= last ? x[r * 2] : x[0];
                    int b = row + r <= last ? x[r * 2 + 1] : x[1];
                    extremes(kept, 0, Warp.low(a));
                    extremes(kept, 1, Warp.high(a));
                    extremes(kept, 2, Warp.low(b));
                    extremes(kept, 3, Warp.high(b));
                }
            }
        }
    }

    private static void extremes(float[] kept, int i, float value) {
        kept[i] = TornadoMath.max(kept[i], value);
        kept[4 + i] = TornadoMath.min(kept[4 + i], value);
    }

    private static void rotate(int[] x, float[] turn, int D) {
        for (int r = 0; r < D / 8; r++) {
            float a0 = Warp.low(x[r * 2]);
            float a1 = Warp.high(x[r * 2]);
            float b0 = Warp.low(x[r * 2 + 1]);
            float b1 = Warp.high(x[r * 2 + 1]);
            x[r * 2] = Warp.pack(a0 * turn[r * 4] - b0 * turn[r * 4 + 2], a1 * turn[r * 4 + 1] - b1 * turn[r * 4 + 3]);
            x[r * 2 + 1] = Warp.pack(b0 * turn[r * 4] + a0 * turn[r * 4 + 2],
                    b1 * turn[r * 4 + 1] + a1 * turn[r * 4 + 3]);
        }
    }

    /// What a block's rows gave in four columns.
    private static void put(FloatArray pooled, int head, int block, float[] kept, int wanted, int near, int far, int D,
                            int count) {
        int poolings = (wanted & 1) + (wanted >> 1 & 1) + (wanted >> 2 & 1);
        int at = head + block * poolings * D;
        for (int kind = 0; kind < 3; kind++) {
            if ((wanted >> kind & 1) > 0) {
                float factor = kind == 2 ? 1.0f / count : 1.0f;
                pooled.set(at + near, kept[kind * 4] * factor);
                pooled.set(at + near + 1, kept[kind * 4 + 1] * factor);
                pooled.set(at + far, kept[kind * 4 + 2] * factor);
                pooled.set(at + far + 1, kept[kind * 4 + 3] * factor);
                at = at + D;
            }
        }
    }
}
