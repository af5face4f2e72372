package seer.kernels.gate;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// [BlockPooling] of vectors in tiles of bf16.
///
/// ## Shapes
/// | buffer   | shape                  | type | direction | note                           |
/// |----------|------------------------|------|-----------|--------------------------------|
/// | `x`      | `[H, T, D]` in [Tiles] | bf16 | in        | rows `P_FROM ...`, before RoPE |
/// | `pooled` | `[H, N, poolings * D]` | f32  | out       | in the order max, min, average |
///
/// | `p[...]`                        | meaning                                                        |
/// |---------------------------------|----------------------------------------------------------------|
/// | `P_ROWS`, `P_FROM`, `P_D`       | `T`; the first row; `D`                                        |
/// | `P_BLOCK`                       | `B`                                                            |
/// | `P_X`, `P_X_TILES`              | first int of `x`; tiles of rows that a head has room for       |
/// | `P_POOLED`, `P_POOLED_STRIDE`   | base of `pooled`, elements between its heads                   |
/// | `P_POOLINGS`                    | poolings                                                       |
/// | `P_MAX`, `P_MIN`, `P_AVERAGE`   | their places among the poolings, or -1                         |
///
/// ## Tile
/// ```text
///   group = block of a head; item = pair of columns of every PARTS-th row      PARTS = 256 / D
///     row 0     [ i0    | i1    | ... ]
///     row 1     [ iD/2  | iD/2+1 ...  ]   then the first D / 2 items join what their column's others have
/// ```
/// ## Formula
///   element by element over the real tokens of the block; the last block may be short
/// ## Cost
///   reads each element once: memory-bound
/// ## Versions
///   reference: [BlockPooling#reference] · `pairs`
public final class TilePooling {
    public static final int P_ROWS = 0;
    public static final int P_FROM = 1;
    public static final int P_D = 2;
    public static final int P_BLOCK = 3;
    public static final int P_X = 4;
    public static final int P_X_TILES = 5;
    public static final int P_POOLED = 6;
    public static final int P_POOLED_STRIDE = 7;
    public static final int P_POOLINGS = 8;
    public static final int P_MAX = 9;
    public static final int P_MIN = 10;
    public static final int P_AVERAGE = 11;
    /// Elements of `p`.
    public static final int P_SIZE = 12;
    /// Items of a group.
    public static final int ITEMS = 128;
    private static final int KEPT = 6; // of an item: two maxima, two minima, two sums

    private TilePooling() { }

    /// Grid `[N * 128, H]`; `D` is 64 or 128.
    public static void pairs(KernelContext context, IntArray x, FloatArray pooled, IntArray p) {
        float[] shared = context.allocateFloatLocalArray(ITEMS * KEPT);
        int item = context.localIdx;
        int width = p.get(P_D);
        int columns = width / 2;
        int pair = item % columns;
        int first = context.groupIdx * p.get(P_BLOCK);
        int last = TornadoMath.min(first + p.get(P_BLOCK), p.get(P_ROWS));
        int from = p.get(P_X) + context.groupIdy * p.get(P_X_TILES) * Tiles.ROW * width
                + pair / Tiles.ROW * Tiles.INTS;
        float most0 = Float.NEGATIVE_INFINITY;
        float most1 = Float.NEGATIVE_INFINITY;
        float least0 = Float.POSITIVE_INFINITY;
        float least1 = Float.POSITIVE_INFINITY;
        float sum0 = 0.0f;
        float sum1 = 0.0f;
        for (int t = first + item / columns; t < last; t += ITEMS / columns) {
            int row = p.get(P_FROM) + t;
            int both = x.get(from + row / Tiles.EDGE * Tiles.ROW * width
                    + Tiles.at(row % Tiles.EDGE, pair % Tiles.ROW));
            most0 = TornadoMath.max(most0, Warp.low(both));
            most1 = TornadoMath.max(most1, Warp.high(both));
            least0 = TornadoMath.min(least0, Warp.low(both));
            least1 = TornadoMath.min(least1, Warp.high(both));
            sum0 = sum0 + Warp.low(both);
            sum1 = sum1 + Warp.high(both);
        }
        shared[item * KEPT] = most0;
        shared[item * KEPT + 1] = most1;
        shared[item * KEPT + 2] = least0;
        shared[item * KEPT + 3] = least1;
        shared[item * KEPT + 4] = sum0;
        shared[item * KEPT + 5] = sum1;
        context.localBarrier();
        if (item < columns) {
            for (int other = item + columns; other < ITEMS; other += columns) {
                most0 = TornadoMath.max(most0, shared[other * KEPT]);
                most1 = TornadoMath.max(most1, shared[other * KEPT + 1]);
                least0 = TornadoMath.min(least0, shared[other * KEPT + 2]);
                least1 = TornadoMath.min(least1, shared[other * KEPT + 3]);
                sum0 = sum0 + shared[other * KEPT + 4];
                sum1 = sum1 + shared[other * KEPT + 5];
            }
            int to = p.get(P_POOLED) + context.groupIdy * p.get(P_POOLED_STRIDE)
                    + context.groupIdx * p.get(P_POOLINGS) * width + pair * 2;
            if (p.get(P_MAX) >= 0) {
                pooled.set(to + p.get(P_MAX) * width, most0);
                pooled.set(to + p.get(P_MAX) * width + 1, most1);
            }
            if (p.get(P_MIN) >= 0) {
                pooled.set(to + p.get(P_MIN) * width, least0);
                pooled.set(to + p.get(P_MIN) * width + 1, least1);
            }
            if (p.get(P_AVERAGE) >= 0) {
                pooled.set(to + p.get(P_AVERAGE) * width, sum0 / (last - first));
                pooled.set(to + p.get(P_AVERAGE) * width + 1, sum1 / (last - first));
            }
        }
    }
}
