package seer.eval;

/// What one selector reached in one task, over all prompts or windows.
///
/// @param key         without an item
/// @param n           prompts or windows
/// @param value       mean, with its 95 % interval (Student's t); a perplexity is the exponential of that of the
///                    windows' mean negative log-likelihoods
/// @param density     mean share of the causal blocks computed
/// @param selectionMs median over the prefills, like the other times
/// @param baseline    label of what it is compared with, or null
/// @param difference  mean of the differences to the baseline over the same prompts, with its 95 % interval; of
///                    perplexities the logarithm of their ratio; null without a baseline
/// @param bootstrap   the same with a bootstrap interval
public record EvalRow(SampleKey key, int n, Interval value, double density, double selectionMs, double attentionMs,
                      double prefillMs, String baseline, Interval difference, Interval bootstrap) {

    public EvalRow {
        if (!Double.isFinite(value.mean()) || !Double.isFinite(density)) {
            throw new IllegalArgumentException(key.measure().label() + " of " + key.task() + " with " + key.selector()
                    + " is " + value.mean() + " at density " + density + ", wanted finite numbers");
        }
    }
}
