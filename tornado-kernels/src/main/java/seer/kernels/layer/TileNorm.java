package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Root-mean-square norm of the residual stream into tiles of bf16, ready for a product.
///
/// ## Shapes
/// | buffer   | shape               | type | direction | note                                |
/// |----------|---------------------|------|-----------|-------------------------------------|
/// | `x`      | `[T, C]`            | f32  | in        |                                     |
/// | `weight` | `[C]`               | f32  | in        |                                     |
/// | `y`      | `[T, C]` in [Tiles] | bf16 | out       | zero behind column `C` and row `T`  |
///
/// | `p[...]`                    | meaning                                     |
/// |-----------------------------|---------------------------------------------|
/// | `P_ROWS`, `P_C`             | `T`; `C`, even                              |
/// | `P_X`, `P_WEIGHT`, `P_Y`    | first elements                              |
///
/// ## Tile
///   group = row, [#ITEMS] items; an item takes every [#ITEMS]-th pair of columns
/// ## Formula
///   y = x / sqrt(mean(x^2) + epsilon) * weight
/// ## Cost
///   reads `x` twice, the second time from the cache; writes half as much
/// ## Versions
///   reference: [RmsNorm#reference], rounded to bf16 · `grouped`
public final class TileNorm {
    public static final int P_C = 0;
    public static final int P_X = 1;
    public static final int P_WEIGHT = 2;
    public static final int P_Y = 3;
    public static final int P_ROWS = 4;
    /// Elements of `p`.
    public static final int P_SIZE = 5;
    /// Items of a group.
    public static final int ITEMS = 128;

    private TileNorm() { }

    /// One group for each row of all tiles.
    ///
    /// @param f 0 epsilon
    public static void grouped(KernelContext context, FloatArray x, FloatArray weight, IntArray y, IntArray p,
            FloatArray f) {
        float[] partial = context.allocateFloatLocalArray(ITEMS);
        int item = context.localIdx;
        int row = context.groupIdx;
        int width = p.get(P_C);
        int real = row < p.get(P_ROWS) ? 1 : 0;
        int from = p.get(P_X) + row * width * real;
        // -- sum of squares --
        float squares = 0.0f;
        for (int c = item; c < width; c += ITEMS) {
            float value = x.get(from + c);
            squares += value * value;
        }
        partial[item] = squares;
        context.localBarrier();
        for (int step = ITEMS / 2; step > 0; step = step / 2) {
            if (item < step) {
                partial[item] = partial[item] + partial[item + step];
            }
            context.localBarrier();
        }
        // -- scale, round, swizzle --
        float factor = 1.0f / TornadoMath.sqrt(partial[0] / width + f.get(0));
        int across = (width + Tiles.EDGE - 1) / Tiles.EDGE;
        int to = p.get(P_Y) + row / Tiles.EDGE * across * Tiles.INTS;
        for (int pair = item; pair < across * Tiles.ROW; pair += ITEMS) {
            int packed = 0;
            if (pair * 2 < width * real) {
                packed = Warp.pack(x.get(from + pair * 2) * factor * weight.get(p.get(P_WEIGHT) + pair * 2),
                        x.get(from + pair * 2 + 1) * factor * weight.get(p.get(P_WEIGHT) + pair * 2 + 1));
            }
            y.set(to + pair / Tiles.ROW * Tiles.INTS + Tiles.at(row % Tiles.EDGE, pair % Tiles.ROW), packed);
        }
    }
}
