package seer.support;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// A thread that reads files, each for a time: what does not end is left behind, with word of where it was.
final class ReadingDesk implements AutoCloseable {
    private static final int FRAMES = 6;

    private final Consumer<Path> reader;
    private final int seconds;
    private ExecutorService thread;
    private volatile Thread running;

    ReadingDesk(Consumer<Path> reader, int seconds) {
        this.reader = reader;
        this.seconds = seconds;
        this.thread = open();
    }

    /// What came of a file that had not been read when the time was over.
    static final class Endless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Endless(int seconds, StackTraceElement[] at) {
            super("not read after " + seconds + " seconds, at " + Arrays.stream(at).limit(FRAMES)
                    .map(StackTraceElement::toString).collect(Collectors.joining(" < ")));
        }
    }

    private ExecutorService open() {
        return Executors.newSingleThreadExecutor(work -> {
            running = Thread.ofPlatform().daemon().unstarted(work);
            return running;
        });
    }

    /// What the reader threw, or null.
    Throwable read(Path file) {
        try {
            thread.submit(() -> reader.accept(file)).get(seconds, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (TimeoutException _) {
            var endless = new Endless(seconds, running.getStackTrace());
            thread.shutdownNow();
            thread = open();
            return endless;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
