package seer.gate.train;

import java.util.Arrays;
import java.util.List;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.backend.Rotary;

/// The loss of one gate in one layer by plain loops in double precision, from the formulas alone (method.md, sections
/// 1 and 4): what the gradient is measured against.
///
/// @param q      `[H][n][D * 3]` pooled queries: max, min, avg; of the gate's own blocks
/// @param k      `[G][vectors][D * 3]`, of the gate's key blocks
/// @param target `[H][n][n]`
/// @param answer first token of the answer; the query before it predicts it
record PlainGate(GateRecipe recipe, GateLayout layout, Rotary rotary, double[][][] q, double[][][] k,
                 double[][][] target, int answer) {

    double loss(double[] key, double[] query) {
        int n = q[0].length;
        int first = (int) Math.floor(n * recipe.drop());
        double sum = 0;
        double weights = 0;
        for (int head = 0; head < layout.heads(); head++) {
            int group = head / (layout.heads() / layout.groups());
            var queries = new double[n][];
            var keys = new double[k[0].length][];
            for (int i = 0; i < n; i++) {
                double[] pooled = take(q[head][i], recipe.queryPooling());
                queries[i] = turn(query == null ? pooled : project(pooled, query, head), i * recipe.block());
            }
            for (int j = 0; j < keys.length; j++) {
                keys[j] = turn(project(take(k[group][j], recipe.keyPooling()), key, query == null ? head : group),
                        j * recipe.keyBlock());
            }
            double[][] map = target[head];
            for (int i = first; i < n; i++) {
                var scores = new double[i + 1];
                Arrays.fill(scores, Double.NEGATIVE_INFINITY);
                int fold = recipe.block() / recipe.keyBlock();
                for (int j = 0; j < Math.min(keys.length, (i + 1) * fold); j++) {
                    double score = 0;
                    for (int e = 0; e < recipe.width(); e++) {
                        score += queries[i][e] * keys[j][e] / Math.sqrt(recipe.width());
                    }
                    scores[j / fold] = Math.max(scores[j / fold], score);
                }
                double weight = (i + 1) * recipe.block() > answer - 1 ? recipe.answers() : 1;
                sum += weight * row(scores, map[i]);
                weights += weight;
            }
        }
        return 10 * sum / (weights * n);
    }

    private double row(double[] s, double[] map) {
        double[] a = Arrays.copyOf(map, s.length);
        if (recipe.sink() == SinkTarget.CAPPED && a.length > 1) {
            a[0] = Math.min(a[0], Arrays.stream(a, 1, a.length).max().getAsDouble());
        }
        double mass = 0;
        double denominator = 0;
        for (int j = 0; j < s.length; j++) {
            mass += a[j];
            denominator += Math.exp(s[j]);
        }
        double sum = 0;
        for (int j = 0; j < s.length; j++) {
            boolean softmax = recipe.activation() == GateActivation.SOFTMAX;
            double p = softmax ? Math.exp(s[j]) / denominator : 1 / (1 + Math.exp(-s[j]));
            double t = softmax ? a[j] / mass : a[j];
            sum += switch (recipe.loss()) {
                case KL -> t == 0 ? 0 : t * Math.log(t / p);
                case MSE -> (p - t) * (p - t);
                case BCE -> -t * Math.log(p) - (1 - t) * Math.log(1 - p);
            };
        }
        return sum;
    }

    private double[] take(double[] all, List<Pooling> poolings) {
        int width = layout.headWidth();
        var taken = new double[poolings.size() * width];
        for (int p = 0; p < poolings.size(); p++) {
            System.arraycopy(all, poolings.get(p).ordinal() * width, taken, p * width, width);
        }
        return taken;
    }

    private double[] project(double[] x, double[] weights, int head) {
        var y = new double[recipe.width()];
        for (int e = 0; e < y.length; e++) {
            for (int c = 0; c < x.length; c++) {
                y[e] += x[c] * weights[(head * x.length + c) * y.length + e];
            }
        }
        return y;
    }

    private double[] turn(double[] x, int position) {
        if (!recipe.rope()) {
            return x;
        }
        int half = x.length / 2;
        var y = new double[x.length];
        for (int i = 0; i < half; i++) {
            double angle = position * rotary.inverseFrequency()[i];
            y[i] = (x[i] * Math.cos(angle) - x[half + i] * Math.sin(angle)) * rotary.scale();
            y[half + i] = (x[half + i] * Math.cos(angle) + x[i] * Math.sin(angle)) * rotary.scale();
        }
        return y;
    }
}
