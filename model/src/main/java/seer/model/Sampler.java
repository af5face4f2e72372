package seer.model;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Draws tokens from logits, reproducibly by seed.
final class Sampler {
    private final Sampling sampling;
    private final SplittableRandom random;

    Sampler(Sampling sampling) {
        this.sampling = sampling;
        this.random = new SplittableRandom(sampling.seed());
    }

    /// The next token id.
    int next(float[] logits) {
        return sampling.temperature() == 0 ? largest(logits) : draw(logits);
    }

    /// Index of the largest value, the first among equals.
    static int largest(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    private int draw(float[] logits) {
        float top = logits[largest(logits)];
        var weight = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < weight.length; i++) {
            weight[i] = Math.exp((logits[i] - top) / sampling.temperature());
            sum += weight[i];
        }
        var order = IntStream.range(0, weight.length).boxed()
                .sorted((a, b) -> Double.compare(weight[b], weight[a])).mapToInt(i -> i).toArray();
        double kept = 0;
        int count = 0;
        while (count < order.length && (count == 0 || kept < sampling.topP() * sum)) {
            kept += weight[order[count++]];
        }
        double left = random.nextDouble() * kept;
        for (int i = 0; i < count; i++) {
            left -= weight[order[i]];
            if (left < 0) {
                return order[i];
            }
        }
        return order[count - 1];
    }
}
