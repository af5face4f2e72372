package seer.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Short names of files and folders in which no two are the same: the last name of each path, and as many folders
/// before it as tell it from the others.
///
/// Results are kept by name; what has the name of something else would be taken for it.
public final class PathLabels {
    private final List<Path> paths;
    private final String[] labels;

    private PathLabels(List<Path> paths) {
        this.paths = paths.stream().map(path -> path.toAbsolutePath().normalize()).toList();
        this.labels = new String[paths.size()];
    }

    /// A label for each path, in their order.
    ///
    /// @param what the option they come from, for messages
    /// @throws IllegalArgumentException if two lead to the same file or folder
    public static List<String> of(String what, List<Path> paths) {
        var labels = new PathLabels(paths);
        labels.checkDifferent(what, paths);
        labels.lengthen();
        return List.of(labels.labels);
    }

    private void checkDifferent(String what, List<Path> given) {
        Map<Path, Path> seen = new HashMap<>();
        for (int i = 0; i < paths.size(); i++) {
            Path before = seen.put(real(paths.get(i)), given.get(i));
            if (before != null) {
                throw new IllegalArgumentException(what + " has the same twice: " + before
                        + (before.equals(given.get(i)) ? "" : " and " + given.get(i)) + ", wanted each once");
            }
        }
    }

    /// Where links lead; what is not there is refused by whoever opens it.
    private static Path real(Path path) {
        try {
            return Files.exists(path) ? path.toRealPath() : path;
        } catch (IOException e) {
            return path;
        }
    }

    /// Gives those that share a label one more folder each, until none do.
    private void lengthen() {
        var names = new int[labels.length];
        Arrays.fill(names, 1);
        boolean shared = true;
        while (shared) {
            for (int i = 0; i < labels.length; i++) {
                labels[i] = end(paths.get(i), names[i]);
            }
            shared = false;
            for (int i = 0; i < labels.length; i++) {
                if (Collections.frequency(Arrays.asList(labels), labels[i]) > 1) {
                    names[i]++;
                    shared = true;
                }
            }
        }
    }

    /// The last `names` names of a path, or all of it.
    private static String end(Path path, int names) {
        int count = path.getNameCount();
        return names >= count ? path.toString() : path.subpath(count - names, count).toString();
    }
}
