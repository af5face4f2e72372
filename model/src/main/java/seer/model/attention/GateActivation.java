package seer.model.attention;

/// What turns a row of raw block scores into probabilities.
public enum GateActivation {
    /// Causal softmax over the key blocks of a row: the published form.
    SOFTMAX,
    /// A sigmoid for each block by itself.
    SIGMOID
}
