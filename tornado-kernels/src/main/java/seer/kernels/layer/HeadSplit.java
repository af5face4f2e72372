package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Stacked projections, token by token, become queries, keys and values, head by head.
///
/// ## Shapes
/// | buffer | shape                | type | direction | note                                     |
/// |--------|----------------------|------|-----------|------------------------------------------|
/// | `y`    | `[T, (H + 2G) * D]`  | f32  | in        | queries, then keys, then values          |
/// | `bias` | `[(H + 2G) * D]`     | f32  | in        | or absent                                |
/// | `q`    | `[H, T, D]`          | f32  | out       |                                          |
/// | `k`, `v` | `[G, T, D]`        | f32  | out       |                                          |
///
/// ## Tile
///   item = element of `y`: neighbours read and write neighbours within a head.
/// ## Formula
///   q[h, t, d] = y[t, h * D + d] + bias[h * D + d], and so on
/// ## Cost
///   every element is read and written once: memory-bound.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element
public final class HeadSplit {
    private HeadSplit() {
    }

    /// The oracle: queries, keys and values one after the other, `[H + 2G, T, D]`.
    public static double[] reference(float[] y, float[] bias, int T, int heads, int D) {
        var split = new double[y.length];
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < heads * D; n++) {
                split[(n / D * T + t) * D + n % D] = (double) y[t * heads * D + n] + (bias == null ? 0 : bias[n]);
            }
        }
        return split;
    }

    /// One item for each of `T * (H + 2G) * D` elements.
    ///
    /// @param p 0 `T`, 1 `H`, 2 `G`, 3 `D`, 4 base of `y`, 5 base of `bias` or -1, 6 base of `q`, 7 elements between
    ///          its heads, 8 and 9 of `k`, 10 and 11 of `v`
    public static void naive(KernelContext context, FloatArray y, FloatArray bias, FloatArray q, FloatArray k,
                             FloatArray v, IntArray p) {
        int item = context.globalIdx;
        int count = p.get(1);
        int groups = p.get(2);
        int width = p.get(3);
        int columns = (count + 2 * groups) * width;
        if (item < p.get(0) * columns) {
            int t = item / columns;
            int n = item % columns;
            int head = n / width;
            int at = t * width + n % width;
            float value = y.get(p.get(4) + item);
            if (p.get(5) >= 0) {
                value += bias.get(p.get(5) + n);
            }
            if (head < count) {
                q.set(p.get(6) + head * p.get(7) + at, value);
            } else {
                if (head < count + groups) {
                    k.set(p.get(8) + (head - count) * p.get(9) + at, value);
                } else {
                    v.set(p.get(10) + (head - count - groups) * p.get(11) + at, value);
                }
            }
        }
    }
}
