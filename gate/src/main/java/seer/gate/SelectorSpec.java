package seer.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import seer.gate.rival.Criterion;
import seer.gate.rival.Rival;
import seer.gate.rival.Setting;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// A selector as written on a command line: `dense`, `gate:threshold=0.005`, `oracle:density=0.1`,
/// `random:density=0.1,seed=3`, `gate` with the thresholds of its adapter; `gate+rest` with a correction.
public sealed interface SelectorSpec {
    /// What can be written.
    static String grammar() {
        return "dense, gate, gate:budget=R, METHOD:density=R (" + methods(Criterion.DENSITY)
                + "), METHOD:threshold=T (" + methods(Criterion.THRESHOLD) + ") or METHOD:mass=P ("
                + methods(Criterion.MASS) + "); behind all but dense " + CorrectionSpec.grammar();
    }

    /// Those that choose by a criterion.
    private static String methods(Criterion criterion) {
        var methods = new ArrayList<String>();
        if (Gate.CRITERIA.contains(criterion)) {
            methods.add(Gate.WORD);
        }
        for (Rival rival : Rival.values()) {
            if (rival.criteria().contains(criterion)) {
                methods.add(rival.word() + (rival.takesSeed() ? "[,seed=S]" : ""));
            }
        }
        return String.join(", ", methods);
    }

    /// Every causal block.
    record Dense() implements SelectorSpec {
        @Override
        public String text() {
            return "dense";
        }
    }

    /// A gate with the thresholds of its adapter.
    record Calibrated() implements SelectorSpec {
        @Override
        public String text() {
            return Gate.WORD;
        }
    }

    /// A gate's scores.
    ///
    /// @param setting of a density, a threshold or a budget
    record Gate(Setting setting) implements SelectorSpec {
        private static final String WORD = "gate";
        private static final List<Criterion> CRITERIA =
                List.of(Criterion.THRESHOLD, Criterion.DENSITY, Criterion.BUDGET);

        public Gate {
            requireOneOf(CRITERIA, setting, WORD);
        }

        @Override
        public String text() {
            return WORD + ":" + setting.text();
        }
    }

    /// A rival's scores.
    ///
    /// @param setting of one of its criteria
    /// @param seed    of what is drawn by lot, 0 where nothing is
    record Other(Rival rival, Setting setting, long seed) implements SelectorSpec {
        private static final String SEED = "seed=";

        public Other {
            requireOneOf(rival.criteria(), setting, rival.word());
            if (seed != 0 && !rival.takesSeed()) {
                throw new IllegalArgumentException("\"" + SEED + seed + "\" is no setting of " + rival.word());
            }
        }

        @Override
        public String text() {
            return rival.word() + ":" + setting.text() + (seed == 0 ? "" : "," + SEED + seed);
        }
    }

    /// Another selector with a correction. A density or a budget is that of both together.
    record Corrected(SelectorSpec selector, CorrectionSpec correction) implements SelectorSpec {

        public Corrected {
            if (selector instanceof Dense || selector instanceof Corrected) {
                throw new IllegalArgumentException("there is nothing to correct in " + selector.text());
            }
        }

        @Override
        public String text() {
            return selector.text() + correction.text();
        }

        private BlockSelector made(Supplier<AttnGate> gate, ForcedBlocks forced) {
            int block = selector.needsGate() ? gate.get().config().block() : Rival.BLOCK;
            return correction.on(selector instanceof Calibrated ? gate.get().bare(forced)
                    : left(correction.share(block)).selector(gate, forced), text());
        }

        /// The selector, with what is left for it of a density.
        private SelectorSpec left(double share) {
            return switch (selector) {
                case Gate(Setting setting) -> new Gate(left(setting, share));
                case Other(Rival rival, Setting setting, long seed) -> new Other(rival, left(setting, share), seed);
                case Dense _, Calibrated _, Corrected _ -> selector;
            };
        }

        private Setting left(Setting setting, double share) {
            if (setting.criterion() != Criterion.DENSITY && setting.criterion() != Criterion.BUDGET) {
                return setting;
            }
            if (setting.value() <= share) {
                throw new IllegalArgumentException("selector is \"" + text() + "\", wanted a "
                        + setting.criterion().word() + " above " + share + ", which the correction takes of it");
            }
            return new Setting(setting.criterion(), setting.value() - share);
        }
    }

    /// As [#parse] reads it.
    String text();

    /// Reads a specification.
    ///
    /// @throws IllegalArgumentException quoting what was written and what was wanted
    static SelectorSpec parse(String text) {
        int plus = text.indexOf('+');
        if (plus < 0) {
            return parseAlone(text);
        }
        try {
            return new Corrected(parseAlone(text.substring(0, plus)), CorrectionSpec.parse(text.substring(plus)));
        } catch (IllegalArgumentException e) {
            throw wrong(text, e);
        }
    }

    private static SelectorSpec parseAlone(String text) {
        if (text.equals("dense")) {
            return new Dense();
        }
        if (text.equals(Gate.WORD) || text.equals(Gate.WORD + ":calibrated")) {
            return new Calibrated();
        }
        int colon = text.indexOf(':');
        int equals = text.indexOf('=');
        int comma = text.indexOf(',');
        if (colon < 0 || equals < colon) {
            throw wrong(text, null);
        }
        String method = text.substring(0, colon);
        var criterion = Criterion.named(text.substring(colon + 1, equals)).orElseThrow(() -> wrong(text, null));
        var rival = Rival.named(method);
        if (rival.isEmpty() && !method.equals(Gate.WORD)) {
            throw wrong(text, null);
        }
        try {
            double value = Double.parseDouble(text.substring(equals + 1, comma < 0 ? text.length() : comma));
            var setting = new Setting(criterion, value);
            long seed = comma < 0 ? 0 : seed(method, rival.filter(Rival::takesSeed), text.substring(comma + 1));
            return rival.isEmpty() ? new Gate(setting) : new Other(rival.get(), setting, seed);
        } catch (IllegalArgumentException e) {
            throw wrong(text, e);
        }
    }

    /// @param lot the rival, if it draws by lot
    private static long seed(String method, Optional<Rival> lot, String written) {
        if (lot.isEmpty() || !written.startsWith(Other.SEED)) {
            throw new IllegalArgumentException("\"" + written + "\" is no setting of " + method);
        }
        return Long.parseLong(written.substring(Other.SEED.length()));
    }

    /// Whether it needs a gate.
    default boolean needsGate() {
        return switch (this) {
            case Gate _, Calibrated _ -> true;
            case Dense _, Other _ -> false;
            case Corrected(SelectorSpec selector, _) -> selector.needsGate();
        };
    }

    /// Whether the selector looks at the whole prompt before it chooses; then the prompt has to be read in one chunk.
    default boolean wholePrompt() {
        return switch (this) {
            case Dense _, Calibrated _ -> false;
            case Gate(Setting setting) -> setting.criterion() == Criterion.BUDGET;
            case Other _ -> selector(null, ForcedBlocks.NONE).wholePrompt();
            case Corrected(SelectorSpec selector, _) -> selector.wholePrompt();
        };
    }

    /// The selector it stands for.
    ///
    /// @param gate asked for only if [#needsGate()]
    default BlockSelector selector(Supplier<AttnGate> gate, ForcedBlocks forced) {
        return switch (this) {
            case Dense _ -> BlockSelector.dense();
            case Calibrated _ -> gate.get().calibrated(forced);
            case Gate(Setting setting) -> chosen(gate.get(), setting, forced);
            case Other(Rival rival, Setting setting, long seed) -> rival.selector(Rival.BLOCK, setting, seed, forced);
            case Corrected corrected -> corrected.made(gate, forced);
        };
    }

    private static BlockSelector chosen(AttnGate gate, Setting setting, ForcedBlocks forced) {
        return switch (setting.criterion()) {
            case DENSITY -> gate.selector(new SelectionRule.TopBlocks(setting.value()), forced);
            case THRESHOLD -> gate.selector(new SelectionRule.Threshold((float) setting.value(),
                    gate.config().activation()), forced);
            case BUDGET -> new BudgetSelector(gate, setting.value(), forced);
            case MASS -> throw new IllegalArgumentException("gates do not choose by mass");
        };
    }

    private static void requireOneOf(List<Criterion> criteria, Setting setting, String method) {
        if (!criteria.contains(setting.criterion())) {
            throw new IllegalArgumentException(method + " has no rule " + setting.criterion().word());
        }
    }

    private static IllegalArgumentException wrong(String text, IllegalArgumentException cause) {
        String why = cause == null || cause instanceof NumberFormatException ? "" : " (" + cause.getMessage() + ")";
        return new IllegalArgumentException("selector is \"" + text + "\", wanted " + grammar() + why);
    }
}
