package seer.model.attention;

/// How a block of vectors becomes one vector, element by element over the block's real tokens.
///
/// The order of the constants is the order in which upstream concatenates several poolings.
public enum Pooling {
    MAX, MIN, AVG
}
