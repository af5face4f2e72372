package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The activation of the gated feed-forward layer.
///
/// ## Shapes
/// | buffer   | shape     | type | direction | note                          |
/// |----------|-----------|------|-----------|-------------------------------|
/// | `gateUp` | `[T, 2F]` | f32  | in        | gate in the first `F` columns |
/// | `y`      | `[T, F]`  | f32  | out       |                               |
///
/// ## Tile
///   item = element of `y`.
/// ## Formula
///   y[t, f] = gate / (1 + e^-gate) * up
/// ## Cost
///   one exponential and one division per element.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element
public final class SwiGlu {
    private SwiGlu() {
    }

    /// The oracle.
    public static double[] reference(float[] gateUp, int T, int F) {
        var y = new double[T * F];
        for (int t = 0; t < T; t++) {
            for (int f = 0; f < F; f++) {
                double gate = gateUp[t * 2 * F + f];
                double up = gateUp[t * 2 * F + F + f];
                y[t * F + f] = gate / (1 + Math.exp(-gate)) * up;
            }
        }
        return y;
    }

    /// One item for each element of `y`.
    ///
    /// @param p 0 rows, 1 `F`, 2 base of `gateUp`, 3 of `y`
    public static void naive(KernelContext context, FloatArray gateUp, FloatArray y, IntArray p) {
        int i = context.globalIdx;
        int width = p.get(1);
        if (i < p.get(0) * width) {
            int from = p.get(2) + i / width * 2 * width + i % width;
            float gate = gateUp.get(from);
            float small = TornadoMath.exp(gate > 0 ? -gate : gate); // never overflows
            float open = (gate > 0 ? 1 : small) / (1 + small);
            y.set(p.get(3) + i, gate * open * gateUp.get(from + width));
        }
    }
}
