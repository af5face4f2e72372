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
    ASHAPE(Criterion.DENSITY),
    /// MInference's lines.
    VERTICALSLASH(Criterion.DENSITY),
    /// Block means, as MoBA compares them.
    MEANPOOL(Criterion.DENSITY),
    /// Quest's upper bound.
    MINMAX(Criterion.DENSITY),
    /// XAttention's antidiagonal sums.
    ANTIDIAGONAL(Criterion.DENSITY, Criterion.MASS),
    /// FlexPrefill's patterns.
    FLEX(Criterion.DENSITY, Criterion.MASS),
    /// Blocks drawn by lot.
    RANDOM(Criterion.DENSITY),
    /// The true pooled map.
    ORACLE(Criterion.DENSITY, Criterion.THRESHOLD);

    /// Tokens along one edge of a block, as in SeerAttention.
    public static final int BLOCK = 64;

    private final List<Criterion> criteria;

    Rival(Criterion... criteria) {
        this.criteria = List.of(criteria);
    }

    /// The rival of this name, if there is one.
    public static Optional<Rival> named(String word) {
        return Arrays.stream(values()).filter(rival -> rival.word().equals(word)).findFirst();
    }

    /// Its name.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// What its blocks can be chosen by.
    public List<Criterion> criteria() {
        return criteria;
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
    /// @param setting of one of [#criteria()]
    /// @param seed    of the draws, where there are any
    /// @throws IllegalArgumentException if it does not choose by that
    public BlockSelector selector(int block, Setting setting, long seed, ForcedBlocks forced) {
        if (!criteria.contains(setting.criterion())) {
            throw new IllegalArgumentException(word() + " has no rule " + setting.criterion().word() + ", wanted "
                    + String.join(" or ", criteria.stream().map(Criterion::word).toList()));
        }
        double value = setting.value();
        return switch (this) {
            case ASHAPE -> new AShapeSelector(block, new TopBlocks(value), forced);
            case VERTICALSLASH -> new VerticalSlashSelector(block, new TopBlocks(value), forced);
            case MEANPOOL -> new MeanPoolSelector(block, new TopBlocks(value), forced);
            case MINMAX -> new MinMaxSelector(block, new TopBlocks(value), forced);
            case ANTIDIAGONAL -> new AntidiagonalSelector(block, choice(setting), forced);
            case FLEX -> setting.criterion() == Criterion.MASS ? new FlexSelector(block, value, null, forced)
                    : new FlexSelector(block, 0, new TopBlocks(value), forced);
            case RANDOM -> new RandomSelector(block, new RowChoice.Top(value), seed, forced);
            case ORACLE -> new OracleSelector(block, choice(setting), forced);
        };
    }

    private static RowChoice choice(Setting setting) {
        return switch (setting.criterion()) {
            case DENSITY -> new RowChoice.Top(setting.value());
            case THRESHOLD -> new RowChoice.Above(setting.value());
            case MASS -> new RowChoice.Mass(setting.value());
            case BUDGET -> throw new IllegalArgumentException("budget is of a layer, wanted a row's criterion");
        };
    }
}
