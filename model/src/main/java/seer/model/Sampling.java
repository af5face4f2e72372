package seer.model;

/// How the next token is drawn from the logits.
///
/// @param temperature 0 takes the most likely token
/// @param topP        draws among the fewest tokens that hold this share of the probability
/// @param seed        of the draws
public record Sampling(double temperature, double topP, long seed) {
    /// Always the most likely token.
    public static final Sampling GREEDY = new Sampling(0, 1, 0);

    public Sampling {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature is " + temperature + ", wanted at least 0");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top-p is " + topP + ", wanted above 0 and at most 1");
        }
    }
}
