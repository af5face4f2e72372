package seer.model.load;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// New contents on their way into a file: `.NAME.UUID.tmp` beside it.
///
/// Its writer holds a lock on it, which ends with the writer's process: so one that is being written can be told
/// from one that a killed run left behind. Where the file system knows no locks, left ones stay.
final class Draft implements Closeable {
    /// Half of the UUID of every draft of this process: two drafts of one process never meet each other's locks,
    /// which POSIX would drop when either is closed.
    private static final long SELF = UUID.randomUUID().getMostSignificantBits();
    private static final int UUID_LENGTH = 36;
    private static final String ENDING = ".tmp";

    private final Path path;
    private final Path target;
    private final FileChannel channel;

    private Draft(Path path, Path target, FileChannel channel) {
        this.path = path;
        this.target = target;
        this.channel = channel;
    }

    /// An empty draft of `target`.
    static Draft of(Path target) throws IOException {
        while (true) {
            var name = new UUID(SELF, UUID.randomUUID().getLeastSignificantBits());
            Path path = target.resolveSibling(prefix(target) + name + ENDING);
            var channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            lock(channel);
            if (Files.exists(path)) {
                return new Draft(path, target, channel);
            }
            channel.close(); // another process took it for a left one before it was locked
        }
    }

    /// Where its contents go.
    WritableByteChannel channel() {
        return new WholeChannel(channel);
    }

    /// Forces it to the disk and gives it the file's name.
    void putInPlace() throws IOException {
        channel.force(true);
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Removes it, unless it is in place.
    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(path);
        }
    }

    /// Removes the drafts of `target` that no living process writes.
    static void removeLeftOver(Path target) throws IOException {
        try (var drafts = Files.newDirectoryStream(target.getParent(), each -> isLeftOver(each, target))) {
            drafts.forEach(Draft::removeUnlocked);
        } catch (AccessDeniedException _) {
            return; // a folder that may be written to but not listed
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void removeUnlocked(Path draft) {
        try (var channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            if (lock(channel)) {
                Files.deleteIfExists(draft);
            }
        } catch (IOException _) {
            return; // put in place meanwhile, or another user's: a draft that stays is hidden and never read
        }
    }

    /// Takes the lock; whether it could be had.
    private static boolean lock(FileChannel channel) {
        try {
            return channel.tryLock() != null;
        } catch (IOException | UnsupportedOperationException | OverlappingFileLockException _) {
            return false;
        }
    }

    /// Whether it is a draft of `target`, of another process.
    private static boolean isLeftOver(Path path, Path target) {
        String name = path.getFileName().toString();
        String prefix = prefix(target);
        if (!name.startsWith(prefix) || !name.endsWith(ENDING)
                || name.length() != prefix.length() + UUID_LENGTH + ENDING.length()) {
            return false;
        }
        try {
            String middle = name.substring(prefix.length(), prefix.length() + UUID_LENGTH);
            return UUID.fromString(middle).getMostSignificantBits() != SELF;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static String prefix(Path target) {
        return "." + target.getFileName() + ".";
    }
}
