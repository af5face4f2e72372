package seer.run.cluster;

import java.io.Serializable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import seer.gate.SelectorSpec;
import seer.model.attention.ForcedBlocks;
import seer.model.load.Utf8Text;
import seer.model.text.Tokenizer;

/// How a document is read: what another process is told beside where the model is.
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
public record Reading(String question, int newTokens, String select, int denseLastRows, boolean keepFirst, int chunk,
               int denseBelow, boolean perplexity, boolean logLikelihoods) implements Serializable {

    public Reading {
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

    public SelectorSpec selector() {
        return SelectorSpec.parse(select);
    }

    ForcedBlocks forced() {
        return new ForcedBlocks(denseLastRows, keepFirst);
    }

    /// A text and the question behind it.
    ///
    /// @param text in UTF-8; null where there is none
    /// @throws IllegalArgumentException if there is nothing to read
    public int[] prompt(Tokenizer tokenizer, byte[] text) {
        if (text == null) {
            throw new IllegalArgumentException("the text is null, wanted a text");
        }
        if (text.length == 0) {
            throw new IllegalArgumentException("the text is empty, wanted at least one token");
        }
        String decoded = Utf8Text.decode(text, wrong -> new IllegalArgumentException("the text "
                + wrong.replace(" of the file", "")));
        return tokenizer.whole(asked(tokenizer, tokenizer.encode(decoded)));
    }

    /// Tokens, to which no opening or closing is added, and the question behind them.
    ///
    /// @param vocabulary of the model
    /// @param tokens     null where there are none; one that is null is null in it
    /// @throws IllegalArgumentException if they are no tokens
    public int[] prompt(Tokenizer tokenizer, int vocabulary, Iterable<? extends Number> tokens) {
        if (tokens == null) {
            throw new IllegalArgumentException("the tokens are null, wanted a list of numbers");
        }
        var ids = IntStream.builder();
        int at = 0;
        for (Number token : tokens) {
            if (token == null || token.longValue() != token.intValue()) {
                throw new IllegalArgumentException("token " + at + " is " + token + ", wanted 0 to "
                        + (vocabulary - 1));
            }
            ids.add(token.intValue());
            at++;
        }
        return asked(tokenizer, ids.build().toArray());
    }

    private int[] asked(Tokenizer tokenizer, int[] document) {
        return Stream.of(document, tokenizer.encode(question)).flatMapToInt(IntStream::of).toArray();
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
