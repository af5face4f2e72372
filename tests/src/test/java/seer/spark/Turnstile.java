package seer.spark;

import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/// Stands in front of the documents of a job: behind every few of them, others have a turn at the machine. It comes
/// on the engine's thread, when all documents that were let through are read and while no other is, so that what takes
/// turns meets the same machine within seconds of each other and never at the same time.
///
/// Spark knows it by name alone, as rows pass it in tasks of this JVM.
final class Turnstile {
    private static final AtomicReference<Turnstile> OF_THIS_JVM = new AtomicReference<>();

    /// What has a turn.
    interface Others {
        /// @param from of the documents that passed since the turn before
        /// @param end  behind the last of them
        void read(int from, int end);
    }

    private final Place place;
    private final int each;
    private final Others others;
    private int passed;
    private int read; // by the others
    private long nanos; // that others took

    /// @param place of the engine that reads the job's documents
    /// @param each  documents between turns
    Turnstile(Place place, int each, Others others) {
        this.place = place;
        this.each = each;
        this.others = others;
    }

    /// The documents, as they pass it.
    Dataset<Row> before(Dataset<Row> documents) {
        OF_THIS_JVM.set(this);
        return documents.map((MapFunction<Row, Row>) row -> OF_THIS_JVM.get().passed(row),
                Encoders.row(documents.schema()));
    }

    private synchronized Row passed(Row row) throws InterruptedException {
        if (passed - read == each) {
            try (var lease = Engines.lease(place, TaskContext.get())) {
                lease.engine().call(() -> {
                    turn();
                    return null;
                });
            }
        }
        passed++;
        return row;
    }

    private void turn() {
        long start = System.nanoTime();
        others.read(read, passed);
        nanos += System.nanoTime() - start;
        read = passed;
    }

    /// The last turn, after the job.
    synchronized void end() {
        turn();
    }

    /// Seconds that others took until now.
    synchronized double seconds() {
        return nanos * 1e-9;
    }
}
