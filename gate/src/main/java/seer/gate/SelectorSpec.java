package seer.gate;

import java.util.Locale;
import java.util.function.Supplier;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// A selector as written on a command line: `dense`, `gate:threshold=0.005`, `gate:density=0.1`, `gate` with the
/// thresholds of its adapter.
///
/// @param method what scores the blocks
/// @param rule   `threshold` or `density`, `calibrated` for `gate` alone, null for `dense`
/// @param value  of the rule
public record SelectorSpec(String method, String rule, double value) {
    /// What can be written.
    public static final String GRAMMAR = "dense, gate, gate:threshold=T or gate:density=R";

    private static final String CALIBRATED = "calibrated";

    /// Reads a specification.
    ///
    /// @throws IllegalArgumentException quoting what was written and what was wanted
    public static SelectorSpec parse(String text) {
        if (text.equals("dense")) {
            return new SelectorSpec("dense", null, 1);
        }
        if (text.equals("gate") || text.equals("gate:" + CALIBRATED)) {
            return new SelectorSpec("gate", CALIBRATED, 0);
        }
        int colon = text.indexOf(':');
        int equals = text.indexOf('=');
        if (colon < 0 || equals < colon || !text.substring(0, colon).equals("gate")) {
            throw wrong(text, null);
        }
        String rule = text.substring(colon + 1, equals);
        if (!rule.equals("threshold") && !rule.equals("density")) {
            throw wrong(text, null);
        }
        try {
            var spec = new SelectorSpec("gate", rule, Double.parseDouble(text.substring(equals + 1)));
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

    /// The selector it stands for.
    ///
    /// @param gate asked for only if [#needsGate()]
    public BlockSelector selector(Supplier<AttnGate> gate, ForcedBlocks forced) {
        if (!needsGate()) {
            return BlockSelector.dense();
        }
        AttnGate open = gate.get();
        if (rule.equals(CALIBRATED)) {
            return open.calibrated(forced);
        }
        return open.selector(rule.equals("density") ? new SelectionRule.TopBlocks(value)
                : new SelectionRule.Threshold((float) value, open.config().activation()), forced);
    }

    private void checkValue() {
        boolean density = rule.equals("density");
        if (density ? !(value > 0 && value <= 1) : !(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "%s is %s, wanted %s", rule, value,
                    density ? "above 0 and at most 1" : "at least 0 and below 1"));
        }
    }

    private static IllegalArgumentException wrong(String text, IllegalArgumentException cause) {
        String why = cause == null || cause instanceof NumberFormatException ? "" : " (" + cause.getMessage() + ")";
        return new IllegalArgumentException("selector is \"" + text + "\", wanted " + GRAMMAR + why);
    }
}
