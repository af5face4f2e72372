package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// AdamW (arXiv 1711.05101): one change of weights by their gradient, and the sum of squares that the gradient is
/// clipped by.
///
/// ## Shapes
/// | buffer           | shape   | type | direction | note                                                   |
/// |------------------|---------|------|-----------|--------------------------------------------------------|
/// | `x`              | `[n]`   | f32  | in, out   | weights                                                |
/// | `mean`, `square` | `[n]`   | f32  | in, out   | running means of the gradient and of its square        |
/// | `slope`          | `[n]`   | f32  | in, out   | the gradient; 0 afterwards                             |
/// | `parts`          | `[g]`   | f32  | out       | sums of squares of `P_SPAN` elements each              |
///
/// | `p[...]`                            | meaning                                                       |
/// |-------------------------------------|---------------------------------------------------------------|
/// | `P_COUNT`, `P_SPAN`                 | `n`; elements of a part                                       |
/// | `P_X`, `P_MEAN`, `P_SQUARE`, `P_SLOPE`, `P_PARTS` | first elements                                  |
///
/// `f`: what shortens the gradient, what a weight keeps (1 - rate * decay), the step's size (rate / (1 - BETA1^s)), and
/// 1 / sqrt(1 - BETA2^s) for step `s`.
///
/// ## Tile
///   `change`: item = element. `squares`: group = part; item i takes elements i, i + 256, ...; then a tree of 8 steps.
/// ## Formula
///   g = slope * f[0];  mean = BETA1 mean + (1 - BETA1) g;  square = BETA2 square + (1 - BETA2) g^2
///   x = x f[1] - f[2] mean / (sqrt(square) f[3] + EPSILON)
/// ## Cost
///   reads and writes everything once: memory-bound
/// ## Versions
///   `reference` plain loops, double · `change`, `squares`
public final class WeightStep {
    public static final int P_COUNT = 0;
    public static final int P_SPAN = 1;
    public static final int P_X = 2;
    public static final int P_MEAN = 3;
    public static final int P_SQUARE = 4;
    public static final int P_SLOPE = 5;
    public static final int P_PARTS = 6;

    public static final float BETA1 = 0.9f;
    public static final float BETA2 = 0.999f;
    public static final float EPSILON = 1e-8f;
    /// Items of a group of `squares`.
    public static final int GROUP = 256;

    private WeightStep() {
    }

    /// The oracle: weights, means and squares after a change, one after the other.
    public static double[] reference(float[] x, float[] mean, float[] square, float[] slope, float[] f) {
        int n = x.length;
        var after = new double[3 * n];
        for (int i = 0; i < n; i++) {
            double g = (double) slope[i] * f[0];
            after[n + i] = BETA1 * (double) mean[i] + (1.0 - BETA1) * g;
            after[2 * n + i] = BETA2 * (double) square[i] + (1.0 - BETA2) * g * g;
            after[i] = (double) x[i] * f[1] - f[2] * after[n + i] / (Math.sqrt(after[2 * n + i]) * f[3] + EPSILON);
        }
        return after;
    }

    /// One item for each element.
    public static void change(KernelContext context, FloatArray x, FloatArray mean, FloatArray square,
                              FloatArray slope, IntArray p, FloatArray f) {
        int i = context.globalIdx;
        if (i < p.get(P_COUNT)) {
            float g = slope.get(p.get(P_SLOPE) + i) * f.get(0);
            float m = BETA1 * mean.get(p.get(P_MEAN) + i) + (1 - BETA1) * g;
            float v = BETA2 * square.get(p.get(P_SQUARE) + i) + (1 - BETA2) * g * g;
            mean.set(p.get(P_MEAN) + i, m);
            square.set(p.get(P_SQUARE) + i, v);
            slope.set(p.get(P_SLOPE) + i, 0.0f);
            x.set(p.get(P_X) + i, x.get(p.get(P_X) + i) * f.get(1)
                    - f.get(2) * m / (TornadoMath.sqrt(v) * f.get(3) + EPSILON));
        }
    }

    /// One group for each part.
    public static void squares(KernelContext context, FloatArray slope, FloatArray parts, IntArray p) {
        float[] sums = context.allocateFloatLocalArray(GROUP);
        int item = context.localIdx;
        int begin = context.groupIdx * p.get(P_SPAN);
        int end = TornadoMath.min(begin + p.get(P_SPAN), p.get(P_COUNT));
        float sum = 0.0f;
        for (int i = begin + item; i < end; i += GROUP) {
            float value = slope.get(p.get(P_SLOPE) + i);
            sum += value * value;
        }
        sums[item] = sum;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (item < step) {
                sums[item] = sums[item] + sums[item + step];
            }
            context.localBarrier();
        }
        if (item == 0) {
            parts.set(p.get(P_PARTS) + context.groupIdx, sums[0]);
        }
    }
}
