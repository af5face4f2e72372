package seer.gate.train;

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

    @Override
    public TrainingSequence sequence(long index, int length) {
        return (Draw.unit(seed, index, CHOICE) < share ? second : first).sequence(index, length);
    }

    @Override
    public String label() {
        return first.label() + "; " + share + " of the sequences: " + second.label();
    }
}
