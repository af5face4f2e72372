package seer.gate;

import java.util.Collections;
import java.util.List;
import seer.gate.rival.Setting;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// Keeps the blocks that a gate scores highest.
///
/// @param rules one for each layer
public record GateSelector(AttnGate gate, String label, List<SelectionRule> rules, ForcedBlocks forced)
        implements BlockSelector {

    public GateSelector {
        rules = List.copyOf(rules);
        if (rules.size() != gate.layers()) {
            throw new IllegalArgumentException("rules are " + rules.size() + ", wanted one for each of "
                    + gate.layers() + " layers");
        }
    }

    /// One rule for all layers.
    static GateSelector of(AttnGate gate, SelectionRule rule, ForcedBlocks forced) {
        return new GateSelector(gate, label(rule), Collections.nCopies(gate.layers(), rule), forced);
    }

    private static String label(SelectionRule rule) {
        return switch (rule) {
            case SelectionRule.Threshold t -> t.thresholds().size() > 1 ? "gate:thresholds"
                    : "gate:" + Setting.threshold(t.lowest()).text();
            case SelectionRule.TopBlocks t -> "gate:" + Setting.density(t.density()).text();
        };
    }

    @Override
    public int block() {
        return gate.config().block();
    }

    @Override
    public Run begin(Prompt prompt) {
        return new GateRun(gate, rules, forced, prompt);
    }
}
