package seer.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import seer.model.ModelFiles;

/// The SHA-256 of a model's weights, read again when one of its files is another: to read all of a large model takes
/// as long as many documents, and one transformation follows another.
final class SeenWeights {
    private Map<Path, State> files = Map.of(); // as they were
    private String sha256; // of what they held; null before the first

    private record State(long size, FileTime changed, Object file) { }

    /// @param model folder or file
    /// @throws seer.model.load.MalformedModelException if a file of it is broken
    String sha256(Path model) {
        var now = files(model);
        if (sha256 == null || !now.equals(files)) {
            try (var opened = ModelFiles.open(model)) {
                sha256 = opened.weights().sha256();
            }
            files = now;
        }
        return sha256;
    }

    private static Map<Path, State> files(Path model) {
        var states = new TreeMap<Path, State>();
        try {
            if (Files.isDirectory(model)) {
                try (var inside = Files.newDirectoryStream(model, Files::isRegularFile)) {
                    for (Path file : inside) {
                        states.put(file.toAbsolutePath(), state(file));
                    }
                }
            } else {
                states.put(model.toAbsolutePath(), state(model));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("model " + model + " cannot be read: " + e.getMessage(), e);
        }
        return states;
    }

    private static State state(Path file) throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new State(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }
}
