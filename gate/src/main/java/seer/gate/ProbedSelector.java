package seer.gate;

import java.util.List;
import seer.model.BlockSelector;
import seer.model.ForwardingRun;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// Selects as a gate does and shows the probabilities behind it: for calibration.
///
/// @param rules one for each layer
record ProbedSelector(AttnGate gate, List<SelectionRule> rules, ForcedBlocks forced, Sink sink)
        implements BlockSelector {

    /// Where probabilities go.
    interface Sink {
        /// @param probabilities `[H][..]` of the causal blocks of a chunk that are not kept anyway, row by row
        void layer(int layer, float[][] probabilities);
    }

    @Override
    public String label() {
        return "gate:probed";
    }

    @Override
    public int block() {
        return gate.config().block();
    }

    @Override
    public Run begin(Prompt prompt) {
        var run = new GateRun(gate, rules, forced, prompt);
        return new ForwardingRun(run) {
            @Override
            public BlockMask select(LayerView view) {
                BlockMask mask = run.select(view);
                sink.layer(view.layer(), run.probabilities(view));
                return mask;
            }
        };
    }
}
