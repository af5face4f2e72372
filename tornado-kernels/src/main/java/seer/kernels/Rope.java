package seer.kernels;

/// Rotary position embedding, half-split pairing.
///
/// ## Shapes
/// | buffer             | shape       | type | direction | note                                  |
/// |--------------------|-------------|------|-----------|---------------------------------------|
/// | `x`                | `[H, T, D]` | f32  | in        |                                       |
/// | `inverseFrequency` | `[D / 2]`   | f64  | in        | radians per position                  |
/// | `y`                | `[H, T, D]` | f32  | out       | row `t` stands at `first + t * step`  |
///
/// ## Formula
///   with a = position * inverseFrequency[i], i < D/2:
///   y[i] = (x[i] cos a - x[i + D/2] sin a) * scale;  y[i + D/2] = (x[i + D/2] cos a + x[i] sin a) * scale
/// ## Cost
///   6 flops per pair; reads and writes each element once.
/// ## Versions
///   `reference` plain loops, double
public final class Rope {
    private Rope() {
    }

    /// The oracle.
    ///
    /// @param scale multiplies cosine and sine: 1, or YaRN's attention factor
    public static double[] reference(float[] x, int H, int T, int D, double[] inverseFrequency, double scale,
                                     int first, int step) {
        var y = new double[H * T * D];
        int half = D / 2;
        for (int row = 0; row < H * T; row++) {
            double position = first + (double) (row % T) * step;
            for (int i = 0; i < half; i++) {
                double cos = Math.cos(position * inverseFrequency[i]) * scale;
                double sin = Math.sin(position * inverseFrequency[i]) * scale;
                double a = x[row * D + i];
                double b = x[row * D + half + i];
                y[row * D + i] = a * cos - b * sin;
                y[row * D + half + i] = b * cos + a * sin;
            }
        }
        return y;
    }
}
