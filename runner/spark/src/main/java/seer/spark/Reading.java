package seer.spark;

import java.io.Serializable;
import seer.gate.SelectorSpec;
import seer.model.attention.ForcedBlocks;

/// How a document is read: what a task is told beside the [Place].
///
/// @param question       put behind every document; empty for none
/// @param newTokens      tokens to draw
/// @param select         a selector as the command line writes it
/// @param denseLastRows  last rows of blocks that keep every block
/// @param keepFirst      whether every row keeps the first block
/// @param chunk          tokens that pass through the layers together; 0 for what is usual
/// @param denseBelow     shorter documents are read dense
/// @param perplexity     whether every token is scored
/// @param logLikelihoods whether the score of every token is kept
record Reading(String question, int newTokens, String select, int denseLastRows, boolean keepFirst, int chunk,
               int denseBelow, boolean perplexity, boolean logLikelihoods) implements Serializable {

    Reading {
        atLeast("newTokens", newTokens, 0);
        atLeast("denseLastRows", denseLastRows, 0);
        atLeast("chunk", chunk, 0);
        atLeast("denseBelow", denseBelow, 0);
        var spec = SelectorSpec.parse(select);
        if (chunk > 0 && spec.wholePrompt()) {
            throw new IllegalArgumentException("chunk is " + chunk + ", wanted none with " + select
                    + ", which looks at the whole prompt before it chooses");
        }
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + ", wanted at least " + least);
        }
    }

    SelectorSpec selector() {
        return SelectorSpec.parse(select);
    }

    ForcedBlocks forced() {
        return new ForcedBlocks(denseLastRows, keepFirst);
    }

    /// Whether tokens are scored.
    boolean scores() {
        return perplexity || logLikelihoods;
    }

    /// Tokens of a chunk for a document of so many.
    ///
    /// @param usual the backend's
    int chunkFor(int tokens, int usual) {
        return chunk > 0 ? chunk : selector().wholePrompt() ? Math.max(tokens, usual) : usual;
    }
}
