package seer.model;

import java.util.function.Supplier;

/// Adds up the time spent in one kind of work.
final class Stopwatch {
    private long nanos;

    void time(Runnable work) {
        time(() -> {
            work.run();
            return null;
        });
    }

    <T> T time(Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            nanos += System.nanoTime() - start;
        }
    }

    long nanos() {
        return nanos;
    }
}
