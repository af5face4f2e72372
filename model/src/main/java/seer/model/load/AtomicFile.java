package seer.model.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Writing that is all or nothing: whoever opens the file finds the old contents or the new, even
/// after a crash half-way or a power cut.
///
/// The new contents go to a hidden file in the same folder, are forced to the disk, and only then
/// take the old one's name. A crash leaves at worst that hidden file behind.
public final class AtomicFile {
    private AtomicFile() {
    }

    /// What writes the contents.
    @FunctionalInterface
    public interface Contents {
        void writeTo(FileChannel channel) throws IOException;
    }

    /// Replaces or creates `file`; when `contents` throws, the old file stays as it was.
    public static void write(Path file, Contents contents) {
        Path target = file.toAbsolutePath();
        Path draft = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (var channel = FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                contents.writeTo(channel);
                channel.force(true);
            }
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(target.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e, e);
        } finally {
            deleteDraft(draft);
        }
    }

    /// Makes the new name itself durable. Systems that do not open folders (Windows) write names
    /// through on their own.
    private static void forceFolder(Path folder) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(folder, StandardOpenOption.READ);
        } catch (IOException _) {
            return;
        }
        try (channel) {
            channel.force(true);
        }
    }

    /// After a success there is nothing left to delete; after a failure that is the exception to
    /// report, not this.
    private static void deleteDraft(Path draft) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException _) {
            // The draft is hidden and never read.
        }
    }
}
