package seer.gate;

import java.util.List;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// Keeps the blocks that a gate gives more than its layer's threshold.
///
/// @param rules one for each layer
public record CalibratedSelector(AttnGate gate, List<SelectionRule> rules, ForcedBlocks forced)
        implements BlockSelector {

    @Override
    public String label() {
        return "gate:calibrated";
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
