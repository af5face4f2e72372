package seer.eval;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import seer.model.LanguageModel;
import seer.model.backend.BackendInfo;

/// What samples depend on, in twelve hex digits: samples of different runs must not be mixed.
public final class Fingerprint {
    private static final int DIGITS = 12;

    private Fingerprint() { }

    /// Of a model, its gates, where they compute and the texts.
    ///
    /// @param gate      folder of the adapter; nothing of it counts where there is none
    /// @param documents null where there is none
    public static String of(LanguageModel model, Path gate, BackendInfo backend, Document... documents)
            throws IOException {
        var digest = begin(model, backend);
        for (Path file : gateFiles(gate)) {
            digest.update(Files.readAllBytes(file));
        }
        return end(digest, documents);
    }

    /// Of a model, what its gates are made of, where they compute and the texts.
    ///
    /// @param data in words
    public static String of(LanguageModel model, String data, BackendInfo backend, Document... documents) {
        var digest = begin(model, backend);
        digest.update(data.getBytes(StandardCharsets.UTF_8));
        return end(digest, documents);
    }

    private static MessageDigest begin(LanguageModel model, BackendInfo backend) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update((model.sha256() + backend.backend() + backend.device() + precision(model))
                    .getBytes(StandardCharsets.UTF_8));
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// Nothing where it is f32.
    private static String precision(LanguageModel model) {
        String arithmetic = model.backend().arithmetic();
        return arithmetic.startsWith("f32") ? "" : arithmetic;
    }

    private static String end(MessageDigest digest, Document... documents) {
        for (Document document : documents) {
            if (document != null) {
                var bytes = ByteBuffer.allocate(Math.multiplyExact(Integer.BYTES, document.tokens().length));
                bytes.asIntBuffer().put(document.tokens());
                digest.update(bytes.array());
            }
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
    }

    private static List<Path> gateFiles(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var inside = Files.list(folder)) {
            return inside.filter(Files::isRegularFile).filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted().toList(); // no drafts of files on their way
        }
    }
}
