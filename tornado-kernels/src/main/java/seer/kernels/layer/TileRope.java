package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Between the projections and attention, in one pass over raw queries and keys: rotation, the keys' way into their
/// cache, and what a gate pools from both before they are rotated.
///
/// ## Shapes
/// | buffer   | shape                    | type | direction | note                                                    |
/// |----------|--------------------------|------|-----------|---------------------------------------------------------|
/// | `q`      | `[H, T, D]` in [Tiles]   | bf16 | in        | raw                                                     |
/// | `k`      | `[G, T, D]` in [Tiles]   | bf16 | in        | raw                                                     |
/// | `turned` | `[H, T, D]` in [Tiles]   | bf16 | out       |                                                         |
/// | `cache`  | `[G, S, D]` in [Tiles]   | bf16 | out       | its tiles of rows `P_FIRST ...` are written             |
/// | `turns`, `rest` | as [Rope]         |      | in        |                                                         |
/// | `pooled` | `[H + G, n, P * D]`      | f32  | out       | by blocks of 64 rows, poolings of a side side by side   |
///
/// | `p[...]`                        | meaning                                                                    |
/// |---------------------------------|----------------------------------------------------------------------------|
/// | `P_ROWS`, `P_POSITION`          | `T`; position of the first row                                             |
/// | `P_Q`, `P_K`, `P_TILES`         | first ints; tiles of rows that a head of both has room for                 |
/// | `P_TURNED`, `P_CACHE`           | first ints of `turned` (room as `q`) and of the cache                      |
/// | `P_CACHE_TILES`, `P_FIRST`      | tiles of rows of a head of the cache; the first to be written              |
/// | `P_TURNS`, `P_REST`             | first elements of `turns` and `rest`                                       |
/// | `P_POOL_Q`, `P_POOL_K`          | what to pool: 1 the maximum, 2 the minimum, 4 the average, together        |
/// | `P_POOLED_Q`, `P_POOLED_Q_STRIDE` | first element of the first block's; distance of heads; and the same for K |
///
/// Poolings stand in the order maximum, minimum, average.
///
/// ## Tile
/// ```text
///   group = 64 rows of a head; an item has two columns and their partners D / 2 further on, in 64 / R rows:
///
///            column pairs   0   1  ...  D/4 - 1          R = 128 / (D / 4) items share a column: each pools its rows,
///     rows 0 ...            i0  i1                        and the first of them what all have
///     rows 64/R ...         iD/4 ...
/// ```
/// ## Formula
///   a' = a cos - b sin;  b' = b cos + a sin, angle = position * frequency; sums in fp32
/// ## Cost
///   reads and writes each element once
/// ## Versions
///   references: [Rope#reference], BlockPooling's, rounded to bf16 · `fused`
public final class TileRope {
    public static final int P_ROWS = 0;
    public static final int P_POSITION = 1;
    public static final int P_Q = 2;
    public static final int P_K = 3;
    public static final int P_TILES = 4;
    public static final int P_TURNED = 5;
    public static final int P_CACHE = 6;
    public static final int P_CACHE_TILES = 7;
    public static final int P_FIRST = 8;
    public static final int P_TURNS = 9;
    public static final int P_REST = 10;
    public static final int P_POOL_Q = 11;
    public static final int P_POOL_K = 12;
    public static final int P_POOLED_Q = 13;
    public static final int P_POOLED_Q_STRIDE = 14;
    public static final int P_POOLED_K = 15;
    public static final int P_POOLED_K_STRIDE = 16;
    /// Elements of `p`.
    public static final int P_SIZE = 17;
    /// Items of a group.
    public static final int ITEMS = 128;

    public static final int MAX = 1;
    public static final int MIN = 2;
    public static final int AVERAGE = 4;

    private static final float RADIANS = 1.4629180792671596e-9f; // 2 pi / 2^32
    private static final float FAR = 3.0e38f;

    private TileRope() { }

    /// Grid `[ceil(rows / 64) * 128, H + G]`.
    public static void fused(KernelContext context, IntArray q, IntArray k, IntArray turned, IntArray cache,
            IntArray turns,
                             FloatArray rest, FloatArray pooled, IntArray p, int H, int D) {
        float[] shared = context.allocateFloatLocalArray(ITEMS * 12);
        int item = context.localIdx;
        int tile = context.groupIdx;
        int head = context.groupIdy;
        int columns = D / 4; // items side by side
        int column = item % columns;
        int rows = 64 * columns / ITEMS; // of an item
        int row = item / columns * rows;
        int used = TornadoMath.min(p.get(P_ROWS) - tile * Tiles.EDGE, Tiles.EDGE);
        int depth = Tiles.ROW * D;
        int from = head < H ? p.get(P_Q) + (head * p.get(P_TILES) + tile) * depth
                : p.get(P_K) + ((head - H) * p.get(P_TILES) + tile) * depth;
        int to = head < H ? p.get(P_TURNED) + (head * p.get(P_TILES) + tile) * depth
                : p.get(P_CACHE) + ((head - H) * p.get(P_CACHE_TILES) + p.get(P_FIRST) + tile) * depth;
        float[] most = new float[4];
        float[] least = new float[4];
        float[] sum = new float[4];
        for (int i = 0; i < 4; i++) {
            most[i] = -FAR;
            least[i] = FAR;
            sum[i] = 0.0f;
        }
        int turns0 = turns.get(p.get(P_TURNS) + column * 2);
        int turns1 = turns.get(p.get(P_TURNS) + column * 2 + 1);
        float rest0 = rest.get(p.get(P_REST) + column * 2);
        float rest1 = rest.get(p.get(P_REST) + column * 2 + 1);
        float scale = rest.get(p.get(P_REST) + D / 2);
        for (int r = row; r < row + rows; r++) {
            int near = Tiles.at(r, column);
            int far = D == 128 ? Tiles.INTS + near : Tiles.at(r, column + columns);
            int a = head < H ? q.get(from + near) : k.get(from + near);
            int b = head < H ? q.get(from + far) : k.get(from + far);
            if (r < used) {
                pool(most, least, sum, 0, Warp.low(a));
                pool(most, least, sum, 1, Warp.high(a));
                pool(most, least, sum, 2, Warp.low(b));
                pool(most, least, sum, 3, Warp.high(b));
            }
            int position = p.get(P_POSITION) + tile * Tiles.EDGE + r;
            float angle0 = (position * turns0 + (int) (position * rest0)) * RADIANS;
            float angle1 = (position * turns1 + (int) (position * rest1)) * RADIANS;
            float cos0 = TornadoMath.cos(angle0) * scale;
            float sin0 = TornadoMath.sin(angle0) * scale;
            float cos1 = TornadoMath.cos(angle1) * scale;
            float sin1 = TornadoMath.sin(angle1) * scale;
            int first = Warp.pack(Warp.low(a) * cos0 - Warp.low(b) * sin0, Warp.high(a) * cos1 - Warp.high(b) * sin1);
            int second = Warp.pack(Warp.low(b) * cos0 + Warp.low(a) * sin0, Warp.high(b) * cos1 + Warp.high(a) * sin1);
            if (head < H) {
                turned.set(to + near, first);
                turned.set(to + far, second);
            } else {
                cache.set(to + near, first);
                cache.set(to + far, second);
            }
        }
        int wanted = head < H ? p.get(P_POOL_Q) : p.get(P_POOL_K);
        if (wanted > 0) {
            for (int i = 0; i < 4; i++) {
                shared[item * 12 + i] = most[i];
                shared[item * 12 + 4 + i] = least[i];
                shared[item * 12 + 8 + i] = sum[i];
            }
            context.localBarrier();
            if (row == 0) {
                for (int other = item + columns; other < ITEMS; other += columns) {
                    for (int i = 0; i < 4; i++) {
                        most[i] = TornadoMath.max(most[i], shared[other * 12 + i]);
                        least[i] = TornadoMath.min(least[i], shared[other * 12 + 4 + i]);
                        sum[i] = sum[i] + shared[other * 12 + 8 + i];
                    }
                }
                int at = head < H ? p.get(P_POOLED_Q) + head * p.get(P_POOLED_Q_STRIDE)
                        : p.get(P_POOLED_K) + (head - H) * p.get(P_POOLED_K_STRIDE);
                int poolings = (wanted & 1) + (wanted >> 1 & 1) + (wanted >> 2 & 1);
                at = at + tile * poolings * D;
                if ((wanted & MAX) > 0) {
                    store(pooled, at, most, column, D, 1.0f);
                    at = at + D;
                }
                if ((wanted & MIN) > 0) {
                    store(pooled, at, least, column, D, 1.0f);
                    at = at + D;
                }
                if ((wanted & AVERAGE) > 0) {
                    store(pooled, at, sum, column, D, 1.0f / used);
                }
            }
        }
    }

    private static void pool(float[] most, float[] least, float[] sum, int i, float value) {
        most[i] = TornadoMath.max(most[i], value);
        least[i] = TornadoMath.min(least[i], value);
        sum[i] = sum[i] + value;
    }

    private static void store(FloatArray pooled, int at, float[] values, int column, int D, float factor) {
        pooled.set(at + column * 2, values[0] * factor);
        pooled.set(at + column * 2 + 1, values[1] * factor);
        pooled.set(at + D / 2 + column * 2, values[2] * factor);
        pooled.set(at + D / 2 + column * 2 + 1, values[3] * factor);
    }
}
