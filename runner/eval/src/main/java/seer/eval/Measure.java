package seer.eval;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What the value of a sample is.
public enum Measure {
    /// Mean negative log-likelihood of a window's tokens, in nats; shown as its exponential.
    PERPLEXITY(-1e-3, 700), // of e^700 a double still holds the exponential
    /// Share of a prompt's values that are found.
    RETRIEVAL(0, 1),
    /// LongBench's metric of the dataset, 0 to 1.
    LONGBENCH(0, 1),
    /// Share of the true attention that falls into the chosen blocks.
    RECALL(0, 1.01), // log-sum-exps of floats
    /// Spearman's rank correlation between a selector's scores and the true pooled map, row by row.
    RANK_CORRELATION(-1.01, 1.01),
    /// The setting of a rule that gives a wanted density.
    CALIBRATION(0, 1);

    private final double least;
    private final double most;

    Measure(double least, double most) {
        this.least = least;
        this.most = most;
    }

    /// Whether the mean of the samples is a logarithm of what is shown.
    public boolean logarithmic() {
        return this == PERPLEXITY;
    }

    /// As written in files.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The measure of that label.
    public static Optional<Measure> of(String label) {
        return Arrays.stream(values()).filter(each -> each.label().equals(label)).findFirst();
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Measure::label).toList();
    }

    /// Whether a sample can have this value; no number, or one that is not finite, never can.
    boolean holds(double value) {
        return value >= least && value <= most;
    }

    /// The values that a sample can have, in words.
    String range() {
        return "a number from " + Math.round(least) + " to " + Math.round(most);
    }

    /// The mean of samples as it is shown.
    double shown(double mean) {
        return logarithmic() ? Math.exp(mean) : mean;
    }
}
