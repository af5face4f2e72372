package seer.model.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/// What a file is, told by its first bytes: for files that stand where another kind is wanted, so that a complaint
/// says what they are instead of where reading them failed.
public final class FileKind {
    /// Bytes that are looked at.
    static final int HEAD = 512;

    /// A beginning in hex, and the kind that has it.
    private record Magic(String hex, String kind) {
        boolean begins(byte[] head) {
            byte[] magic = HexFormat.of().parseHex(hex);
            return head.length >= magic.length && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
        }
    }

    private static final Magic[] MAGICS = {
        new Magic("47475546", "a GGUF file, llama.cpp's format"),
        new Magic("67676d6c", "a GGML file, llama.cpp's old format"),
        new Magic("504b0304", "a zip archive, as PyTorch's .pth, .pt and .bin files are"),
        new Magic("8002", "a Python pickle, as PyTorch's old .pth, .pt and .bin files are"),
        new Magic("894844460d0a1a0a", "an HDF5 file, as Keras writes them"),
        new Magic("1f8b", "a gzip archive"),
        new Magic("fd377a585a00", "an xz archive"),
        new Magic("28b52ffd", "a zstd archive"),
        new Magic("934e554d5059", "a NumPy array"),
        new Magic("fffe", "text in UTF-16"),
        new Magic("feff", "text in UTF-16"),
    };
    /// Beginnings of texts, in lower case.
    private static final String[][] TEXTS = {
        {"version https://git-lfs.github.com/spec/", "a Git LFS pointer: the file itself was not downloaded, "
                + "git lfs pull fetches it"},
        {"/annex/objects/", "a git-annex pointer: the file itself was not downloaded"},
        {"<!doctype html", "an HTML page, probably a server's answer instead of the file"},
        {"<html", "an HTML page, probably a server's answer instead of the file"},
        {"<?xml", "an XML document, probably a server's answer instead of the file"},
        {"entry not found", "a server's answer that there is no such file"},
        {"invalid username or password", "a server's answer that the file is not for everyone"},
        {"access to model", "a server's answer that the file is not for everyone"},
    };

    private FileKind() {
    }

    /// The kind of a file that begins with `head`; empty when it is none of the known ones.
    public static Optional<String> of(byte[] head) {
        if (head.length == 0) {
            return Optional.of("an empty file");
        }
        for (Magic magic : MAGICS) {
            if (magic.begins(head)) {
                return Optional.of(magic.kind);
            }
        }
        String text = new String(head, 0, Math.min(head.length, HEAD), StandardCharsets.ISO_8859_1)
                .strip().toLowerCase(Locale.ROOT);
        for (String[] each : TEXTS) {
            if (text.startsWith(each[0])) {
                return Optional.of(each[1]);
            }
        }
        boolean zeros = head.length >= 64;
        for (int i = 0; i < Math.min(head.length, HEAD); i++) {
            zeros &= head[i] == 0;
        }
        return zeros ? Optional.of("a file of zeros, as a download leaves that was cut short") : Optional.empty();
    }

    /// The kind of a file; empty when it is none of the known ones or cannot be read.
    public static Optional<String> of(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (var in = Files.newInputStream(file)) {
            return of(in.readNBytes(HEAD));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
