package seer.eval;

import seer.model.BlockSelector;

/// A selector that takes part.
///
/// @param label         under which its rows stand
/// @param denseLastRows of its forced blocks, as rows report it
public record Contender(String label, BlockSelector selector, int denseLastRows) {
    /// The label of exact attention.
    public static final String DENSE = "dense";

    /// Exact attention.
    public static Contender dense() {
        return new Contender(DENSE, BlockSelector.dense(), 0);
    }
}
