package seer.model.backend;

/// How long kinds of work take that follow one another, also where a backend is still at the first when the last is
/// asked for.
public interface Laps extends AutoCloseable {
    /// What was asked for since the call before, or since the beginning, is of this kind.
    void lap(int part);

    /// Nanoseconds of each kind; waits for the work.
    long[] nanos();

    /// Nothing is measured any more.
    @Override
    default void close() { }
}
