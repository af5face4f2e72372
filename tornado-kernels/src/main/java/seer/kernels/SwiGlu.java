package seer.kernels;

/// The activation of the gated feed-forward layer.
///
/// ## Shapes
/// | buffer   | shape     | type | direction | note                          |
/// |----------|-----------|------|-----------|-------------------------------|
/// | `gateUp` | `[T, 2F]` | f32  | in        | gate in the first `F` columns |
/// | `y`      | `[T, F]`  | f32  | out       |                               |
///
/// ## Formula
///   y[t, f] = gate / (1 + e^-gate) * up
/// ## Cost
///   one exponential and one division per element.
/// ## Versions
///   `reference` plain loops, double
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
}
