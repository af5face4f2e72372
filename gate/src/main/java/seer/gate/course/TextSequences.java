package seer.gate.course;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/// Windows of a packed text, in shuffled order: every token once, then again with the windows shifted.
public final class TextSequences implements SequenceSource {
    private static final int SHIFT = 1;
    private static final int ORDER = 2;

    /// Windows of one length in one round through the text.
    private record Round(int length, long number) { }

    private final TextCorpus corpus;
    private final long seed;
    private final Map<Round, int[]> orders = new ConcurrentHashMap<>();

    public TextSequences(TextCorpus corpus, long seed) {
        this.corpus = corpus;
        this.seed = seed;
    }

    @Override
    public TrainingSequence sequence(long index, int length) {
        int[] tokens = corpus.tokens();
        int windows = (tokens.length - length + 1) / length;
        if (tokens.length < length) {
            throw new IllegalArgumentException("the training text has " + tokens.length
                    + " tokens, wanted at least one sequence of " + length);
        }
        windows = Math.max(1, windows); // one fewer than fit, so that they can be shifted
        long round = index / windows;
        int window = order(new Round(length, round), windows)[(int) (index % windows)];
        int room = Math.min(length, tokens.length - windows * length + 1);
        int from = window * length + Draw.below(room, seed, round, SHIFT);
        return TrainingSequence.text(Arrays.copyOfRange(tokens, from, from + length));
    }

    @Override
    public String label() {
        return corpus.label();
    }

    private int[] order(Round round, int windows) {
        return orders.computeIfAbsent(round, r -> {
            var random = new SplittableRandom(Draw.bits(seed, r.number() * 31 + r.length(), ORDER));
            var order = new int[windows];
            for (int i = 0; i < windows; i++) {
                int j = random.nextInt(i + 1);
                order[i] = order[j];
                order[j] = i;
            }
            return order;
        });
    }
}
