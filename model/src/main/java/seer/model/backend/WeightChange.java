package seer.model.backend;

/// One step of AdamW (Loshchilov and Hutter, arXiv 1711.05101) in numbers.
///
/// ```text
///   g = slope * shorten     mean = BETA1 mean + (1 - BETA1) g     square = BETA2 square + (1 - BETA2) g^2
///   x = x keep - size mean / (sqrt(square) root + EPSILON)
/// ```
///
/// @param shorten what clipping leaves of the gradient
/// @param keep    1 - rate * decay
/// @param size    rate / (1 - BETA1^step)
/// @param root    1 / sqrt(1 - BETA2^step)
public record WeightChange(float shorten, float keep, float size, float root) {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final float EPSILON = 1e-8f;

    /// @param made steps before this one
    public static WeightChange of(double shorten, double rate, double decay, long made) {
        return new WeightChange((float) shorten, (float) (1 - rate * decay),
                (float) (rate / (1 - Math.pow(BETA1, made + 1))),
                (float) (1 / Math.sqrt(1 - Math.pow(BETA2, made + 1))));
    }

    /// Changes elements `from ... to` on the host.
    ///
    /// @return whether all that was written is finite
    public boolean apply(float[] x, float[] mean, float[] square, float[] slope, int from, int to) {
        float taint = 0; // a finite number times 0 is 0
        for (int i = from; i < to; i++) {
            float g = slope[i] * shorten;
            float m = (float) BETA1 * mean[i] + (float) (1 - BETA1) * g;
            float v = (float) BETA2 * square[i] + (float) (1 - BETA2) * g * g;
            mean[i] = m;
            square[i] = v;
            x[i] = x[i] * keep - size * m / ((float) Math.sqrt(v) * root + EPSILON);
            taint += (x[i] + m + v) * 0;
        }
        return taint == 0;
    }
}
