package seer.spark;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;

/// Looks twice a second how far a job has come, until it is closed.
final class Watch implements AutoCloseable {
    private static final int MILLIS = 500;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("seer progress").factory());

    private Watch() { }

    static Watch over(DoubleSupplier share, DoubleConsumer progress) {
        var watch = new Watch();
        watch.clock.scheduleAtFixedRate(() -> progress.accept(Math.min(1, share.getAsDouble())), MILLIS, MILLIS,
                TimeUnit.MILLISECONDS);
        return watch;
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
