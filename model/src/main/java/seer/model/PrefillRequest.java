package seer.model;

import java.util.function.DoubleConsumer;

/// A prompt to read and how to read it.
///
/// @param tokens    the prompt
/// @param selector  which blocks attention computes
/// @param score     whether every position's successor is scored, as perplexity needs
/// @param successor the token after the prompt, scored by the last position; negative if there is none
/// @param observer  looks into the layers
/// @param progress  told the share of the work done, 0 to 1
public record PrefillRequest(int[] tokens, BlockSelector selector, boolean score, int successor,
                             LayerObserver observer, DoubleConsumer progress) {

    /// Reads `tokens` with `selector`, nothing else.
    public static PrefillRequest of(int[] tokens, BlockSelector selector) {
        return new PrefillRequest(tokens, selector, false, -1, LayerObserver.NONE, share -> { });
    }

    /// The same, scoring every position; `successor` follows the last token, negative if unknown.
    public PrefillRequest scored(int successor) {
        return new PrefillRequest(tokens, selector, true, successor, observer, progress);
    }

    /// The same with an observer.
    public PrefillRequest observedBy(LayerObserver observer) {
        return new PrefillRequest(tokens, selector, score, successor, observer, progress);
    }

    /// The same with a listener to its progress.
    public PrefillRequest reporting(DoubleConsumer progress) {
        return new PrefillRequest(tokens, selector, score, successor, observer, progress);
    }
}
