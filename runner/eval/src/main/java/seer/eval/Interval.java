package seer.eval;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;

/// A weighted mean and the interval that holds the true one with a confidence of 95 %; its ends are NaN where one
/// sample leaves them open.
public record Interval(double mean, double low, double high) {
    private static final double UPPER_TAIL = 0.975;
    private static final int RESAMPLES = 10_000;

    /// Student's t over `n - 1` degrees of freedom: `mean +- t * s / sqrt(n)`.
    ///
    /// With weights, `s^2 = n / (n - 1) * sum(w * (x - mean)^2) / sum(w)`, which equal weights make the usual one.
    public static Interval student(double[] values, double[] weights) {
        double mean = mean(values, weights);
        int n = values.length;
        if (n < 2) {
            return new Interval(mean, Double.NaN, Double.NaN);
        }
        double square = 0;
        for (int i = 0; i < n; i++) {
            square += weights[i] * (values[i] - mean) * (values[i] - mean);
        }
        double variance = square / Arrays.stream(weights).sum() * n / (n - 1);
        // TornadoVM's SDK brings Commons Math 3.2, whose classes go before ours: only what both have is called here.
        double half = new TDistribution(n - 1.0).inverseCumulativeProbability(UPPER_TAIL)
                * Math.sqrt(variance / n);
        return new Interval(mean, mean - half, mean + half);
    }

    /// The same for equal weights.
    public static Interval student(double... values) {
        return student(values, ones(values.length));
    }

    /// Percentiles of the means of ten thousand resamples, drawn from a fixed seed: it does not lean on the shape of
    /// the distribution.
    public static Interval bootstrap(double[] values, double[] weights) {
        double mean = mean(values, weights);
        int n = values.length;
        if (n < 2) {
            return new Interval(mean, Double.NaN, Double.NaN);
        }
        var random = new SplittableRandom(1);
        var means = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            double sum = 0;
            double weight = 0;
            for (int i = 0; i < n; i++) {
                int drawn = random.nextInt(n);
                sum += weights[drawn] * values[drawn];
                weight += weights[drawn];
            }
            means[r] = sum / weight;
        }
        var percentile = new Percentile();
        percentile.setData(means);
        return new Interval(mean, percentile.evaluate(100 * (1 - UPPER_TAIL)), percentile.evaluate(100 * UPPER_TAIL));
    }

    static double[] ones(int n) {
        var ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static double mean(double[] values, double[] weights) {
        if (values.length == 0 || values.length != weights.length) {
            throw new IllegalArgumentException(values.length + " values and " + weights.length
                    + " weights, wanted as many of both and at least one");
        }
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < values.length; i++) {
            sum += weights[i] * values[i];
            weight += weights[i];
        }
        return sum / weight;
    }
}
