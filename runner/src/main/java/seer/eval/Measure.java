package seer.eval;

import java.util.Locale;

/// What the value of a sample is.
public enum Measure {
    /// Mean negative log-likelihood of a window's tokens, in nats; shown as its exponential.
    PERPLEXITY,
    /// Share of a prompt's values that are found.
    RETRIEVAL,
    /// LongBench's metric of the dataset, 0 to 1.
    LONGBENCH,
    /// Share of the true attention that falls into the chosen blocks.
    RECALL,
    /// Spearman's rank correlation between a selector's scores and the true pooled map, row by row.
    RANK_CORRELATION,
    /// The setting of a rule that gives a wanted density.
    CALIBRATION;

    /// Whether the mean of the samples is a logarithm of what is shown.
    public boolean logarithmic() {
        return this == PERPLEXITY;
    }

    /// As written in files.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The measure of that label.
    public static Measure of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /// The mean of samples as it is shown.
    double shown(double mean) {
        return logarithmic() ? Math.exp(mean) : mean;
    }
}
