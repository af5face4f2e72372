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
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update((model.sha256() + backend.backend() + backend.device())
                    .getBytes(StandardCharsets.UTF_8));
            for (Path file : gateFiles(gate)) {
                digest.update(Files.readAllBytes(file));
            }
            for (Document document : documents) {
                if (document != null) {
                    var bytes = ByteBuffer.allocate(Integer.BYTES * document.tokens().length);
                    bytes.asIntBuffer().put(document.tokens());
                    digest.update(bytes.array());
                }
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static List<Path> gateFiles(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var inside = Files.list(folder)) {
            return inside.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
