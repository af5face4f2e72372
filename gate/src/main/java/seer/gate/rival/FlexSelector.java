package seer.gate.rival;

import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule.TopBlocks;

/// A pattern per head by a test, and as many blocks as hold a share of attention mass (FlexPrefill, arXiv 2502.20766,
/// section 3, algorithms 1 to 4).
///
/// Per head, the last 64 queries' attention, summed by blocks, is compared with what block means say of it. Where the
/// root of the Jensen-Shannon divergence is below 0.1, the block means are trusted: the fewest blocks of the whole
/// map of means, rows softmaxed, that hold the share `mass` of it. Elsewhere the fewest verticals and the fewest
/// slashes of the last queries' attention that each hold `mass` of it.
///
/// Deviations: blocks of 64 instead of 128 tokens; no least number of blocks, and the first block only if it is forced,
/// so that all rivals are counted alike. With a density instead of a mass, the mass is found by bisection, layer by
/// layer, so that all heads together keep no more blocks than `k` per row. The prompt has to be read in one chunk, as
/// its last queries decide for all.
///
/// @param mass    share of attention, 0 where a density is wanted
/// @param density wanted, or null
record FlexSelector(int block, double mass, TopBlocks density, ForcedBlocks forced) implements BlockSelector {
    /// The paper's threshold of the root of the divergence.
    static final double TAU = 0.1;

    FlexSelector {
        if (density == null && !(mass > 0 && mass <= 1)) {
            throw new IllegalArgumentException("mass is " + mass + ", wanted above 0 and at most 1");
        }
    }

    @Override
    public String label() {
        return density == null ? "flex:" + new Setting(Criterion.MASS, mass).text()
                : "flex:" + Setting.density(density.density()).text();
    }

    @Override
    public boolean onHost() {
        return true;
    }

    @Override
    public boolean wholePrompt() {
        return true;
    }

    @Override
    public Run begin(Prompt prompt) {
        prompt.requireWhole(label());
        return new FlexRun(this, prompt);
    }
}
