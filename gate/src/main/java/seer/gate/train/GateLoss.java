package seer.gate.train;

/// What the gates are trained to make small; each is summed over a row's causal blocks.
public enum GateLoss {
    /// Divergence of the gate's softmax from the normalised target, `sum gt * log(gt / p)`: the published form.
    KL,
    /// Squared difference between the gate's probabilities and the target.
    MSE,
    /// Binary cross-entropy of each sigmoid with its target.
    BCE
}
