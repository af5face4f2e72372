package seer.run;

import java.util.Collections;
import java.util.List;
import seer.model.LanguageModel;

/// Checks of lists and counts that several evaluations take.
final class Lengths {
    /// More than anyone waits for; each is a prefill with every selector.
    private static final int MOST_PROMPTS = 100_000;

    private Lengths() { }

    static void check(String option, List<Integer> values, int least) {
        for (int value : values) {
            positive(option, value, least);
        }
    }

    static void positive(String option, int value, int least) {
        if (value < least) {
            throw new UsageException(option + " is " + value + ", wanted at least " + least);
        }
    }

    static void between(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException(option + " is " + value + ", wanted " + least + " to " + most);
        }
    }

    static void densities(String option, List<Double> values) {
        for (double value : values) {
            if (!(value > 0 && value <= 1)) {
                throw new UsageException(option + " is " + value + ", wanted above 0 and at most 1");
            }
        }
    }

    /// Checks prompts that are made by seed, before any is made.
    ///
    /// @param lengths of the prompts: each key takes more than a token
    static void prompts(int prompts, int leastPrompts, int keys, List<Integer> lengths, long seed) {
        between("--prompts", prompts, leastPrompts, MOST_PROMPTS);
        between("--keys", keys, 1, Collections.min(lengths));
        between("--seed", seed, Long.MIN_VALUE, Long.MAX_VALUE - prompts);
    }

    /// Refuses lengths that the model cannot read.
    static void context(String option, List<Integer> lengths, LanguageModel model) {
        int context = model.config().contextLength();
        for (int length : lengths) {
            if (length > context) {
                throw new UsageException(option + " is " + length + ", wanted at most the model's context of " + context
                        + " tokens");
            }
        }
    }
}
