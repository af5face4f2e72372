package seer.model.attention;

/// Blocks kept whatever the scores say; the diagonal block always is.
///
/// @param denseLastRows the last so many rows of query blocks of the whole prompt keep every causal block:
///                      the question usually stands there
/// @param keepFirst     every row keeps key block 0: many models rest the attention that they have no use for on the
///                      first tokens, and lose their footing where those are left out
public record ForcedBlocks(int denseLastRows, boolean keepFirst) {
    /// Dense last rows where nothing else is asked for: upstream's habit.
    public static final int DENSE_LAST_ROWS = 2;
    /// What is forced where nothing else is asked for, by every command alike.
    public static final ForcedBlocks DEFAULT = new ForcedBlocks(DENSE_LAST_ROWS, true);
    /// Only the diagonal.
    public static final ForcedBlocks NONE = new ForcedBlocks(0, false);

    public ForcedBlocks {
        if (denseLastRows < 0) {
            throw new IllegalArgumentException("dense last rows is " + denseLastRows + ", wanted at least 0");
        }
    }
}
