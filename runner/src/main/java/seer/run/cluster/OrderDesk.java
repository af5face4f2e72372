package seer.run.cluster;

import java.util.stream.LongStream;
import seer.eval.plan.Library;

/// An open model and what is done with it, one order after the other, on one thread.
final class OrderDesk implements AutoCloseable {
    private final Library library;
    private final int threads;
    private EvalWorker evaluation; // null before it is asked for
    private GradientWorker training; // the same

    /// @param library stays open
    /// @param threads of the host for the gates' own step
    OrderDesk(Library library, int threads) {
        this.library = library;
        this.threads = threads;
    }

    /// What was asked for; null where nothing is to come back.
    Object done(Order order) {
        return switch (order) {
            case Order.Measure(Item item) -> evaluation().measure(item);
            case Order.Step(var weights, long[] sequences) -> training.of(weights, LongStream.of(sequences));
            case Order.Train(TrainingJob job) -> {
                close();
                training = new GradientWorker(library.model(), job, threads);
                yield null;
            }
        };
    }

    private EvalWorker evaluation() {
        if (evaluation == null) {
            evaluation = new EvalWorker(library);
        }
        return evaluation;
    }

    @Override
    public void close() {
        if (evaluation != null) {
            evaluation.close();
            evaluation = null;
        }
        if (training != null) {
            training.close();
            training = null;
        }
    }
}
