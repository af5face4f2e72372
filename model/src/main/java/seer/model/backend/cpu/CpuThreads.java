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

    /// How often a thread looks for news before it sleeps: some 30 microseconds, the price of a wake-up.
    private static final int SPINS = 1000;

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
            workers[i] = Thread.ofPlatform().daemon().name("seer-cpu-" + (i + 1)).unstarted(this::work);
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
        if (closed) {
            throw new IllegalStateException("the backend is closed");
        }
        if (tasks <= 1 || workers.length == 0) {
            for (int task = 0; task < tasks; task++) {
                work.run(task, own);
            }
            return;
        }
        var next = new Job(tasks, work, Thread.currentThread());
        job = next;
        for (Thread worker : workers) {
            LockSupport.unpark(worker);
        }
        next.takePart(own);
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

    private void work() {
        var scratch = new Scratch();
        Job last = null;
        for (int spins = 0; !closed; spins++) {
            Job now = job;
            if (now != null && now != last) {
                now.takePart(scratch);
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
        private final Work work;
        private final Thread caller;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger open;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        Job(int tasks, Work work, Thread caller) {
            this.tasks = tasks;
            this.work = work;
            this.caller = caller;
            open = new AtomicInteger(tasks);
        }

        void takePart(Scratch scratch) {
            for (int task = next.getAndIncrement(); task < tasks; task = next.getAndIncrement()) {
                try {
                    if (failure.get() == null) {
                        work.run(task, scratch);
                    }
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                } finally {
                    if (open.decrementAndGet() == 0) {
                        LockSupport.unpark(caller);
                    }
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
