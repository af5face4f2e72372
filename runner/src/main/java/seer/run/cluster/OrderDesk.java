package seer.run.cluster;

import java.nio.file.Path;
import java.util.stream.LongStream;
import seer.eval.plan.Library;

/// An open model and what is done with it, one order after the other, on one thread.
final class OrderDesk implements AutoCloseable {
    private final Library library;
    private final int threads;
    private EvalWorker evaluation; // null before it is asked for
    private GradientWorker training; // the same
    private DocumentDesk documents; // the same
    private LessonWorker lessons; // the same

    /// @param library stays open
    /// @param threads of the host for the gates' own step
    OrderDesk(Library library, int threads) {
        this.library = library;
        this.threads = threads;
    }

    /// What was asked for; null where nothing is to come back.
    Object done(Order order) {
        return switch (order) {
            case Order.Learn(LessonsJob job) -> {
                close();
                lessons = new LessonWorker(library, job);
                yield null;
            }
            case Order.Measure(Item item) -> evaluation().measure(item);
            case Order.Prepare(var tasks, var contenders) -> {
                evaluation().prepare(tasks, contenders);
                yield null;
            }
            case Order.Read(var reading, String gate, int[] tokens, double tokenize) ->
                    documents(gate).answered(tokens, reading, tokenize, 0);
            case Order.Step(var weights, long[] sequences) -> training.of(weights, LongStream.of(sequences));
            case Order.Train(TrainingJob job) -> {
                close();
                training = new GradientWorker(library.model(), job, threads);
                yield null;
            }
            case Order.Weigh(var piece) -> lessons.weigh(piece);
        };
    }

    private DocumentDesk documents(String gate) {
        if (documents == null) {
            documents = new DocumentDesk(library, Path.of(gate));
        }
        return documents;
    }

    private EvalWorker evaluation() {
        if (evaluation == null) {
            evaluation = new EvalWorker(library);
        }
        return evaluation;
    }

    @Override
    public void close() {
        if (documents != null) {
            documents.close();
            documents = null;
        }
        if (evaluation != null) {
            evaluation.close();
            evaluation = null;
        }
        if (lessons != null) {
            lessons.close();
            lessons = null;
        }
        if (training != null) {
            training.close();
            training = null;
        }
    }
}
