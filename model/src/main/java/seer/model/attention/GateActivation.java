package seer.model.attention;

/// How a row of raw block scores becomes probabilities.
public enum GateActivation {
    /// Causal softmax over the key blocks of a row: the published form.
    SOFTMAX,
    /// A sigmoid for each block by itself.
    SIGMOID;

    /// The probability of a raw score by itself.
    public static float sigmoid(float score) {
        return (float) (1 / (1 + Math.exp(-score)));
    }
}
