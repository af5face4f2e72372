package seer.gate;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import seer.gate.rival.Rival;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// A selector as written on a command line: `dense`, `gate:threshold=0.005`, `oracle:density=0.1`,
/// `random:density=0.1,seed=3`, `gate` with the thresholds of its adapter.
///
/// @param method what scores the blocks
/// @param rule   `threshold`, `density` or `mass`, `budget` and `calibrated` for `gate` alone, null for `dense`
/// @param value  of the rule
/// @param seed   of what is drawn by lot, 0 where nothing is
public record SelectorSpec(String method, String rule, double value, long seed) {
    /// What can be written.
    public static final String GRAMMAR = "dense, gate, gate:budget=R, METHOD:density=R (gate, ashape, verticalslash,"
            + " meanpool, minmax, antidiagonal, flex, random[,seed=S], oracle), METHOD:threshold=T (gate, oracle) or"
            + " METHOD:mass=P (antidiagonal, flex)";

    private static final String CALIBRATED = "calibrated";

    /// Reads a specification.
    ///
    /// @throws IllegalArgumentException quoting what was written and what was wanted
    public static SelectorSpec parse(String text) {
        if (text.equals("dense")) {
            return new SelectorSpec("dense", null, 1, 0);
        }
        if (text.equals("gate") || text.equals("gate:" + CALIBRATED)) {
            return new SelectorSpec("gate", CALIBRATED, 0, 0);
        }
        int colon = text.indexOf(':');
        int equals = text.indexOf('=');
        int comma = text.indexOf(',');
        if (colon < 0 || equals < colon) {
            throw wrong(text, null);
        }
        String method = text.substring(0, colon);
        String rule = text.substring(colon + 1, equals);
        if (!rules(method).contains(rule)) {
            throw wrong(text, null);
        }
        try {
            double value = Double.parseDouble(text.substring(equals + 1, comma < 0 ? text.length() : comma));
            var spec = new SelectorSpec(method, rule, value, comma < 0 ? 0 : seed(method, text.substring(comma + 1)));
            spec.checkValue();
            return spec;
        } catch (IllegalArgumentException e) {
            throw wrong(text, e);
        }
    }

    /// Whether it needs a gate.
    public boolean needsGate() {
        return method.equals("gate");
    }

    /// Whether the selector looks at the whole prompt before it chooses; then the prompt has to be read in one chunk.
    public boolean wholePrompt() {
        return needsGate() ? rule.equals("budget") : Rival.named(method).map(Rival::wholePrompt).orElse(false);
    }

    /// The selector it stands for.
    ///
    /// @param gate asked for only if [#needsGate()]
    public BlockSelector selector(Supplier<AttnGate> gate, ForcedBlocks forced) {
        if (method.equals("dense")) {
            return BlockSelector.dense();
        }
        if (!needsGate()) {
            return Rival.named(method).orElseThrow().selector(Rival.BLOCK, rule, value, seed, forced);
        }
        AttnGate open = gate.get();
        if (rule.equals(CALIBRATED)) {
            return open.calibrated(forced);
        }
        if (rule.equals("budget")) {
            return new BudgetSelector(open, value, forced);
        }
        return open.selector(rule.equals("density") ? new SelectionRule.TopBlocks(value)
                : new SelectionRule.Threshold((float) value, open.config().activation()), forced);
    }

    /// What a method can choose by; nothing if there is no such method.
    private static List<String> rules(String method) {
        return method.equals("gate") ? List.of("threshold", "density", "budget")
                : Rival.named(method).map(Rival::rules).orElse(List.of());
    }

    private static long seed(String method, String setting) {
        String key = "seed=";
        if (!setting.startsWith(key) || !Rival.named(method).map(Rival::takesSeed).orElse(false)) {
            throw new IllegalArgumentException("\"" + setting + "\" is no setting of " + method);
        }
        return Long.parseLong(setting.substring(key.length()));
    }

    private void checkValue() {
        boolean threshold = rule.equals("threshold");
        if (threshold ? !(value >= 0 && (float) value < 1) : !(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "%s is %s, wanted %s", rule, value,
                    threshold ? "at least 0 and below 1" : "above 0 and at most 1"));
        }
    }

    private static IllegalArgumentException wrong(String text, IllegalArgumentException cause) {
        String why = cause == null || cause instanceof NumberFormatException ? "" : " (" + cause.getMessage() + ")";
        return new IllegalArgumentException("selector is \"" + text + "\", wanted " + GRAMMAR + why);
    }
}
