package seer.model;

import java.nio.file.Path;
import java.util.List;
import seer.model.backend.Rotary;

/// The shape of a transformer of the Llama family; other families are other values, not other classes.
///
/// @param family        `model_type` of config.json, for example `llama`
/// @param width         `C`, width of the residual stream
/// @param layers        number of layers
/// @param heads         `H`, query heads
/// @param groups        `G`, key/value heads; query head `h` reads group `h / (H / G)`
/// @param headWidth     `D`
/// @param feedForward   `F`, width inside the feed-forward block
/// @param vocabulary    number of token ids
/// @param epsilon       added to the mean square in every norm
/// @param contextLength tokens the model was made for, or that its rope scaling stretches it to, or the length of its
///                      sliding window, if that is less
/// @param tiedHead      whether the output head is the embedding table
/// @param attentionBias whether query, key and value projections add a bias (Qwen2 does)
/// @param headNorm      whether each head of queries and keys is normed before it is rotated (Qwen3 does)
/// @param rope          which rotations positions stand for
/// @param endOfText     ids after which generation stops
public record ModelConfig(String family, int width, int layers, int heads, int groups, int headWidth,
                          int feedForward, int vocabulary, double epsilon, int contextLength, boolean tiedHead,
                          boolean attentionBias, boolean headNorm, RopeConfig rope, List<Integer> endOfText) {
    public ModelConfig {
        positive("hidden_size", width);
        positive("num_hidden_layers", layers);
        positive("num_attention_heads", heads);
        positive("num_key_value_heads", groups);
        positive("head_dim", headWidth);
        positive("intermediate_size", feedForward);
        positive("vocab_size", vocabulary);
        positive("max_position_embeddings", contextLength);
        if (heads % groups != 0) {
            throw new IllegalArgumentException("num_attention_heads is " + heads
                    + ", wanted a multiple of num_key_value_heads, which is " + groups);
        }
        if (headWidth % 4 != 0) {
            throw new IllegalArgumentException("head_dim is " + headWidth + ", wanted a multiple of 4");
        }
        if (!(epsilon > 0 && epsilon < 1)) {
            throw new IllegalArgumentException("rms_norm_eps is " + epsilon + ", wanted above 0 and below 1");
        }
        if ((heads + 2L * groups) * headWidth > Integer.MAX_VALUE || 2L * feedForward > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("num_attention_heads is " + heads + ", head_dim " + headWidth
                    + ", intermediate_size " + feedForward + ", wanted matrices of less than 2^31 outputs");
        }
        if (rope.scaling() instanceof RopeConfig.Scaling.Factors(List<Double> divisors)
                && divisors.size() != headWidth / 2) {
            throw new IllegalArgumentException("factors of the frequencies are " + divisors.size() + ", wanted "
                    + headWidth / 2 + ", one for each pair of a head");
        }
        endOfText = List.copyOf(endOfText);
    }

    /// Whether kernels for tensor cores, which compute in bf16, are for this shape.
    public boolean suitsTensorCores() {
        return (headWidth == 64 || headWidth == 128) && width % 2 == 0;
    }

    /// The shape that a `config.json` describes.
    ///
    /// @throws seer.model.load.MalformedModelException naming the field that does not fit
    public static ModelConfig read(Path file) {
        return ModelConfigFile.read(file);
    }

    /// The same model for texts `factor` times as long, its rotation stretched by YaRN.
    ///
    /// @throws IllegalArgumentException if its rotation is stretched in another way, the factor is no more than 1, or
    ///                                  the texts have 2^31 tokens
    public ModelConfig stretched(double factor) {
        return new ModelConfig(family, width, layers, heads, groups, headWidth, feedForward, vocabulary, epsilon,
                Math.toIntExact(Math.round(contextLength * factor)), tiedHead, attentionBias, headNorm,
                rope.stretched(factor, contextLength), endOfText);
    }

    /// The rotation of queries and keys in a text of so many tokens.
    public Rotary rotary(int tokens) {
        return rope.rotary(headWidth, tokens);
    }

    private static void positive(String field, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(field + " is " + value + ", wanted above 0");
        }
    }
}
