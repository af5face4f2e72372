package seer.model;

import java.util.Arrays;
import seer.model.backend.ElementType;
import seer.model.backend.TokenScores;

/// What one prefill did and what it cost.
///
/// @param tokens         prompt length
/// @param selector       label of the selector
/// @param layerDensity   `[layers]` share of the causal blocks computed, forced ones counted, and what corrects them
/// @param cache          how keys and values were kept
/// @param totalNanos     from tokens in memory to the logits of the last position, observers and scoring not counted
/// @param attentionNanos of it in attention
/// @param selectionNanos of it in choosing blocks
/// @param logits         of the last position, `[vocabulary]`
/// @param scores         of every position where asked for, else null
public record PrefillReport(int tokens, String selector, double[] layerDensity, ElementType cache,
                            long totalNanos, long attentionNanos, long selectionNanos, float[] logits,
                            TokenScores scores) {

    /// Mean density over the layers.
    public double density() {
        return Arrays.stream(layerDensity).average().orElse(1);
    }

    /// Prompt tokens read per second.
    public double tokensPerSecond() {
        return tokens / (totalNanos * 1e-9);
    }
}
