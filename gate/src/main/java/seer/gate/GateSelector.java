package seer.gate;

import java.util.Collections;
import java.util.List;
import seer.gate.rival.Setting;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// Keeps the blocks that a gate scores highest.
///
/// @param rules by the prompt's length
public record GateSelector(AttnGate gate, String label, Rules rules, ForcedBlocks forced) implements BlockSelector {

    /// What the blocks of a prompt are chosen by.
    @FunctionalInterface
    public interface Rules {
        /// One for each layer.
        List<SelectionRule> of(int tokens);
    }

    /// One rule for all layers.
    static GateSelector of(AttnGate gate, SelectionRule rule, ForcedBlocks forced) {
        var rules = Collections.nCopies(gate.layers(), rule);
        return new GateSelector(gate, label(rule), tokens -> rules, forced);
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
        return new GateRun(gate, rules.of(prompt.total()), forced, prompt);
    }
}
