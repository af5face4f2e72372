package seer.run.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What one process lays down for another of the same machine: a file that both have mapped, and that holds one thing
/// at a time. A pipe takes 64 KiB at a time, and its two ends wake each other for each; here bytes are copied in and
/// out.
///
/// ```text
///   length of what lies there, 0: nothing | ... | bytes
/// ```
final class Tray implements AutoCloseable {
    private static final long HEAD = 64;
    private static final int ROOM = 1 << 16; // bytes that a file grows by at a time
    private static final VarHandle LENGTH = ValueLayout.JAVA_LONG.varHandle();

    private final Path file;
    private final FileChannel channel;
    private MemorySegment memory; // of the file, as far as it was mapped; until nobody has it

    private Tray(Path file) throws IOException {
        this.file = file;
        channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (channel.size() < HEAD) {
            extend(HEAD);
        }
        map();
    }

    /// A new one.
    static Tray made() throws IOException {
        var file = Files.createTempFile("seer-tray-", "");
        file.toFile().deleteOnExit(); // where nobody takes the other end, and nobody closes this one
        return new Tray(file);
    }

    /// The other end of one, whose file has no name from then on: it is gone when both processes are.
    static Tray taken(Path file) throws IOException {
        var tray = new Tray(file);
        Files.delete(file);
        return tray;
    }

    /// The file, by which another process takes the other end.
    Path file() {
        return file;
    }

    private void map() throws IOException {
        memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), Arena.ofAuto());
    }

    /// Writes zeros: a disk that is full says so here, and not where its memory is touched.
    private void extend(long size) throws IOException {
        for (long at = channel.size(); at < size; at = channel.size()) {
            channel.write(ByteBuffer.allocate((int) Math.min(ROOM, size - at)), at);
        }
    }

    /// Lays bytes down; whether there was room: not as long as the other has not taken what was there before.
    boolean put(byte[] bytes) throws IOException {
        if (bytes.length == 0 || (long) LENGTH.getAcquire(memory, 0L) != 0) {
            return false;
        }
        if (memory.byteSize() < HEAD + bytes.length) {
            extend(HEAD + bytes.length);
            map();
        }
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, HEAD, bytes.length);
        LENGTH.setRelease(memory, 0L, (long) bytes.length);
        return true;
    }

    /// Takes what lies there.
    ///
    /// @throws IOException if that is nothing
    byte[] take() throws IOException {
        int length = Math.toIntExact((long) LENGTH.getAcquire(memory, 0L));
        if (length == 0) {
            throw new IOException("nothing lies in the tray");
        }
        if (memory.byteSize() < HEAD + length) {
            map();
        }
        var bytes = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, HEAD, bytes, 0, length);
        LENGTH.setRelease(memory, 0L, 0L);
        return bytes;
    }

    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
