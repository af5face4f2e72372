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
/// It is mapped twice: as long as it is open for what its header says, and for its tensors until they are let go of.
/// What was read stays in memory that counts as this program's for as long as it is mapped, although the backend has
/// long had a copy.
final class MappedFile implements AutoCloseable {
    /// Bytes given to a digest at once.
    private static final long CHUNK = 1 << 24;

    private final Path file;
    private final FileChannel channel;
    private final long length;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;
    private Arena lent; // of the tensors' mapping; null where nobody asked for it
    private MemorySegment tensors;

    private MappedFile(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.length = channel.size();
        this.bytes = map(arena);
    }

    private MemorySegment map(Arena into) throws IOException {
        if (channel.size() < length) {
            throw FileErrors.shortened(file, null);
        }
        return channel.map(FileChannel.MapMode.READ_ONLY, 0, length, into);
    }

    Path file() {
        return file;
    }

    /// All of the file, for its header; until it is closed.
    MemorySegment bytes() {
        return bytes;
    }

    /// All of the file, for its tensors; until they are let go of, or it is closed.
    synchronized MemorySegment tensors() {
        if (!arena.scope().isAlive()) {
            return bytes; // which says so where it is read
        }
        if (lent == null) {
            var next = Arena.ofShared();
            try {
                tensors = map(next);
            } catch (IOException e) {
                next.close();
                throw FileErrors.unreadable(file, e);
            } catch (RuntimeException | Error e) {
                next.close();
                throw e;
            }
            lent = next;
        }
        return tensors;
    }

    /// Unmaps the tensors that were asked for so far: those asked for from now on are of another mapping.
    synchronized void letGo() {
        if (lent != null) {
            lent.close();
            lent = null;
            tensors = null;
        }
    }

    /// Maps a file and has `reader` read its beginning; what goes wrong there unmaps it.
    ///
    /// @param least  bytes of the shortest file of its kind
    /// @param header what the first bytes are, as sentences name it
    static <T> T open(Path file, int least, String header, Function<MappedFile, T> reader) {
        MappedFile mapped = null;
        try {
            mapped = open(file, least, header);
            return reader.apply(mapped);
        } catch (IOException e) {
            throw FileErrors.unreadable(file, e);
        } catch (InternalError e) {
            mapped.close();
            throw FileErrors.lost(file, e);
        } catch (RuntimeException | Error e) {
            if (mapped != null) {
                mapped.close();
            }
            throw e;
        }
    }

    private static MappedFile open(Path file, int least, String header) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            if (channel.size() < least) {
                throw new MalformedModelException(file,
                        header + ": wanted a file of at least " + least + " bytes, got " + channel.size());
            }
            return new MappedFile(file, channel);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
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

    /// Through a mapping of its own, gone afterwards: no page stays that nobody else asked for.
    private void digest(MessageDigest digest) {
        try (var own = Arena.ofShared()) {
            var all = map(own);
            for (long at = 0; at < all.byteSize(); at += CHUNK) {
                digest.update(all.asSlice(at, Math.min(CHUNK, all.byteSize() - at)).asByteBuffer());
            }
            FileErrors.settle();
        } catch (IOException e) {
            throw FileErrors.unreadable(file, e);
        } catch (InternalError e) {
            throw FileErrors.lost(file, e);
        }
    }

    /// Unmaps the file; a second call does nothing.
    @Override
    public synchronized void close() {
        if (!arena.scope().isAlive()) {
            return;
        }
        letGo();
        arena.close();
        try {
            channel.close();
        } catch (IOException _) {
            // It was only read: nothing is lost.
        }
    }
}
