package seer.gate.rival;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.MassPooling;
import seer.model.attention.SelectionRule.TopBlocks;

/// The ways of choosing blocks that the gate is measured against, by the names of the command line. Whatever is listed
/// here can be selected, stands in the grammar of selectors and is held by the tests to what all have in common.
public enum Rival {
    /// Sink and sliding window.
    ASHAPE((block, setting, seed, forced) -> new AShapeSelector(block, top(setting), forced), Criterion.DENSITY),
    /// MInference's lines.
    VERTICALSLASH((block, setting, seed, forced) -> new VerticalSlashSelector(block, top(setting), forced),
            Criterion.DENSITY),
    /// Block means, as MoBA compares them.
    MEANPOOL((block, setting, seed, forced) -> new MeanPoolSelector(block, top(setting), forced), Criterion.DENSITY),
    /// Quest's upper bound.
    MINMAX((block, setting, seed, forced) -> new MinMaxSelector(block, top(setting), forced), Criterion.DENSITY),
    /// XAttention's antidiagonal sums.
    ANTIDIAGONAL((block, setting, seed, forced) -> new AntidiagonalSelector(block, RowChoice.of(setting), forced),
            Criterion.DENSITY, Criterion.MASS),
    /// FlexPrefill's patterns.
    FLEX((block, setting, seed, forced) -> setting.criterion() == Criterion.MASS
            ? new FlexSelector(block, setting.value(), null, forced)
            : new FlexSelector(block, 0, top(setting), forced), Criterion.DENSITY, Criterion.MASS),
    /// Blocks drawn by lot.
    RANDOM((block, setting, seed, forced) -> new RandomSelector(block, new RowChoice.Top(setting.value()), seed,
            forced), Criterion.DENSITY) {
        @Override
        public boolean takesSeed() {
            return true;
        }
    },
    /// The true pooled map.
    ORACLE(oracle(null), Criterion.DENSITY, Criterion.THRESHOLD, Criterion.MASS),
    /// The true mass of each block, its queries' mean.
    ORACLEMEAN(oracle(MassPooling.MEAN), Criterion.DENSITY, Criterion.THRESHOLD, Criterion.MASS),
    /// The true mass of each block, the largest of its queries.
    ORACLEPEAK(oracle(MassPooling.PEAK), Criterion.DENSITY, Criterion.THRESHOLD, Criterion.MASS),
    /// The true mass of each block, the root of its queries' mean square.
    ORACLEROOT(oracle(MassPooling.ROOT), Criterion.DENSITY, Criterion.THRESHOLD, Criterion.MASS);

    /// Tokens along one edge of a block, as in SeerAttention.
    public static final int BLOCK = 64;

    private final Maker maker;
    private final List<Criterion> criteria;

    /// Makes the selector of a setting that has one of the rival's criteria.
    private interface Maker {
        BlockSelector selector(int block, Setting setting, long seed, ForcedBlocks forced);
    }

    /// @param criteria what its blocks can be chosen by
    Rival(Maker maker, Criterion... criteria) {
        this.maker = maker;
        this.criteria = List.of(criteria);
    }

    private static Maker oracle(MassPooling mass) {
        return (block, setting, seed, forced) -> new OracleSelector(block, mass, RowChoice.of(setting), forced);
    }

    private static TopBlocks top(Setting setting) {
        return new TopBlocks(setting.value());
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

    /// Whether it draws by lot.
    public boolean takesSeed() {
        return false;
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
        return maker.selector(block, setting, seed, forced);
    }
}
