package seer.gate.rival;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule.TopBlocks;

/// The ways of choosing blocks that the gate is measured against, by the names of the command line.
public enum Rival {
    /// Sink and sliding window.
    ASHAPE("density"),
    /// MInference's lines.
    VERTICALSLASH("density"),
    /// Block means, as MoBA compares them.
    MEANPOOL("density"),
    /// Quest's upper bound.
    MINMAX("density"),
    /// XAttention's antidiagonal sums.
    ANTIDIAGONAL("density", "mass"),
    /// FlexPrefill's patterns.
    FLEX("density", "mass"),
    /// Blocks drawn by lot.
    RANDOM("density"),
    /// The true pooled map.
    ORACLE("density", "threshold");

    /// Tokens along one edge of a block, as in SeerAttention.
    public static final int BLOCK = 64;

    private final List<String> rules;

    Rival(String... rules) {
        this.rules = List.of(rules);
    }

    /// The rival of this name, if there is one.
    public static Optional<Rival> named(String word) {
        return Arrays.stream(values()).filter(rival -> rival.word().equals(word)).findFirst();
    }

    /// Its name.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// What its blocks can be chosen by: some of `density`, `threshold`, `mass`.
    public List<String> rules() {
        return rules;
    }

    /// Whether it looks at the whole prompt before it chooses, so that the prompt has to be read in one chunk.
    public boolean wholePrompt() {
        return this == VERTICALSLASH || this == FLEX;
    }

    /// Whether it draws by lot.
    public boolean takesSeed() {
        return this == RANDOM;
    }

    /// The selector, with blocks of `block` tokens.
    ///
    /// @param rule  one of [#rules()]
    /// @param value of the rule
    /// @param seed  of the draws, where there are any
    /// @throws IllegalArgumentException if the rule is not one of its rules or the value is out of range
    public BlockSelector selector(int block, String rule, double value, long seed, ForcedBlocks forced) {
        if (!rules.contains(rule)) {
            throw new IllegalArgumentException(
                    word() + " has no rule " + rule + ", wanted " + String.join(" or ", rules));
        }
        return switch (this) {
            case ASHAPE -> new AShapeSelector(block, new TopBlocks(value), forced);
            case VERTICALSLASH -> new VerticalSlashSelector(block, new TopBlocks(value), forced);
            case MEANPOOL -> new MeanPoolSelector(block, new TopBlocks(value), forced);
            case MINMAX -> new MinMaxSelector(block, new TopBlocks(value), forced);
            case ANTIDIAGONAL -> new AntidiagonalSelector(block, choice(rule, value), forced);
            case FLEX -> rule.equals("mass") ? new FlexSelector(block, value, null, forced)
                    : new FlexSelector(block, 0, new TopBlocks(value), forced);
            case RANDOM -> new RandomSelector(block, new RowChoice.Top(value), seed, forced);
            case ORACLE -> new OracleSelector(block, choice(rule, value), forced);
        };
    }

    private static RowChoice choice(String rule, double value) {
        return switch (rule) {
            case "density" -> new RowChoice.Top(value);
            case "threshold" -> new RowChoice.Above(value);
            default -> new RowChoice.Mass(value);
        };
    }
}
