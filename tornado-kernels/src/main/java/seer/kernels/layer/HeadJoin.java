package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The way back of [HeadSplit]: queries, keys and values, head by head, become stacked rows, token by token.
///
/// ## Shapes
/// | buffer | shape                | type | direction | note                                     |
/// |--------|----------------------|------|-----------|------------------------------------------|
/// | `q`    | `[H, T, D]`          | f32  | in        |                                          |
/// | `k`, `v` | `[G, T, D]`        | f32  | in        |                                          |
/// | `y`    | `[T, (H + 2G) * D]`  | f32  | out       | queries, then keys, then values          |
///
/// The places of `p` are those of [HeadSplit]; `P_BIAS` is not read.
///
/// ## Tile
///   item = element of `y`.
/// ## Formula
///   y[t, h * D + d] = q[h, t, d], and so on
/// ## Cost
///   every element is read and written once: memory-bound.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element
public final class HeadJoin {
    private HeadJoin() {
    }

    /// The oracle.
    ///
    /// @param heads `[H + 2G, T, D]`: queries, keys and values one after the other
    public static double[] reference(float[] heads, int T, int count, int D) {
        var y = new double[heads.length];
        for (int i = 0; i < y.length; i++) {
            int n = i % (count * D);
            y[i] = heads[(n / D * T + i / (count * D)) * D + n % D];
        }
        return y;
    }

    /// One item for each of `T * (H + 2G) * D` elements.
    public static void naive(KernelContext context, FloatArray q, FloatArray k, FloatArray v, FloatArray y,
                             IntArray p) {
        int item = context.globalIdx;
        int count = p.get(HeadSplit.P_HEADS);
        int groups = p.get(HeadSplit.P_GROUPS);
        int width = p.get(HeadSplit.P_D);
        int columns = (count + 2 * groups) * width;
        if (item < p.get(HeadSplit.P_ROWS) * columns) {
            int n = item % columns;
            int head = n / width;
            int at = item / columns * width + n % width;
            float value = 0.0f;
            if (head < count) {
                value = q.get(p.get(HeadSplit.P_Q) + head * p.get(HeadSplit.P_Q_STRIDE) + at);
            } else {
                if (head < count + groups) {
                    value = k.get(p.get(HeadSplit.P_K) + (head - count) * p.get(HeadSplit.P_K_STRIDE) + at);
                } else {
                    value = v.get(p.get(HeadSplit.P_V) + (head - count - groups) * p.get(HeadSplit.P_V_STRIDE) + at);
                }
            }
            y.set(p.get(HeadSplit.P_Y) + item, value);
        }
    }
}
