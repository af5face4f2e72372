package seer.gate.course;

import java.util.concurrent.CompletableFuture;
import java.util.function.LongToIntFunction;

/// The sequences of a training by their index; while one is learned from, the next is made.
public final class SequencesAhead {
    private final SequenceSource source;
    private final LongToIntFunction lengths;
    private final long count;
    private long index = -1; // of `next`; -1 where there is none
    private CompletableFuture<TrainingSequence> next;

    /// @param lengths tokens of each sequence, by its index
    /// @param count   sequences of the whole training
    public SequencesAhead(SequenceSource source, LongToIntFunction lengths, long count) {
        this.source = source;
        this.lengths = lengths;
        this.count = count;
    }

    /// The sequence of this index, after which that of the next is taken.
    public TrainingSequence take(long wanted) {
        return take(wanted, wanted + 1);
    }

    /// The same where another is taken after it, as where several processes share a batch.
    ///
    /// @param then its index; if it turns out to be another, it is made when it is taken
    public TrainingSequence take(long wanted, long then) {
        var taken = wanted == index ? next.join() : make(wanted);
        index = then < count ? then : -1;
        next = then < count ? CompletableFuture.supplyAsync(() -> make(then)) : null;
        return taken;
    }

    private TrainingSequence make(long at) {
        return source.sequence(at, lengths.applyAsInt(at));
    }
}
