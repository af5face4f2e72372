package seer.gate;

import java.util.Locale;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// Keeps the blocks that a gate scores highest.
public record GateSelector(AttnGate gate, SelectionRule rule, ForcedBlocks forced) implements BlockSelector {

    @Override
    public String label() {
        return switch (rule) {
            case SelectionRule.Threshold t -> t.thresholds().size() > 1 ? "gate:thresholds"
                    : "gate:threshold=" + trim(t.lowest());
            case SelectionRule.TopBlocks t -> "gate:density=" + trim(t.density());
        };
    }

    @Override
    public int block() {
        return gate.config().block();
    }

    @Override
    public Run begin(Prompt prompt) {
        return new GateRun(gate, rule, forced, prompt);
    }

    /// A number without trailing zeros.
    static String trim(double value) {
        return String.format(Locale.ROOT, "%.6f", value).replaceAll("0+$", "").replaceAll("\\.$", "");
    }
}
