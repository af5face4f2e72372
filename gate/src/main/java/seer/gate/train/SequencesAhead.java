package seer.gate.train;

import java.util.concurrent.CompletableFuture;

/// The sequences of a training by their index; while one is learned from, the next is made.
final class SequencesAhead {
    private final SequenceSource source;
    private final TrainingPlan plan;
    private long index = -1; // of `next`
    private CompletableFuture<TrainingSequence> next;

    SequencesAhead(SequenceSource source, TrainingPlan plan) {
        this.source = source;
        this.plan = plan;
    }

    TrainingSequence take(long wanted) {
        var taken = wanted == index ? next.join() : make(wanted);
        index = wanted + 1;
        next = index < (long) plan.steps() * plan.batch()
                ? CompletableFuture.supplyAsync(() -> make(wanted + 1)) : CompletableFuture.completedFuture(null);
        return taken;
    }

    private TrainingSequence make(long at) {
        return source.sequence(at, plan.length(at));
    }
}
