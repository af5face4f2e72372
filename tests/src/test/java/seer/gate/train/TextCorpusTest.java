package seer.gate.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.gate.course.TextCorpus;
import seer.model.text.Tokenizer;
import seer.support.Demo;

/// Training texts: where they come from, in what order, and what is refused.
class TextCorpusTest {
    private static final int SEPARATOR = 0;

    @TempDir
    private Path folder;

    private static Tokenizer tokenizer() {
        return Demo.model().tokenizer();
    }

    @Test
    void archivesFoldersAndFilesGiveTheSameTokensInTheOrderOfNames() throws IOException {
        Path texts = Files.createDirectories(folder.resolve("texts"));
        Files.writeString(texts.resolve("b.txt"), "The second text.");
        Files.writeString(texts.resolve("a.txt"), "The first text.");
        Files.writeString(texts.resolve("c.md"), "No text.");
        Path archive = folder.resolve("texts.tar.xz");
        try (OutputStream file = Files.newOutputStream(archive);
                var tar = new TarArchiveOutputStream(new XZCompressorOutputStream(file))) {
            put(tar, "b.txt", "The second text.".getBytes(StandardCharsets.UTF_8));
            put(tar, "a.txt", "The first text.".getBytes(StandardCharsets.UTF_8));
        }
        var fromFolder = TextCorpus.read(List.of(texts), tokenizer(), SEPARATOR);
        var fromArchive = TextCorpus.read(List.of(archive), tokenizer(), SEPARATOR);
        var fromFiles = TextCorpus.read(List.of(texts.resolve("b.txt"), texts.resolve("a.txt")), tokenizer(),
                SEPARATOR);
        int[] wanted = IntStream.of(0).flatMap(i -> IntStream.concat(
                IntStream.concat(IntStream.of(tokenizer().encodeOrdinary("The first text.")),
                        IntStream.of(SEPARATOR)),
                IntStream.concat(IntStream.of(tokenizer().encodeOrdinary("The second text.")),
                        IntStream.of(SEPARATOR)))).toArray();
        for (var corpus : List.of(fromFolder, fromArchive, fromFiles)) {
            assertArrayEquals(wanted, corpus.tokens(), corpus.label());
            assertEquals(2, corpus.documents());
            assertEquals(fromFolder.fingerprint(), corpus.fingerprint());
        }
        var other = TextCorpus.read(List.of(texts), tokenizer(), -1);
        assertEquals(wanted.length - 2, other.tokens().length);
        assertNotEquals(fromFolder.fingerprint(), other.fingerprint());
    }

    @Test
    void whatIsNoTextIsRefusedByName() throws IOException {
        Path bytes = Files.write(folder.resolve("bytes.txt"), new byte[] {(byte) 0xFF, 1, 2});
        refused(bytes, bytes + " is not UTF-8 text");
        Path missing = folder.resolve("missing.txt");
        refused(missing, missing + ": no such file");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        refused(empty, empty + " has no text, wanted a text file, a folder with .txt files or a .tar.xz archive of "
                + "them");
        Path archive = folder.resolve("a.tar.xz");
        try (OutputStream file = Files.newOutputStream(archive);
                var tar = new TarArchiveOutputStream(new XZCompressorOutputStream(file))) {
            put(tar, "x.txt", new byte[] {(byte) 0xC0, 0});
        }
        refused(archive, archive + "!x.txt is not UTF-8 text");
        Path broken = Files.writeString(folder.resolve("broken.tar.xz"), "no archive at all");
        var e = assertThrows(java.io.UncheckedIOException.class,
                () -> TextCorpus.read(List.of(broken), tokenizer(), -1));
        assertTrue(e.getMessage().startsWith(broken + " cannot be read: "), e.getMessage());
    }

    private void refused(Path path, String sentence) {
        var e = assertThrows(IllegalArgumentException.class, () -> TextCorpus.read(List.of(path), tokenizer(), -1));
        assertEquals(sentence, e.getMessage());
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] bytes) throws IOException {
        var entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }
}
