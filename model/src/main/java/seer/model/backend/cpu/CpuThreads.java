package seer.model.backend.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// A fixed set of daemon threads that share out numbered tasks; the calling thread is one of them.
///
/// Tasks are taken from a counter in rising order, so whoever finishes early takes more: put heavy tasks first.
/// One caller at a time; tasks do not start tasks.
final class CpuThreads implements AutoCloseable {

    /// What is done for each number.
    interface Work {
        /// @param scratch buffers of the executing thread
        void run(int task, Scratch scratch);
    }

    /// What is done for some numbers in a row, `from .. end`.
    interface Stretch {
        /// @param scratch buffers of the executing thread
        void run(int from, int end, Scratch scratch);
    }

    /// How often a thread looks for news before it sleeps: some 150 microseconds. Between two products of a decoded
    /// token lie some ten, between two tokens some fifty; a wake-up takes as long as a product.
    private static final int SPINS = 5000;

    private final int count;
    private final Thread[] workers;
    private final Scratch own = new Scratch();
    private volatile Job job;
    private volatile boolean closed;

    /// @param count all threads, the caller included
    CpuThreads(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("threads is " + count + ", wanted at least 1");
        }
        this.count = count;
        workers = new Thread[count - 1];
        for (int i = 0; i < workers.length; i++) {
            int index = i + 1;
            workers[i] = Thread.ofPlatform().daemon().name("seer-cpu-" + index).unstarted(() -> work(index));
        }
        for (Thread worker : workers) {
            worker.start();
        }
    }

    int count() {
        return count;
    }

    /// Buffers of the calling thread, between runs; tasks that it takes part in use the same ones.
    Scratch own() {
        return own;
    }

    /// Runs `work` for `0 .. tasks` and returns when all are done; the first exception of a task is thrown here.
    void run(int tasks, Work work) {
        run(tasks, tasks, each(work));
    }

    /// The same for short tasks that read memory in their order: each thread begins with a range of its own
    /// ([TaskRanges]), so that it reads on where it has been reading.
    void runInRows(int tasks, Work work) {
        run(new Job(tasks, 0, new TaskRanges(tasks, count), each(work), Thread.currentThread()));
    }

    /// The same for tasks that share work with their neighbours: what a thread takes comes in one call. The last
    /// stretches are of one task, so that a thread that is slowed down by the machine's other work holds nobody up.
    void runStretches(int tasks, Stretch work) {
        run(tasks, 2 * count, work);
    }

    private static Stretch each(Work work) {
        return (from, end, scratch) -> {
            for (int task = from; task < end; task++) {
                work.run(task, scratch);
            }
        };
    }

    private void run(int tasks, int shares, Stretch work) {
        run(new Job(tasks, shares, null, work, Thread.currentThread()));
    }

    private void run(Job next) {
        if (closed) {
            throw new IllegalStateException("the backend is closed");
        }
        if (next.tasks <= 1 || workers.length == 0) {
            if (next.tasks > 0) {
                next.work.run(0, next.tasks, own);
            }
            return;
        }
        job = next;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
        next.takePart(0, own);
        for (int spins = 0; next.open.get() > 0; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
            }
        }
        job = null;
        next.rethrow();
    }

    /// @param index of the thread, 0 that of the caller
    private void work(int index) {
        var scratch = new Scratch();
        Job last = null;
        for (int spins = 0; !closed; spins++) {
            Job now = job;
            if (now != null && now != last) {
                now.takePart(index, scratch);
                last = now;
                spins = 0;
            } else if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                last = null; // a sleeping thread keeps nothing alive
                LockSupport.park(this);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private static final class Job {
        private final int tasks;
        private final int shares;
        private final TaskRanges ranges;
        private final Stretch work;
        private final Thread caller;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger open;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        /// @param shares that what is left is cut into, one of which is taken at a time
        /// @param ranges or null: then tasks are taken from one counter
        Job(int tasks, int shares, TaskRanges ranges, Stretch work, Thread caller) {
            this.tasks = tasks;
            this.shares = shares;
            this.ranges = ranges;
            this.work = work;
            this.caller = caller;
            open = new AtomicInteger(tasks);
        }

        void takePart(int thread, Scratch scratch) {
            for (int task; ranges != null && (task = ranges.next(thread)) >= 0; ) {
                run(task, task + 1, scratch);
            }
            if (ranges != null) {
                return;
            }
            for (int from = next.get(); from < tasks; from = next.get()) {
                int end = from + Math.ceilDiv(tasks - from, shares);
                if (next.compareAndSet(from, end)) {
                    run(from, end, scratch);
                }
            }
        }

        private void run(int from, int end, Scratch scratch) {
            try {
                if (failure.get() == null) {
                    work.run(from, end, scratch);
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            } finally {
                if (open.addAndGet(from - end) == 0) {
                    LockSupport.unpark(caller);
                }
            }
        }

        void rethrow() {
            switch (failure.get()) {
                case null -> { }
                case Error e -> throw e;
                case RuntimeException e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
    }
}
