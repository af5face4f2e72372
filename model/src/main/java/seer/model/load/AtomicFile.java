package seer.model.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Writing that is all or nothing, the one way in which anything here becomes a file: whoever opens
/// the file finds the old contents or the new, even after a crash half-way or a power cut.
///
/// The new contents go to a [Draft] in the same folder, are forced to the disk, and only then take
/// the old one's name; when anything fails, the draft is removed. What a killed run leaves behind is
/// removed by the next one that writes the same file. A link stays a link: the file it leads to is
/// written. A device or a pipe, which has no contents to keep, is written to as it is.
public final class AtomicFile {
    private static final int LONGEST_CHAIN = 40; // of links, as Linux has it

    private AtomicFile() {
    }

    /// What writes the contents.
    @FunctionalInterface
    public interface Contents {
        /// Every buffer that is handed to `channel` is written whole, or an exception says why not.
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    /// Replaces or creates `file`; when `contents` throws, the old file stays as it was.
    ///
    /// @throws UncheckedIOException a sentence that names the file
    public static void write(Path file, Contents contents) {
        try {
            Path target = target(file);
            if (isSpecial(target)) {
                try (var channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
                    contents.writeTo(new WholeChannel(channel));
                }
                return;
            }
            Draft.removeLeftOver(target);
            try (var draft = Draft.of(target)) {
                contents.writeTo(draft.channel());
                draft.putInPlace();
            }
            forceFolder(target.getParent());
        } catch (IOException e) {
            throw FileTrouble.unwritable(file, e);
        }
    }

    /// Replaces or creates `file` with these bytes.
    public static void write(Path file, byte[] bytes) {
        write(file, channel -> channel.write(ByteBuffer.wrap(bytes)));
    }

    /// Replaces or creates `file` with this text, as UTF-8.
    public static void write(Path file, String text) {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /// Removes what a killed run left of `file` and makes sure that it can be written, before hours of work go
    /// into what is to stand in it. The file itself stays as it is.
    ///
    /// @throws UncheckedIOException a sentence that names the file
    public static void prepare(Path file) {
        try {
            Path target = target(file);
            if (!isSpecial(target)) {
                Draft.removeLeftOver(target);
                Draft.of(target).close();
            }
        } catch (IOException e) {
            throw FileTrouble.unwritable(file, e);
        }
    }

    /// The file that a link leads to, there or not.
    private static Path target(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(target); links++) {
            if (links == LONGEST_CHAIN) {
                throw new FileSystemLoopException(file.toString());
            }
            if (isSpecial(target)) {
                return target; // a link such as /dev/stdout need not lead to a name
            }
            target = target.resolveSibling(Files.readSymbolicLink(target));
        }
        if (Files.isDirectory(target) || target.getFileName() == null) {
            throw new IOException("a folder of this name is there");
        }
        return target;
    }

    private static boolean isSpecial(Path target) {
        return Files.exists(target) && !Files.isRegularFile(target) && !Files.isDirectory(target);
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
}
