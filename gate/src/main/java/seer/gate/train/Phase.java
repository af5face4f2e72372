package seer.gate.train;

import java.util.Arrays;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// A phase of a training, one after the other on a thread, for a flight recording of the JVM: where none is made
/// (`-XX:StartFlightRecording`), it costs nothing. Recordings of several processes of a machine lie side by side, as
/// they have the machine's time.
public final class Phase {

    @Name("seer.TrainingPhase")
    @Label("Phase of a training")
    @Category("Seer")
    @StackTrace(false)
    private static final class Recorded extends Event {
        @Label("Kind")
        private String kind;

        @Label("Sequences")
        private String sequences;
    }

    private Recorded current;

    private Phase() {
        next();
    }

    /// The first begins now.
    public static Phase begin() {
        return new Phase();
    }

    private void next() {
        current = new Recorded();
        current.begin();
    }

    /// Ends a phase, and begins the next.
    ///
    /// @param kind      what it was, in words
    /// @param sequences whose it was
    public void end(String kind, long... sequences) {
        if (current.shouldCommit()) {
            current.kind = kind;
            current.sequences = Arrays.toString(sequences);
            current.commit();
        }
        next();
    }
}
