package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of the tokens' negative log-likelihoods by the logits, in their place.
///
/// ## Shapes
/// | buffer    | shape    | type | direction | note                                                          |
/// |-----------|----------|------|-----------|---------------------------------------------------------------|
/// | `logits`  | `[T, V]` | f32  | in, out   | then the derivatives by them                                  |
/// | `targets` | `[T]`    | i32  | in        | negative where the successor is unknown: derivatives are 0    |
///
/// ## Tile
///   group = row; item i takes columns i, i + 256, ...; then trees of 8 steps, as in [TokenScore].
/// ## Formula
///   dlogit[t, v] = weight (e^(logit - max) / sum over v of e^(logit - max) - (v = target ? 1 : 0))
/// ## Cost
///   reads the logits three times and writes them once; two exponentials per logit.
/// ## Versions
///   `reference` plain loops, double · `grouped` one group per row
public final class TokenSlope {
    /// Items of a group.
    public static final int GROUP = 256;

    private TokenSlope() {
    }

    /// The oracle.
    public static double[] reference(float[] logits, int[] targets, double weight, int V) {
        var slopes = new double[logits.length];
        for (int t = 0; t < targets.length; t++) {
            double max = logits[t * V + TokenScore.best(logits, t, V)];
            double sum = 0;
            for (int v = 0; v < V; v++) {
                sum += Math.exp(logits[t * V + v] - max);
            }
            for (int v = 0; v < V && targets[t] >= 0; v++) {
                slopes[t * V + v] = weight * (Math.exp(logits[t * V + v] - max) / sum - (v == targets[t] ? 1 : 0));
            }
        }
        return slopes;
    }

    /// One group of [#GROUP] items for each row.
    ///
    /// @param p 0 rows (not read), 1 `V`, 2 base of `logits`
    /// @param f 0 weight
    public static void grouped(KernelContext context, FloatArray logits, IntArray targets, IntArray p, FloatArray f) {
        float[] value = context.allocateFloatLocalArray(GROUP);
        int lane = context.localIdx;
        int width = p.get(1);
        int from = p.get(2) + context.groupIdx * width;
        // -- maximum --
        float max = Float.NEGATIVE_INFINITY;
        for (int v = lane; v < width; v += GROUP) {
            max = TornadoMath.max(max, logits.get(from + v));
        }
        value[lane] = max;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (lane < step) {
                value[lane] = TornadoMath.max(value[lane], value[lane + step]);
            }
            context.localBarrier();
        }
        float highest = value[0];
        context.localBarrier();
        // -- sum of exponentials --
        float sum = 0.0f;
        for (int v = lane; v < width; v += GROUP) {
            sum += TornadoMath.exp(logits.get(from + v) - highest);
        }
        value[lane] = sum;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (lane < step) {
                value[lane] = value[lane] + value[lane + step];
            }
            context.localBarrier();
        }
        // -- slopes --
        int target = targets.get(context.groupIdx);
        float weight = target < 0 ? 0.0f : f.get(0);
        float share = weight / value[0];
        for (int v = lane; v < width; v += GROUP) {
            float slope = TornadoMath.exp(logits.get(from + v) - highest) * share;
            if (v == target) {
                slope = slope - weight;
            }
            logits.set(from + v, slope);
        }
    }
}
