package seer.gate.train;

import seer.model.attention.GateActivation;

/// Loss and gradient of one block row.
///
/// ```text
///   gt = a / sum a,  p = softmax(s):   KL   sum gt log(gt / p)           d/ds  p - gt
///                                      MSE  sum (p - gt)^2               d/ds  2 p ((p - gt) - sum p (p - gt))
///   p = sigmoid(s):                    BCE  -sum a log p + (1-a) log(1-p)  d/ds  p - a
///                                      MSE  sum (p - a)^2                d/ds  2 (p - a) p (1 - p)
/// ```
///
/// `s` are raw scores and `a` the target map of the row's causal blocks, its rows not yet made to sum to 1.
final class RowLoss {
    private final GateLoss loss;
    private final boolean softmax;
    private double total;
    private double divergence;
    private float first; // target of the row's first block

    RowLoss(GateLoss loss, GateActivation activation) {
        this.loss = loss;
        this.softmax = activation == GateActivation.SOFTMAX;
    }

    /// Sum of the losses of all rows so far, times their weights.
    double total() {
        return total;
    }

    /// Sum over all rows so far of the divergence in nats, whatever the loss; 0 for sigmoids, which have none.
    double divergence() {
        return divergence;
    }

    /// Takes a row in: scores `s[0 .. count]` become the gradient, times `factor`.
    ///
    /// @param a      target from element `from` on
    /// @param sink   what the first of them counts as
    /// @param weight of the row
    void row(float[] s, int count, float[] a, int from, SinkTarget sink, double weight, float factor) {
        first = sink.first(a, from, count);
        total += weight * (softmax ? softmaxRow(s, count, a, from, (float) (weight * factor))
                : sigmoidRow(s, count, a, from, (float) (weight * factor)));
    }

    private float target(float[] a, int from, int j) {
        return j == 0 ? first : a[from + j];
    }

    private double softmaxRow(float[] s, int count, float[] a, int from, float factor) {
        float max = Float.NEGATIVE_INFINITY;
        double mass = 0;
        for (int j = 0; j < count; j++) {
            max = Math.max(max, s[j]);
            mass += target(a, from, j);
        }
        double entropy = 0; // sum of a log a
        double cross = 0; // sum of a * (s - max)
        double sum = 0;
        for (int j = 0; j < count; j++) {
            double wanted = target(a, from, j);
            double score = s[j] - max;
            entropy += wanted > 0 ? wanted * Math.log(wanted) : 0;
            cross += wanted * score;
            double e = Math.exp(score);
            sum += e;
            s[j] = (float) e;
        }
        double nats = (entropy - cross) / mass - Math.log(mass) + Math.log(sum);
        divergence += nats;
        float p = (float) (1 / sum);
        float t = (float) (1 / mass);
        if (loss == GateLoss.KL) {
            for (int j = 0; j < count; j++) {
                s[j] = factor * (s[j] * p - target(a, from, j) * t);
            }
            return nats;
        }
        double squares = 0;
        double mean = 0; // of the differences, by the gate's probabilities
        for (int j = 0; j < count; j++) {
            double difference = s[j] * p - target(a, from, j) * t;
            squares += difference * difference;
            mean += s[j] * p * difference;
        }
        for (int j = 0; j < count; j++) {
            float probability = s[j] * p;
            s[j] = 2 * factor * probability * (probability - target(a, from, j) * t - (float) mean);
        }
        return squares;
    }

    private double sigmoidRow(float[] s, int count, float[] a, int from, float factor) {
        double sum = 0;
        for (int j = 0; j < count; j++) {
            double score = s[j];
            double wanted = Math.min(1, target(a, from, j)); // rounding may lift a probability above 1
            double p = 1 / (1 + Math.exp(-score));
            double difference = p - wanted;
            if (loss == GateLoss.BCE) {
                sum += Math.max(score, 0) - score * wanted + Math.log1p(Math.exp(-Math.abs(score)));
                s[j] = (float) (factor * difference);
            } else {
                sum += difference * difference;
                s[j] = (float) (2 * factor * difference * p * (1 - p));
            }
        }
        return sum;
    }
}
