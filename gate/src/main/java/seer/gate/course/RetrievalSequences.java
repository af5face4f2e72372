package seer.gate.course;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import seer.gate.prompt.Family;
import seer.gate.prompt.PromptGenerator;

/// Retrieval prompts with their answers, of families whose answer stands in the text.
public final class RetrievalSequences implements SequenceSource {
    /// Every such family once.
    public static final List<Family> ALL =
            List.of(Family.SINGLE, Family.MULTIKEY, Family.MULTIVALUE, Family.MULTIQUERY, Family.TRACK);

    private static final int MOST_KEYS = 16; // of which one is asked for
    private static final int MOST_VALUES = 6; // all are asked for, or stand in one chain
    /// Tokens that a needle and its share of the answer take at most, with room to spread.
    private static final int ROOM = 128;
    private static final int FAMILY = 5;
    private static final int KEYS = 6;
    private static final int PROMPT = 7;

    private final PromptGenerator generator;
    private final List<Family> families;
    private final long seed;

    /// @param families one is drawn for each prompt; one that stands there twice is drawn twice as often
    /// @throws IllegalArgumentException if one is none of [#ALL], or there are none
    public RetrievalSequences(PromptGenerator generator, List<Family> families, long seed) {
        if (families.isEmpty() || !ALL.containsAll(families)) {
            throw new IllegalArgumentException("families are " + families + ", wanted some of " + ALL);
        }
        this.generator = generator;
        this.families = List.copyOf(families);
        this.seed = seed;
    }

    @Override
    public TrainingSequence sequence(long index, int length) {
        Family family = families.get(Draw.below(families.size(), seed, index, FAMILY));
        int most = Math.min(family == Family.MULTIKEY ? MOST_KEYS : MOST_VALUES, length / ROOM);
        int keys = most < 2 ? 1 : 2 + Draw.below(most - 1, seed, index, KEYS);
        var prompt = generator.generate(family, keys, length, Draw.bits(seed, index, PROMPT));
        return new TrainingSequence(prompt.tokens(), prompt.answerStart());
    }

    @Override
    public String label() {
        return "retrieval prompts (" + families.stream().map(family -> family.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ")) + "; 2 to " + MOST_KEYS + " keys, 2 to " + MOST_VALUES
                + " values, queries and hops)";
    }
}
