package seer.run.bench;

import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import seer.gate.AttnGate;
import seer.gate.CorrectionSpec;
import seer.gate.SelectorSpec;
import seer.gate.rival.Criterion;
import seer.gate.rival.Setting;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;

/// A prompt to read, as written on a command line: `pp8192`, dense; `pp8192@d0.1`, a tenth of the blocks by the gate;
/// `pp8192@t0.005`, the blocks whose probability is above that threshold; `pp8192@d0.1+rest`, with a correction.
///
/// @param tokens     of the prompt
/// @param rule       of the gate; null for dense attention
/// @param value      of the rule
/// @param correction of what the rule's blocks give; null for none
public record PrefillTest(int tokens, Rule rule, double value, CorrectionSpec correction) {
    private static final Pattern FORM = Pattern.compile("pp([1-9][0-9]{0,8})(?:@([dt])([0-9]*\\.?[0-9]+)(\\+.+)?)?");

    /// How the gate's scores become a choice.
    public enum Rule { DENSITY, THRESHOLD }

    /// Reads a test.
    ///
    /// @throws IllegalArgumentException quoting what was written and what was wanted
    public static PrefillTest parse(String text) {
        var matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw wrong(text);
        }
        int tokens = Integer.parseInt(matcher.group(1));
        if (matcher.group(2) == null) {
            return new PrefillTest(tokens, null, 1, null);
        }
        var rule = matcher.group(2).equals("d") ? Rule.DENSITY : Rule.THRESHOLD;
        double value = Double.parseDouble(matcher.group(3));
        if (rule == Rule.DENSITY ? !(value > 0 && value <= 1) : !((float) value < 1)) {
            throw wrong(text);
        }
        try {
            var correction = matcher.group(4) == null ? null : CorrectionSpec.parse(matcher.group(4));
            return new PrefillTest(tokens, rule, value, correction);
        } catch (IllegalArgumentException e) {
            throw wrong(text);
        }
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("test is \"" + text + "\", wanted ppN, ppN@dR with a density R above 0 and "
                + "at most 1, or ppN@tT with a threshold T below 1, either with " + CorrectionSpec.grammar()
                + ", for example pp8192@d0.1");
    }

    /// Whether it needs a gate.
    public boolean needsGate() {
        return rule != null;
    }

    /// What chooses the blocks.
    ///
    /// @param gate asked for only if [#needsGate()]
    BlockSelector selector(Supplier<AttnGate> gate) {
        if (rule == null) {
            return BlockSelector.dense();
        }
        if (correction != null) {
            var setting = new Setting(rule == Rule.DENSITY ? Criterion.DENSITY : Criterion.THRESHOLD, value);
            return new SelectorSpec.Corrected(new SelectorSpec.Gate(setting), correction)
                    .selector(gate, ForcedBlocks.DEFAULT);
        }
        return rule == Rule.DENSITY ? gate.get().density(value) : gate.get().threshold(value);
    }

    @Override
    public String toString() {
        return "pp" + tokens + (rule == null ? "" : "@" + rule.name().toLowerCase(Locale.ROOT).charAt(0)
                + (value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value))
                + (correction == null ? "" : correction.text()));
    }
}
