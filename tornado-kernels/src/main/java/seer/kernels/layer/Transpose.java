package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// A matrix with its axes exchanged, its rows filled up with zeros: so that [MatMul], which adds along the last axis of
/// both, adds along the first.
///
/// ## Shapes
/// | buffer | shape         | type | direction | note                                            |
/// |--------|---------------|------|-----------|-------------------------------------------------|
/// | `x`    | `[T, C]`      | f32  | in        |                                                 |
/// | `y`    | `[C, P]`      | f32  | out       | `P >= T`; columns `T ...` are 0                 |
///
/// ## Tile
///   item = element of `y`: neighbours write neighbours.
/// ## Formula
///   y[c, t] = x[t, c]
/// ## Cost
///   every element is read and written once: memory-bound, reads far apart; little beside the product that follows.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element
public final class Transpose {
    private Transpose() {
    }

    /// The oracle.
    public static double[] reference(float[] x, int T, int C, int P) {
        var y = new double[C * P];
        for (int t = 0; t < T; t++) {
            for (int c = 0; c < C; c++) {
                y[c * P + t] = x[t * C + c];
            }
        }
        return y;
    }

    /// One item for each of `C * P` elements.
    ///
    /// @param p 0 `T`, 1 `C`, 2 `P`, 3 base of `x`, 4 of `y`
    public static void naive(KernelContext context, FloatArray x, FloatArray y, IntArray p) {
        int i = context.globalIdx;
        int padded = p.get(2);
        if (i < p.get(1) * padded) {
            int t = i % padded;
            float value = 0.0f;
            if (t < p.get(0)) {
                value = x.get(p.get(3) + t * p.get(1) + i / padded);
            }
            y.set(p.get(4) + i, value);
        }
    }
}
