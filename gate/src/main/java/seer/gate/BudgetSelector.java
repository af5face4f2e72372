package seer.gate;

import java.util.Arrays;
import seer.gate.rival.Criterion;
import seer.gate.rival.Setting;
import seer.model.BlockSelector;
import seer.model.ForwardingRun;
import seer.model.LayerView;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// Keeps, in every layer, the share `density` of the causal blocks that a gate finds likeliest, in whatever head and
/// row they are: a threshold that each prompt sets for itself, so that the density is known beforehand.
///
/// The diagonal is always kept and counts, and so does the first block where it is forced; dense last rows come on top.
/// The threshold is found on the host, the
/// blocks above it on the backend. Rows at the prompt's end compete with those at its beginning, so that the prompt has
/// to be read in one chunk.
///
/// @param density above 0, at most 1
public record BudgetSelector(AttnGate gate, double density, ForcedBlocks forced) implements BlockSelector {
    public BudgetSelector {
        if (!(density > 0 && density <= 1)) {
            throw new IllegalArgumentException("budget is " + density + ", wanted above 0 and at most 1");
        }
    }

    @Override
    public String label() {
        return "gate:" + new Setting(Criterion.BUDGET, density).text();
    }

    @Override
    public int block() {
        return gate.config().block();
    }

    @Override
    public boolean onHost() {
        return true;
    }

    @Override
    public boolean wholePrompt() {
        return true;
    }

    /// A threshold that the `kept` largest lie above: halfway to the next one, so that the backend's rounding, which is
    /// not the host's, does not matter.
    private static float between(float[] rising, int kept) {
        int first = rising.length - kept; // of those kept
        float above = first == rising.length ? 1 : rising[first];
        float below = first == 0 ? 0 : rising[first - 1];
        return first == 0 ? 0 : Math.min((above + below) / 2, Math.nextDown(1f));
    }

    @Override
    public Run begin(Prompt prompt) {
        prompt.requireWhole(label());
        var run = new GateRun(gate, new SelectionRule.TopBlocks(density), forced, prompt);
        return new ForwardingRun(run) {
            @Override
            public BlockMask select(LayerView view) {
                long others;
                try (BlockMask scored = run.select(view)) {
                    long kept = scored.heads() * (scored.rows() + (forced.keepFirst() ? scored.rows() - 1L : 0));
                    others = Math.max(0, (long) (density * scored.causal()) - kept);
                }
                float[] rising = ThresholdSearch.sorted(Arrays.asList(run.probabilities(view)));
                return run.select(view, new SelectionRule.Threshold(between(rising, (int) Math.min(others,
                        rising.length)), gate.config().activation()));
            }
        };
    }
}
