package seer.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The adapter of a [Place], as this machine has it.
final class GateFiles {
    private GateFiles() { }

    static Path folder(Place place) {
        if (place.gate() != null) {
            return Locations.local(place.gate());
        }
        Path model = Locations.local(place.model());
        return (Files.isDirectory(model) ? model : model.toAbsolutePath().getParent()).resolve("gate");
    }

    static boolean exist(Place place) {
        return Files.isRegularFile(folder(place).resolve("config.json"));
    }

    /// SHA-256 of the files of an adapter that is there, thresholds among them, in hex.
    static String sha256(Place place) {
        try (var inside = Files.list(folder(place))) {
            var digest = MessageDigest.getInstance("SHA-256");
            for (Path file : inside.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith(".")).sorted().toList()) {
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException("gates in " + folder(place) + " cannot be read: " + e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
