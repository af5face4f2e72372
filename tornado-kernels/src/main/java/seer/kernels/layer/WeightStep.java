package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// AdamW (arXiv 1711.05101): one change of weights by their gradient, and the sum of squares that the gradient is
/// clipped by.
///
/// ## Shapes
/// | buffer           | shape    | type | direction | note                                                     |
/// |------------------|----------|------|-----------|----------------------------------------------------------|
/// | `x`              | `[any]`  | f32  | in, out   | weights                                                  |
/// | `mean`, `square` | `[any]`  | f32  | in, out   | running means of the gradient and of its square          |
/// | `slope`          | `[any]`  | f32  | in, out   | the gradient; 0 afterwards                               |
/// | `chunks`         | `[n, 5]` | i32  | in        | weights in a row: how many, first elements of the four   |
/// | `parts`          | `[n]`    | f32  | out       | of `squares`: the sum of squares of each chunk's slopes  |
///
/// | `p[...]`               | meaning                               |
/// |------------------------|---------------------------------------|
/// | `P_CHUNKS`, `P_PARTS`  | first elements of `chunks`, `parts`   |
/// | `P_X`, `P_MEAN`, `P_SQUARE`, `P_SLOPE` | added to a chunk's    |
///
/// `f`: what shortens the gradient, what a weight keeps (1 - rate * decay), the step's size (rate / (1 - BETA1^s)), and
/// 1 / sqrt(1 - BETA2^s) for step `s`.
///
/// ## Tile
///   group = chunk, so that all weights of a model are one launch; item i takes elements i, i + 256, ...; `squares`
///   then adds up by a tree of 8 steps.
/// ## Formula
///   g = slope * f[0];  mean = BETA1 mean + (1 - BETA1) g;  square = BETA2 square + (1 - BETA2) g^2
///   x = x f[1] - f[2] mean / (sqrt(square) f[3] + EPSILON)
/// ## Cost
///   reads and writes everything once: memory-bound
/// ## Versions
///   `reference` plain loops, double · `change`, `squares`
public final class WeightStep {
    public static final int P_CHUNKS = 0;
    public static final int P_PARTS = 1;
    public static final int P_X = 2;
    public static final int P_MEAN = 3;
    public static final int P_SQUARE = 4;
    public static final int P_SLOPE = 5;

    /// Numbers of a chunk, and their places.
    public static final int CHUNK = 5;
    private static final int X = 1;
    private static final int MEAN = 2;
    private static final int SQUARE = 3;
    private static final int SLOPE = 4;

    public static final float BETA1 = 0.9f;
    public static final float BETA2 = 0.999f;
    public static final float EPSILON = 1e-8f;
    /// Items of a group.
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

    /// One group for each chunk.
    public static void change(KernelContext context, FloatArray x, FloatArray mean, FloatArray square,
                              FloatArray slope, IntArray chunks, IntArray p, FloatArray f) {
        int chunk = p.get(P_CHUNKS) + context.groupIdx * CHUNK;
        int xAt = p.get(P_X) + chunks.get(chunk + X);
        int meanAt = p.get(P_MEAN) + chunks.get(chunk + MEAN);
        int squareAt = p.get(P_SQUARE) + chunks.get(chunk + SQUARE);
        int slopeAt = p.get(P_SLOPE) + chunks.get(chunk + SLOPE);
        int count = chunks.get(chunk);
        for (int i = context.localIdx; i < count; i += GROUP) {
            float g = slope.get(slopeAt + i) * f.get(0);
            float m = BETA1 * mean.get(meanAt + i) + (1 - BETA1) * g;
            float v = BETA2 * square.get(squareAt + i) + (1 - BETA2) * g * g;
            mean.set(meanAt + i, m);
            square.set(squareAt + i, v);
            slope.set(slopeAt + i, 0.0f);
            x.set(xAt + i, x.get(xAt + i) * f.get(1) - f.get(2) * m / (TornadoMath.sqrt(v) * f.get(3) + EPSILON));
        }
    }

    /// One group for each chunk.
    public static void squares(KernelContext context, FloatArray slope, IntArray chunks, FloatArray parts,
                               IntArray p) {
        float[] sums = context.allocateFloatLocalArray(GROUP);
        int item = context.localIdx;
        int chunk = p.get(P_CHUNKS) + context.groupIdx * CHUNK;
        int from = p.get(P_SLOPE) + chunks.get(chunk + SLOPE);
        int count = chunks.get(chunk);
        float sum = 0.0f;
        for (int i = item; i < count; i += GROUP) {
            float value = slope.get(from + i);
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
