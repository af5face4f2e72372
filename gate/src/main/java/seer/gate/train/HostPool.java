package seer.gate.train;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/// Host threads that take the gates' steps while the backend goes on to the next layer.
///
/// At most [#AHEAD] batches of tasks are under way, and never as many as there are layers: so the tasks of a layer
/// are done before the next sequence comes to it, and whoever adds to one gradient does so in the sequences' order.
final class HostPool implements AutoCloseable {
    private static final int AHEAD = 4;

    private final ExecutorService executor;
    private final ThreadLocal<Workspace> spaces = ThreadLocal.withInitial(Workspace::new);
    private final Deque<List<Future<?>>> pending = new ArrayDeque<>();
    private final int ahead;

    HostPool(int threads, int layers) {
        this.ahead = Math.min(AHEAD, layers);
        this.executor = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().name("seer-gate-", 1)
                .factory());
    }

    /// Starts tasks that may run side by side; waits first until few enough are under way.
    void submit(List<Consumer<Workspace>> tasks) {
        await(ahead - 1);
        var futures = new ArrayList<Future<?>>();
        for (var task : tasks) {
            futures.add(executor.submit(() -> task.accept(spaces.get())));
        }
        pending.add(futures);
    }

    /// Waits for all tasks.
    void await() {
        await(0);
    }

    private void await(int left) {
        while (pending.size() > left) {
            for (var future : pending.removeFirst()) {
                try {
                    future.get();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted while the gates learn", e);
                } catch (ExecutionException e) {
                    throw new IllegalStateException("a gate's step failed: " + e.getCause(), e.getCause());
                }
            }
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
