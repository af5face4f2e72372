package seer.model.backend.cpu;

import java.util.concurrent.atomic.AtomicLongArray;

/// Numbered tasks, some in a row for each thread. A thread that has done its own takes the second half of what another
/// one has left: so each reads on where it was reading, job after job the same memory, and a thread that sleeps, or
/// is slowed down by the machine's other work, holds nobody up.
final class TaskRanges {
    /// A cache line for each thread.
    private static final int APART = 8;

    private final int threads;
    private final AtomicLongArray ranges; // first << 32 | end, of the tasks that nobody has taken

    TaskRanges(int tasks, int threads) {
        this.threads = threads;
        ranges = new AtomicLongArray(threads * APART);
        for (int i = 0; i < threads; i++) {
            ranges.set(i * APART, range((int) ((long) tasks * i / threads), (int) ((long) tasks * (i + 1) / threads)));
        }
    }

    /// The next task of a thread, -1 where none is left.
    int next(int thread) {
        int task = first(thread);
        for (int i = 1; task < 0 && i < threads; i++) {
            task = share(thread, (thread + i) % threads);
        }
        return task;
    }

    /// The first task of its own.
    private int first(int thread) {
        while (true) {
            long own = ranges.get(thread * APART);
            int task = begin(own);
            if (task >= end(own)) {
                return -1;
            }
            if (ranges.compareAndSet(thread * APART, own, range(task + 1, end(own)))) {
                return task;
            }
        }
    }

    /// The first task of the second half of another's, whose rest becomes its own.
    private int share(int thread, int other) {
        while (true) {
            long theirs = ranges.get(other * APART);
            int begin = begin(theirs);
            int end = end(theirs);
            if (begin >= end) {
                return -1;
            }
            int half = begin + (end - begin) / 2;
            if (ranges.compareAndSet(other * APART, theirs, range(begin, half))) {
                ranges.set(thread * APART, range(half + 1, end)); // it was empty: nobody else writes there
                return half;
            }
        }
    }

    private static long range(int begin, int end) {
        return (long) begin << Integer.SIZE | end;
    }

    private static int begin(long range) {
        return (int) (range >>> Integer.SIZE);
    }

    private static int end(long range) {
        return (int) range;
    }
}
