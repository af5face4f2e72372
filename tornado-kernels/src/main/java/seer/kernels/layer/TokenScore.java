package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What the logits of a row say: the likeliest successor, and how surprising the real one is.
///
/// ## Shapes
/// | buffer     | shape    | type | direction | note                                       |
/// |------------|----------|------|-----------|--------------------------------------------|
/// | `logits`   | `[T, V]` | f32  | in        |                                            |
/// | `targets`  | `[T]`    | i32  | in        | negative where the successor is unknown    |
/// | `negative` | `[T]`    | f32  | out       | negative log-likelihood; 0 where unknown   |
/// | `best`     | `[T]`    | i32  | out       | the lowest index among equals              |
///
/// ## Tile
///   group = row; item i looks at columns i, i + 256, ...; then trees of 8 steps.
/// ## Formula
///   negative[t] = log(sum over v of e^(logits[t, v] - max)) + max - logits[t, targets[t]]
/// ## Cost
///   reads the logits twice; one exponential per logit.
/// ## Versions
///   `reference` plain loops, double · `grouped` one group per row
public final class TokenScore {
    /// Items of a group.
    public static final int GROUP = 256;

    private TokenScore() {
    }

    /// The oracle of `negative`.
    public static double[] reference(float[] logits, int[] targets, int V) {
        var negative = new double[targets.length];
        for (int t = 0; t < targets.length; t++) {
            double max = logits[t * V + best(logits, t, V)];
            double sum = 0;
            for (int v = 0; v < V; v++) {
                sum += Math.exp(logits[t * V + v] - max);
            }
            negative[t] = targets[t] < 0 ? 0 : Math.log(sum) + max - logits[t * V + targets[t]];
        }
        return negative;
    }

    /// The oracle of `best`.
    public static int best(float[] logits, int t, int V) {
        int best = 0;
        for (int v = 1; v < V; v++) {
            best = logits[t * V + v] > logits[t * V + best] ? v : best;
        }
        return best;
    }

    /// One group of [#GROUP] items for each row.
    ///
    /// @param p 0 rows (not read), 1 `V`, 2 base of `logits`, 3 first row, where `targets`, `negative` and `best`
    ///          are read and written
    public static void grouped(KernelContext context, FloatArray logits, IntArray targets, FloatArray negative,
                               IntArray best, IntArray p) {
        float[] value = context.allocateFloatLocalArray(GROUP);
        int[] place = context.allocateIntLocalArray(GROUP);
        int lane = context.localIdx;
        int row = context.groupIdx;
        int width = p.get(1);
        int from = p.get(2) + row * width;
        // -- maximum and its place --
        float max = Float.NEGATIVE_INFINITY;
        int at = width;
        for (int v = lane; v < width; v += GROUP) {
            float logit = logits.get(from + v);
            if (logit > max) {
                max = logit;
                at = v;
            }
        }
        value[lane] = max;
        place[lane] = at;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (lane < step) {
                float other = value[lane + step];
                int there = place[lane + step];
                float own = value[lane];
                if (other == own) {
                    place[lane] = TornadoMath.min(place[lane], there);
                }
                if (other > own) {
                    value[lane] = other;
                    place[lane] = there;
                }
            }
            context.localBarrier();
        }
        float highest = value[0];
        int winner = place[0];
        context.localBarrier();
        // -- sum of exponentials --
        float sum = 0;
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
        // -- result --
        if (lane == 0) {
            int t = p.get(3) + row;
            int target = targets.get(t);
            float surprise = 0;
            if (target >= 0) {
                surprise = TornadoMath.log(value[0]) + highest - logits.get(from + target);
            }
            negative.set(t, surprise);
            best.set(t, winner);
        }
    }
}
