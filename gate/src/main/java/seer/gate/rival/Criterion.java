package seer.gate.rival;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What makes scores of blocks a choice.
public enum Criterion {
    /// The share of the causal blocks that is kept, as many in every row.
    DENSITY,
    /// The probability that a block must lie above.
    THRESHOLD,
    /// The share of a row's scores that the fewest blocks hold.
    MASS,
    /// The share of a layer's causal blocks that is kept, in whatever row.
    BUDGET;

    /// As on a command line.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// That of this name, if there is one.
    public static Optional<Criterion> named(String word) {
        return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
    }

    /// Whether a larger value keeps more blocks: all but the threshold do.
    public boolean rising() {
        return this != THRESHOLD;
    }
}
