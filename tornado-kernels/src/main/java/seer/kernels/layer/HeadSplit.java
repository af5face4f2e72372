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
/// | `p[...]`                       | meaning                                                          |
/// |--------------------------------|------------------------------------------------------------------|
/// | `P_ROWS`, `P_HEADS`, `P_GROUPS`, `P_D` | `T`; `H`; `G`; `D`                                       |
/// | `P_Y`, `P_BIAS`                | base of `y`; of `bias`, or -1                                    |
/// | `P_Q`, `P_Q_STRIDE`            | base of `q`, elements between its heads                          |
/// | `P_K`, `P_K_STRIDE`, `P_V`, `P_V_STRIDE` | of `k` and `v`                                         |
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

    public static final int P_ROWS = 0;
    public static final int P_HEADS = 1;
    public static final int P_GROUPS = 2;
    public static final int P_D = 3;
    public static final int P_Y = 4;
    public static final int P_BIAS = 5;
    public static final int P_Q = 6;
    public static final int P_Q_STRIDE = 7;
    public static final int P_K = 8;
    public static final int P_K_STRIDE = 9;
    public static final int P_V = 10;
    public static final int P_V_STRIDE = 11;
    /// Elements of `p`.
    public static final int P_SIZE = 12;

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
    public static void naive(KernelContext context, FloatArray y, FloatArray bias, FloatArray q, FloatArray k,
                             FloatArray v, IntArray p) {
        int item = context.globalIdx;
        int count = p.get(P_HEADS);
        int groups = p.get(P_GROUPS);
        int width = p.get(P_D);
        int columns = (count + 2 * groups) * width;
        if (item < p.get(P_ROWS) * columns) {
            int t = item / columns;
            int n = item % columns;
            int head = n / width;
            int at = t * width + n % width;
            float value = y.get(p.get(P_Y) + item);
            if (p.get(P_BIAS) >= 0) {
                value += bias.get(p.get(P_BIAS) + n);
            }
            if (head < count) {
                q.set(p.get(P_Q) + head * p.get(P_Q_STRIDE) + at, value);
            } else {
                if (head < count + groups) {
                    k.set(p.get(P_K) + (head - count) * p.get(P_K_STRIDE) + at, value);
                } else {
                    v.set(p.get(P_V) + (head - count - groups) * p.get(P_V_STRIDE) + at, value);
                }
            }
        }
    }
}
