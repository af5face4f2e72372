package seer.gate.train;

/// How the softmax probabilities of a block become one number.
public enum TargetPooling {
    /// The largest: the published form.
    MAX,
    /// The mass that falls into the block, averaged over its queries.
    AVERAGE
}
