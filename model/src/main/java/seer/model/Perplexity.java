package seer.model;

import java.util.Arrays;
import java.util.function.DoubleConsumer;
import seer.model.backend.NotFiniteException;

/// Perplexity of a text in windows of equal length, each read afresh from position 0.
///
/// Window `w` is tokens `w * L .. (w + 1) * L`; each predicts its successor, the last one the first token of the
/// next window. No token is put in front.
///
/// @param value      exponential of the mean negative log-likelihood over all windows
/// @param density    mean share of causal blocks computed
/// @param windows    windows read
/// @param tokens     tokens scored
/// @param totalNanos time of all prefills, scoring included
public record Perplexity(double value, double density, int windows, int tokens, long totalNanos) {

    /// Measures the first `windows` windows of `length` tokens.
    ///
    /// @throws IllegalArgumentException if the text is shorter than one window and its successor
    public static Perplexity measure(Session session, int[] tokens, int length, int windows,
                                     BlockSelector selector, DoubleConsumer progress) {
        int available = windows(tokens.length, length);
        if (available < 1 || windows < 1) {
            throw new IllegalArgumentException("the text has " + tokens.length
                    + " tokens, wanted at least one window of " + length + " and the token after it");
        }
        int count = Math.min(windows, available);
        double sum = 0;
        double density = 0;
        long nanos = 0;
        for (int w = 0; w < count; w++) {
            int from = w * length;
            int done = w;
            var request = PrefillRequest.of(Arrays.copyOfRange(tokens, from, from + length), selector)
                    .scored(tokens[from + length])
                    .reporting(share -> progress.accept((done + share) / count));
            var report = session.prefill(request);
            sum += report.scores().nats(0, length);
            density += report.density();
            nanos += report.totalNanos();
        }
        int scored = count * length;
        return new Perplexity(of(sum, scored), density / count, count, scored, nanos);
    }

    /// The perplexity of so many tokens.
    ///
    /// @param sum of their negative log-likelihoods, in nats
    /// @throws NotFiniteException if it is beyond what a number can hold
    public static double of(double sum, int tokens) {
        double perplexity = Math.exp(sum / tokens);
        if (!Double.isFinite(perplexity)) {
            throw new NotFiniteException("perplexity is " + perplexity + ", wanted a finite number: the tokens' mean "
                    + "negative log-likelihood is " + sum / tokens + " nats");
        }
        return perplexity;
    }

    /// Windows of `length` tokens, each with a successor, in a text of `tokens`.
    public static int windows(int tokens, int length) {
        return Math.max(0, (tokens - 1) / length);
    }
}
