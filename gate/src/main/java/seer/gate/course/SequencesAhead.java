package seer.gate.course;

import java.util.concurrent.CompletableFuture;
import java.util.function.LongToIntFunction;

/// The sequences of a training by their index; while one is learned from, the next is made.
public final class SequencesAhead {
    private final SequenceSource source;
    private final LongToIntFunction lengths;
    private final long count;
    private long index = -1; // of `next`
    private CompletableFuture<TrainingSequence> next;

    /// @param lengths tokens of each sequence, by its index
    /// @param count   sequences of the whole training
    public SequencesAhead(SequenceSource source, LongToIntFunction lengths, long count) {
        this.source = source;
        this.lengths = lengths;
        this.count = count;
    }

    /// The sequence of this index.
    public TrainingSequence take(long wanted) {
        var taken = wanted == index ? next.join() : make(wanted);
        index = wanted + 1;
        next = index < count
                ? CompletableFuture.supplyAsync(() -> make(wanted + 1)) : CompletableFuture.completedFuture(null);
        return taken;
    }

    private TrainingSequence make(long at) {
        return source.sequence(at, lengths.applyAsInt(at));
    }
}
