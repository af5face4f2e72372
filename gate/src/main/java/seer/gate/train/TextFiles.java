package seer.gate.train;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/// Texts of a file, of a folder or of an archive, one after the other; archives are streamed, never unpacked.
final class TextFiles {
    private TextFiles() { }

    /// Hands over the name and the text of each document that is not empty.
    static void forEach(Path path, BiConsumer<String, String> each) {
        try {
            if (Files.isDirectory(path)) {
                folder(path, each);
            } else if (path.toString().endsWith(".tar.xz")) {
                archive(path, each);
            } else {
                hand(path.toString(), path.getFileName().toString(), Files.readAllBytes(path), each);
            }
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IllegalArgumentException(path + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void folder(Path path, BiConsumer<String, String> each) throws IOException {
        try (var files = Files.walk(path)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = path.relativize(file).toString().replace('\\', '/');
                if (name.endsWith(".txt")) {
                    hand(file.toString(), name, Files.readAllBytes(file), each);
                } else if (name.endsWith(".tar.xz")) {
                    archive(file, each);
                }
            }
        }
    }

    private static void archive(Path path, BiConsumer<String, String> each) throws IOException {
        try (InputStream file = Files.newInputStream(path);
                var tar = new TarArchiveInputStream(new XZCompressorInputStream(file))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isFile()) {
                    hand(path + "!" + entry.getName(), entry.getName(), tar.readAllBytes(), each);
                }
            }
        }
    }

    private static void hand(String place, String name, byte[] bytes, BiConsumer<String, String> each) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            if (!text.isEmpty()) {
                each.accept(name, text);
            }
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(place + " is not UTF-8 text", e);
        }
    }
}
