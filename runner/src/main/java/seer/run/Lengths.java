package seer.run;

import java.util.List;

/// Checks of lists and counts that several evaluations take.
final class Lengths {
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
}
