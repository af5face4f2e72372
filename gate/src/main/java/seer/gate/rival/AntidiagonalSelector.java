package seer.gate.rival;

import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;

/// Sums of every sixteenth antidiagonal of a block's scores (XAttention, arXiv 2503.16428, section 2.1).
///
/// Tokens are taken in groups of 16; a group's queries in reversed order and a group's keys in order, each
/// concatenated, give by one dot product, over `16 * sqrt(D)`, the sum along an antidiagonal of their 16 x 16 scores.
/// A causal softmax over a row's groups, summed over the groups of a block, is the score of the block. Kept are the
/// largest `k` of a row, or (the paper's own rule, section 2.2) the fewest that hold the share `mass` of it.
///
/// Positions past the end of the prompt count as zeros. The groups are laid out on the host and compared on the
/// backend.
record AntidiagonalSelector(int block, RowChoice choice, ForcedBlocks forced) implements BlockSelector {
    /// Tokens in a group.
    static final int STRIDE = 16;

    /// @throws IllegalArgumentException if a block is not made of whole groups
    public AntidiagonalSelector {
        if (block % STRIDE != 0) {
            throw new IllegalArgumentException("block is " + block + ", wanted a multiple of " + STRIDE);
        }
    }

    @Override
    public String label() {
        return "antidiagonal:" + choice.label();
    }

    @Override
    public boolean onHost() {
        return true;
    }

    @Override
    public Run begin(Prompt prompt) {
        return new ScoredRun(new AntidiagonalScores(block, STRIDE), block, choice, forced);
    }
}
