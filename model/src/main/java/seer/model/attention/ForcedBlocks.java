package seer.model.attention;

/// Blocks kept whatever the scores say; the diagonal block always is.
///
/// @param denseLastRows the last so many rows of query blocks of the whole prompt keep every causal block:
///                      the question usually stands there
/// @param keepFirst     every row keeps key block 0
public record ForcedBlocks(int denseLastRows, boolean keepFirst) {
    /// Upstream's habit: the last two rows dense, the first block not forced.
    public static final ForcedBlocks DEFAULT = new ForcedBlocks(2, false);
    /// Only the diagonal.
    public static final ForcedBlocks NONE = new ForcedBlocks(0, false);

    public ForcedBlocks {
        if (denseLastRows < 0) {
            throw new IllegalArgumentException("dense last rows is " + denseLastRows + ", wanted at least 0");
        }
    }
}
