package seer.gate.rival;

import java.util.Arrays;
import seer.model.BlockSelector;
import seer.model.PerChunk;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// Sink and sliding window (StreamingLLM, arXiv 2309.17453, section 3.2; the A-shape of MInference, arXiv 2407.02490,
/// section 3.1): block 0 and the last `max(2, k) - 1` blocks up to and including the diagonal, whatever the text.
///
/// Nothing is computed from the layer, so the lists of a chunk serve all layers.
record AShapeSelector(int block, SelectionRule.TopBlocks rule, ForcedBlocks forced) implements BlockSelector {

    @Override
    public String label() {
        return "ashape:" + Setting.density(rule.density()).text();
    }

    @Override
    public Run begin(Prompt prompt) {
        int window = Math.max(2, rule.perRow(Math.ceilDiv(prompt.total(), block))) - 1;
        return new PerChunk(block, view -> HostMask.of(view, block, forced, (head, row, kept) -> {
            kept[0] = true;
            Arrays.fill(kept, Math.max(0, row - window + 1), row + 1, true);
        }));
    }
}
