package seer.eval;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Keeps a file of samples to one run at a time: each writes all that it knows, so two would lose by and by what
/// the other measured.
///
/// What is locked is a hidden file beside it, as the file itself is replaced at every writing. The lock ends with the
/// process, however that ends.
public final class SamplesLock implements Closeable {
    private final Path path;
    private final FileChannel channel;

    private SamplesLock(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /// Takes the lock of a file, which need not be there.
    ///
    /// @throws IllegalStateException if another run has it
    public static SamplesLock of(Path samples) throws IOException {
        Path path = samples.resolveSibling("." + samples.getFileName() + ".lock");
        var channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (isTaken(channel)) {
            channel.close();
            throw new IllegalStateException(samples + " is being written by another run: wait for its end, or name "
                    + "another --out");
        }
        return new SamplesLock(path, channel);
    }

    private static boolean isTaken(FileChannel channel) {
        try {
            return channel.tryLock() == null;
        } catch (OverlappingFileLockException _) { // a run of this process has it
            return true;
        } catch (IOException _) { // a file system without locks
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(path);
        }
    }
}
