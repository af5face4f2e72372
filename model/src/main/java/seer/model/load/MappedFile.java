package seer.model.load;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.function.Function;

/// A file of weights in memory as far as it is touched: opening costs nothing, and any number of threads may read.
///
/// @param bytes all of the file, until it is closed
record MappedFile(Path file, Arena arena, MemorySegment bytes) implements AutoCloseable {
    /// Bytes given to a digest at once.
    private static final long CHUNK = 1 << 24;

    /// Maps a file and has `reader` read its beginning; what goes wrong there unmaps it.
    ///
    /// @param least  bytes of the shortest file of its kind
    /// @param header what the first bytes are, as sentences name it
    static <T> T open(Path file, int least, String header, Function<MappedFile, T> reader) {
        Arena arena = Arena.ofShared();
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() < least) {
                throw new MalformedModelException(file,
                        header + ": wanted a file of at least " + least + " bytes, got " + channel.size());
            }
            return reader.apply(new MappedFile(file, arena,
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena)));
        } catch (IOException e) {
            arena.close();
            throw FileErrors.unreadable(file, e);
        } catch (InternalError e) {
            arena.close();
            throw FileErrors.lost(file, e);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /// The SHA-256 of files as one stream, in hex.
    static String sha256(Collection<MappedFile> files) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            files.forEach(file -> file.digest(digest));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    private void digest(MessageDigest digest) {
        try {
            for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
                digest.update(bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at)).asByteBuffer());
            }
            FileErrors.settle();
        } catch (InternalError e) {
            throw FileErrors.lost(file, e);
        }
    }

    /// Unmaps the file; a second call does nothing.
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
