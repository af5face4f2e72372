package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What a layer found out, added to the stream.
///
/// ## Shapes
/// | buffer | shape    | type | direction |
/// |--------|----------|------|-----------|
/// | `y`    | `[T, C]` | f32  | in        |
/// | `x`    | `[T, C]` | f32  | in, out   |
///
/// ## Tile
///   item = element.
/// ## Formula
///   x[t, c] += y[t, c]
/// ## Cost
///   one addition per 12 bytes moved: memory-bound.
/// ## Versions
///   `reference` plain loop, double · `naive` one item per element
public final class Residual {
    private Residual() {
    }

    /// The oracle.
    public static double[] reference(float[] y, float[] x) {
        var sum = new double[x.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = (double) x[i] + y[i];
        }
        return sum;
    }

    /// One item for each of `p[0]` elements.
    ///
    /// @param p 0 elements, 1 base of `y`, 2 of `x`
    public static void naive(KernelContext context, FloatArray y, FloatArray x, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(0)) {
            int at = p.get(2) + i;
            x.set(at, x.get(at) + y.get(p.get(1) + i));
        }
    }
}
