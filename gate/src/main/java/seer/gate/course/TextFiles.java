package seer.gate.course;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import seer.model.load.FileTrouble;

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
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(path + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read: " + FileTrouble.reason(e), e);
        }
    }

    /// Adds names and bytes of everything that [#forEach] reads to a digest; archives as they are.
    static void digest(Path path, MessageDigest digest) {
        try {
            for (Path file : Files.isDirectory(path) ? inside(path) : List.of(path)) {
                digest.update((name(path, file) + "\0" + Files.size(file) + "\0").getBytes(StandardCharsets.UTF_8));
                try (var bytes = new DigestInputStream(Files.newInputStream(file), digest)) {
                    bytes.transferTo(OutputStream.nullOutputStream());
                }
            }
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(path + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read: " + FileTrouble.reason(e), e);
        }
    }

    /// Texts and archives of a folder, by name.
    private static List<Path> inside(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".txt") || file.toString().endsWith(".tar.xz")).sorted()
                    .toList();
        }
    }

    private static String name(Path given, Path file) {
        return given.equals(file) ? file.getFileName().toString()
                : given.relativize(file).toString().replace('\\', '/');
    }

    private static void folder(Path path, BiConsumer<String, String> each) throws IOException {
        for (Path file : inside(path)) {
            if (file.toString().endsWith(".tar.xz")) {
                archive(file, each);
            } else {
                hand(file.toString(), name(path, file), Files.readAllBytes(file), each);
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
