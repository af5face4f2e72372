package seer.gate.course;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import seer.model.load.FileTrouble;

/// One training in a folder at a time, by a lock of the operating system on a file: it goes with the process that holds
/// it, however that ends. The file itself stays, and says who was last.
public final class TrainingLock implements AutoCloseable {
    /// The locked byte lies beyond all contents: where locks keep others from reading, they can still read those.
    private static final long PLACE = Long.MAX_VALUE - 1;
    private static final int LONGEST_OWNER = 60;

    private final FileChannel channel;

    private TrainingLock(FileChannel channel) {
        this.channel = channel;
    }

    /// @throws FolderInUseException if another training has it, of this process or of another
    public static TrainingLock of(TrainingFolder folder) {
        Path file = folder.lock();
        try {
            folder.create();
            var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (!locked(channel)) {
                    throw new FolderInUseException(folder.folder(), owner(file));
                }
                channel.truncate(0);
                channel.write(ByteBuffer.wrap(("process " + ProcessHandle.current().pid() + "\n")
                        .getBytes(StandardCharsets.UTF_8)));
                return new TrainingLock(channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be locked: " + FileTrouble.reason(e), e);
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock(PLACE, 1, false);
            return lock != null;
        } catch (OverlappingFileLockException _) {
            return false; // by a training of this process
        }
    }

    private static String owner(Path file) {
        try {
            String owner = Files.readString(file).strip();
            return owner.matches("process \\d+") && owner.length() <= LONGEST_OWNER ? owner : "";
        } catch (IOException _) {
            return ""; // the error to report is that the folder is in use
        }
    }

    @Override
    public void close() {
        try {
            channel.close(); // and with it the lock
        } catch (IOException e) {
            throw new UncheckedIOException("the lock of a training cannot be given up: " + FileTrouble.reason(e), e);
        }
    }
}
