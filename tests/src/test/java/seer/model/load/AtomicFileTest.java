package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a file holds after writing, whatever the system does meanwhile.
class AtomicFileTest {
    @TempDir
    private Path folder;

    /// Takes so many bytes at a time.
    private record Slow(WritableByteChannel channel, int most) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer buffer) throws IOException {
            var part = buffer.slice(buffer.position(), Math.min(most, buffer.remaining()));
            int taken = channel.write(part);
            buffer.position(buffer.position() + taken);
            return taken;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() { }
    }

    @Test
    void buffersAreWrittenToTheirEndThoughTheSystemTakesAPart() throws IOException {
        var bytes = new byte[1000];
        new java.util.Random(3).nextBytes(bytes);
        var got = new ByteArrayOutputStream();
        assertEquals(1000, new WholeChannel(new Slow(Channels.newChannel(got), 7)).write(ByteBuffer.wrap(bytes)));
        assertArrayEquals(bytes, got.toByteArray());
    }

    @Test
    void whatTakesNothingMoreIsAnError() {
        var channel = new WholeChannel(new Slow(Channels.newChannel(new ByteArrayOutputStream()), 0));
        var e = assertThrows(IOException.class, () -> channel.write(ByteBuffer.allocate(9)));
        assertTrue(e.getMessage().contains("9 bytes left"), e.getMessage());
    }

    @Test
    void textIsWrittenAsUtf8() throws IOException {
        Path file = folder.resolve("a.md");
        AtomicFile.write(file, "é\n");
        assertArrayEquals(new byte[] {(byte) 0xC3, (byte) 0xA9, '\n'}, Files.readAllBytes(file));
    }

    @Test
    void draftsOfKilledRunsGoWhenTheSameFileIsWrittenAgain() throws IOException {
        for (boolean writes : new boolean[] {true, false}) {
            Path left = Files.writeString(folder.resolve(".a.csv." + UUID.randomUUID() + ".tmp"), "half");
            Path another = Files.writeString(folder.resolve(".b.csv." + UUID.randomUUID() + ".tmp"), "half");
            Path foreign = Files.writeString(folder.resolve(".a.csv.1234.tmp"), "not ours");
            if (writes) {
                AtomicFile.write(folder.resolve("a.csv"), "whole");
            } else {
                AtomicFile.prepare(folder.resolve("a.csv"));
            }
            assertFalse(Files.exists(left));
            assertTrue(Files.exists(another) && Files.exists(foreign), "only drafts of this very file go");
        }
        assertEquals("whole", Files.readString(folder.resolve("a.csv")), "preparing leaves the file as it is");
    }

    @Test
    void draftsThatAreBeingWrittenStay() throws IOException {
        Path draft = folder.resolve(".a.csv." + UUID.randomUUID() + ".tmp");
        try (var channel = FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            var lock = channel.lock();
            AtomicFile.write(folder.resolve("a.csv"), "whole");
            assertTrue(Files.exists(draft) && lock.isValid());
        }
        AtomicFile.write(folder.resolve("a.csv"), outer -> {
            AtomicFile.write(folder.resolve("a.csv"), "from within");
            outer.write(ByteBuffer.wrap(new byte[] {'x'}));
        });
        assertEquals("x", Files.readString(folder.resolve("a.csv")));
        assertFalse(Files.exists(draft), "nobody holds it any more");
    }

    @Test
    void linksStayLinks() throws IOException {
        Path real = Files.writeString(Files.createDirectory(folder.resolve("far")).resolve("real.csv"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link.csv"), Path.of("far", "real.csv"));
        AtomicFile.write(link, "new");
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("new", Files.readString(real));
        Path open = Files.createSymbolicLink(folder.resolve("open.csv"), Path.of("far", "later.csv"));
        AtomicFile.write(open, "new");
        assertEquals("new", Files.readString(folder.resolve("far/later.csv")));
        Path circle = Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
        assertFails(circle, "circle");
    }

    @Test
    void foldersAndMissingFoldersAreNamed() throws IOException {
        assertFails(Files.createDirectory(folder.resolve("x.csv")), "a folder of this name is there");
        assertFails(folder.resolve("none").resolve("x.csv"), "its folder does not exist");
        Path file = Files.writeString(folder.resolve("file"), "");
        assertFails(file.resolve("x.csv"), "no folder");
        assertFails(Path.of("/"), "folder");
    }

    private static void assertFails(Path file, String part) {
        for (var e : List.of(assertThrows(UncheckedIOException.class, () -> AtomicFile.write(file, "text")),
                assertThrows(UncheckedIOException.class, () -> AtomicFile.prepare(file)))) {
            assertTrue(e.getMessage().startsWith(file + " cannot be written: ") && e.getMessage().contains(part),
                    e.getMessage());
        }
    }

    /// A device has no contents to keep; replacing it would take it away from everybody.
    @Test
    void devicesAreWrittenToAndNeverReplaced() throws IOException {
        Path device = Path.of("/dev/full");
        assumeTrue(Files.exists(device));
        Path link = Files.createSymbolicLink(folder.resolve("link"), device);
        AtomicFile.prepare(link);
        var e = assertThrows(UncheckedIOException.class, () -> AtomicFile.write(link, "text"));
        assertTrue(e.getMessage().contains("No space left"), e.getMessage());
        assertFalse(Files.isRegularFile(device));
        Files.delete(link);
    }

    /// A limit on the size of files, reached in the middle, does what a full disk does: the system writes a part.
    @Test
    void aFullDiskLeavesTheOldFileAndNoDraft() throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("big"), "old");
        var process = new ProcessBuilder("sh", "-c", "ulimit -f 8 && exec \"$@\"", "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData", "-cp",
                System.getProperty("java.class.path"), BigFile.class.getName(), file.toString())
                .redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertTrue(said.contains("big cannot be written: File too large"), said);
        assertEquals("old", Files.readString(file));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    /// Writes a file of 100,000 bytes.
    static final class BigFile {
        private BigFile() { }

        public static void main(String[] arguments) {
            AtomicFile.write(Path.of(arguments[0]), new byte[100_000]);
        }
    }
}
