package seer.gate.train;

import seer.gate.prompt.Family;
import seer.gate.prompt.PromptGenerator;

/// Retrieval prompts with their answers, of every family whose answer stands in the text, each drawn alike.
public final class RetrievalSequences implements SequenceSource {
    private static final Family[] FAMILIES =
            {Family.SINGLE, Family.MULTIKEY, Family.MULTIVALUE, Family.MULTIQUERY, Family.TRACK};
    private static final int MOST_KEYS = 16; // of which one is asked for
    private static final int MOST_VALUES = 6; // all are asked for, or stand in one chain
    /// Tokens that a needle and its share of the answer take at most, with room to spread.
    private static final int ROOM = 128;
    private static final int FAMILY = 5;
    private static final int KEYS = 6;
    private static final int PROMPT = 7;

    private final PromptGenerator generator;
    private final long seed;

    public RetrievalSequences(PromptGenerator generator, long seed) {
        this.generator = generator;
        this.seed = seed;
    }

    @Override
    public TrainingSequence sequence(long index, int length) {
        Family family = FAMILIES[Draw.below(FAMILIES.length, seed, index, FAMILY)];
        int most = Math.min(family == Family.MULTIKEY ? MOST_KEYS : MOST_VALUES, length / ROOM);
        int keys = most < 2 ? 1 : 2 + Draw.below(most - 1, seed, index, KEYS);
        var prompt = generator.generate(family, keys, length, Draw.bits(seed, index, PROMPT));
        return new TrainingSequence(prompt.tokens(), prompt.answerStart());
    }

    @Override
    public String label() {
        return "retrieval prompts (single, 2 to " + MOST_KEYS + " keys, 2 to " + MOST_VALUES
                + " values, queries and hops)";
    }
}
