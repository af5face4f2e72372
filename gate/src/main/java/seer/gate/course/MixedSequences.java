package seer.gate.course;

import java.util.List;
import seer.gate.prompt.Family;
import seer.gate.prompt.PromptGenerator;
import seer.model.text.Tokenizer;

/// Sequences of two sources, chosen at random for each index.
///
/// @param share of the second source, 0 to 1
public record MixedSequences(SequenceSource first, SequenceSource second, double share, long seed)
        implements SequenceSource {
    private static final int CHOICE = 3;

    public MixedSequences {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share is " + share + ", wanted 0 to 1");
        }
    }

    /// Windows of the text, and `retrieval` of the sequences prompts that hide facts in it.
    public static SequenceSource of(TextCorpus corpus, Tokenizer tokenizer, double retrieval, List<Family> families,
                                    long seed) {
        var windows = new TextSequences(corpus, seed);
        if (retrieval == 0) {
            return windows;
        }
        var prompts = new RetrievalSequences(new PromptGenerator(tokenizer, corpus.tokens()), families, seed);
        return new MixedSequences(windows, prompts, retrieval, seed);
    }

    @Override
    public TrainingSequence sequence(long index, int length) {
        return (Draw.unit(seed, index, CHOICE) < share ? second : first).sequence(index, length);
    }

    @Override
    public String label() {
        return first.label() + "; " + share + " of the sequences: " + second.label();
    }
}
