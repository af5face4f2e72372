package seer.run.bench;

/// The attention that is timed.
///
/// @param tokens    prompt length
/// @param heads     query heads
/// @param groups    key/value heads
/// @param headWidth width of a head
/// @param block     tokens along one edge of a block
/// @param density   share of blocks that top-k selection keeps
public record AttentionShape(int tokens, int heads, int groups, int headWidth, int block, double density) {

    /// Blocks of the prompt.
    public int blocks() {
        return Math.ceilDiv(tokens, block);
    }

    /// Operations of causal attention with every block: `4 h s^2 d / 2`.
    double denseFlops() {
        return 2.0 * heads * tokens * (double) tokens * headWidth;
    }

    /// The same heads at another length and density.
    public AttentionShape of(int length, double share) {
        return new AttentionShape(length, heads, groups, headWidth, block, share);
    }
}
