package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of SwiGLU between products on tensor cores: from fp32 sums to tiles of bf16.
///
/// ## Shapes
/// | buffer   | shape                | type | direction | note                                                       |
/// |----------|----------------------|------|-----------|------------------------------------------------------------|
/// | `gateUp` | `[T, 2F']`           | f32  | in        | 64 columns of gate and 64 of up in turns                   |
/// | `dy`     | `[T, F]`             | f32  | in        | derivative by the product                                  |
/// | `d`      | `[T, 2F']` in [Tiles] | bf16 | out      | derivatives by all of gate, then by all of up              |
/// | `y`      | `[T, F]` in [Tiles]  | bf16 | out       | the product, for the gradient of what follows              |
///
/// `F'` is the next multiple of 64. Both results are zero in columns beyond `F` and in rows beyond `T`, up to whole
/// tiles. `F` is even.
///
/// | `p[...]`                        | meaning         |
/// |---------------------------------|-----------------|
/// | `P_ROWS`, `P_F`                 | `T`; `F`        |
/// | `P_BOTH`, `P_DY`, `P_D`, `P_Y`  | first elements  |
///
/// ## Tile
///   item = pair of columns of `y`
/// ## Formula
///   as [SwiGluBackward]
/// ## Cost
///   two exponentials and two divisions per pair: memory-bound
/// ## Versions
///   reference: [SwiGluBackward#reference] · `pairs` one item per int of `y`
public final class TileSwiGluBackward {
    public static final int P_ROWS = 0;
    public static final int P_F = 1;
    public static final int P_BOTH = 2;
    public static final int P_DY = 3;
    public static final int P_D = 4;
    public static final int P_Y = 5;

    private TileSwiGluBackward() { }

    /// Ints of `y`.
    public static int items(int rows, int F) {
        return Tiles.along(rows) * Tiles.along(F) * Tiles.INTS;
    }

    /// One item for each of [#items].
    public static void pairs(KernelContext context, FloatArray gateUp, FloatArray dy, IntArray d, IntArray y,
                             IntArray p) {
        int item = context.globalIdx;
        int width = p.get(P_F);
        int across = (width + Tiles.EDGE - 1) / Tiles.EDGE;
        int down = (p.get(P_ROWS) + Tiles.EDGE - 1) / Tiles.EDGE;
        if (item < down * across * Tiles.INTS) {
            int row = item / (across * Tiles.ROW);
            int pair = item % (across * Tiles.ROW);
            int tile = pair / Tiles.ROW;
            float[] r = new float[6]; // of two columns: product, slope by gate, by up
            for (int i = 0; i < 6; i++) {
                r[i] = 0.0f;
            }
            if (row < p.get(P_ROWS) && pair * 2 < width) {
                int at = p.get(P_BOTH) + row * 2 * across * Tiles.EDGE + tile * 2 * Tiles.EDGE + pair % Tiles.ROW * 2;
                for (int i = 0; i < 2; i++) {
                    float gate = gateUp.get(at + i);
                    float up = gateUp.get(at + Tiles.EDGE + i);
                    float small = TornadoMath.exp(gate > 0 ? -gate : gate); // never overflows
                    float open = (gate > 0 ? 1 : small) / (1 + small);
                    float shut = (gate > 0 ? small : 1) / (1 + small);
                    float slope = dy.get(p.get(P_DY) + row * width + pair * 2 + i);
                    r[i] = gate * open * up;
                    r[2 + i] = slope * up * open * (1 + gate * shut);
                    r[4 + i] = slope * gate * open;
                }
            }
            int within = Tiles.at(row % Tiles.EDGE, pair % Tiles.ROW);
            int of = row / Tiles.EDGE;
            y.set(p.get(P_Y) + (of * across + tile) * Tiles.INTS + within, Warp.pack(r[0], r[1]));
            d.set(p.get(P_D) + (of * 2 * across + tile) * Tiles.INTS + within, Warp.pack(r[2], r[3]));
            d.set(p.get(P_D) + ((of * 2 + 1) * across + tile) * Tiles.INTS + within, Warp.pack(r[4], r[5]));
        }
    }
}
