package seer.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The yardstick: multiply-adds in registers and nothing else.
///
/// ## Shapes
/// | buffer | shape     | type | direction | note                              |
/// |--------|-----------|------|-----------|-----------------------------------|
/// | `f`    | `[2]`     | f32  | in        | factor and summand                |
/// | `y`    | `[items]` | f32  | out       | so that nothing is optimised away |
///
/// ## Tile
///   item = eight independent chains.
/// ## Formula
///   a = a * f[0] + f[1], over and over
/// ## Cost
///   16 flops per round and item.
/// ## Versions
///   `reference` one chain, double · `chains` eight chains
public final class MultiplyAdd {
    /// Flops of one round of one item.
    public static final int FLOPS = 16;

    private MultiplyAdd() {
    }

    /// The oracle: the sum of eight chains that start at `item * 8`, ..., `item * 8 + 7` over 1024.
    public static double reference(int item, int rounds, double factor, double summand) {
        double sum = 0;
        for (int chain = 0; chain < 8; chain++) {
            double a = (item % 128 * 8 + chain) / 1024.0;
            for (int i = 0; i < rounds; i++) {
                a = a * factor + summand;
            }
            sum += a;
        }
        return sum;
    }

    /// `p[0]` rounds in every item.
    ///
    /// @param p 0 rounds
    /// @param f 0 factor, 1 summand
    public static void chains(KernelContext context, FloatArray y, IntArray p, FloatArray f) {
        int item = context.globalIdx;
        float factor = f.get(0);
        float summand = f.get(1);
        float start = item % 128 * 8 / 1024f;
        float a0 = start;
        float a1 = start + 1 / 1024f;
        float a2 = start + 2 / 1024f;
        float a3 = start + 3 / 1024f;
        float a4 = start + 4 / 1024f;
        float a5 = start + 5 / 1024f;
        float a6 = start + 6 / 1024f;
        float a7 = start + 7 / 1024f;
        int rounds = p.get(0);
        for (int i = 0; i < rounds; i++) {
            a0 = a0 * factor + summand;
            a1 = a1 * factor + summand;
            a2 = a2 * factor + summand;
            a3 = a3 * factor + summand;
            a4 = a4 * factor + summand;
            a5 = a5 * factor + summand;
            a6 = a6 * factor + summand;
            a7 = a7 * factor + summand;
        }
        y.set(item, a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7);
    }
}
