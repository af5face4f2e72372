package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of [SwiGlu], which is computed again on the way.
///
/// ## Shapes
/// | buffer   | shape     | type | direction | note                                          |
/// |----------|-----------|------|-----------|-----------------------------------------------|
/// | `gateUp` | `[T, 2F]` | f32  | in, out   | gate and up; then the derivatives by them     |
/// | `dy`     | `[T, F]`  | f32  | in        | derivative by the product                     |
/// | `y`      | `[T, F]`  | f32  | out       | the product, for the gradient of what follows |
///
/// ## Tile
///   item = element of `y`.
/// ## Formula
///   o = 1 / (1 + e^-gate);  y = gate o up;  dgate = dy up o (1 + gate (1 - o));  dup = dy gate o
/// ## Cost
///   one exponential and one division per element: memory-bound.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element
public final class SwiGluBackward {
    private SwiGluBackward() {
    }

    /// The oracle of the derivatives, `[T, 2F]`.
    public static double[] reference(float[] gateUp, float[] dy, int T, int F) {
        var slopes = new double[2 * T * F];
        for (int i = 0; i < T * F; i++) {
            int at = i / F * 2 * F + i % F;
            double gate = gateUp[at];
            double open = 1 / (1 + Math.exp(-gate));
            slopes[at] = dy[i] * gateUp[at + F] * open * (1 + gate * (1 - open));
            slopes[at + F] = dy[i] * gate * open;
        }
        return slopes;
    }

    /// One item for each element of `y`.
    ///
    /// @param p 0 rows, 1 `F`, 2 base of `gateUp`, 3 of `dy`, 4 of `y`
    public static void naive(KernelContext context, FloatArray gateUp, FloatArray dy, FloatArray y, IntArray p) {
        int i = context.globalIdx;
        int width = p.get(1);
        if (i < p.get(0) * width) {
            int at = p.get(2) + i / width * 2 * width + i % width;
            float gate = gateUp.get(at);
            float up = gateUp.get(at + width);
            float small = TornadoMath.exp(gate > 0 ? -gate : gate); // never overflows
            float open = (gate > 0 ? 1 : small) / (1 + small);
            float shut = (gate > 0 ? small : 1) / (1 + small);
            float slope = dy.get(p.get(3) + i);
            y.set(p.get(4) + i, gate * open * up);
            gateUp.set(at, slope * up * open * (1 + gate * shut));
            gateUp.set(at + width, slope * gate * open);
        }
    }
}
