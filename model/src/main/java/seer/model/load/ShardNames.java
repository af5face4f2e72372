package seer.model.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The shards of a folder that has lost its index, by the names that Hugging Face gives them:
/// `model-00001-of-00003.safetensors`. They say how many there have to be; which tensor is in which, the files
/// themselves say.
final class ShardNames {
    private static final Pattern SHARD = Pattern.compile("model-(\\d{5})-of-(\\d{5})\\.safetensors");
    private static final String NAME = "model-%05d-of-%s.safetensors";

    private ShardNames() { }

    /// All shards in their order; none where no file has such a name.
    ///
    /// @param index what is missing, for the sentence
    /// @throws MalformedModelException if some are missing, or if names disagree about how many there are
    static List<Path> in(Path folder, String index) {
        var found = names(folder);
        if (found.isEmpty()) {
            return List.of();
        }
        var counts = found.stream().map(ShardNames::count).collect(Collectors.toCollection(TreeSet::new));
        if (counts.size() > 1) {
            throw wrong(folder, index, "shards of " + counts.first() + " and shards of " + counts.last());
        }
        String count = counts.first();
        var wanted = IntStream.rangeClosed(1, Integer.parseInt(count)).mapToObj(i -> NAME.formatted(i, count)).toList();
        for (String name : wanted) {
            if (!found.contains(name)) {
                throw wrong(folder, index, found.size() + " of " + wanted.size() + " shards: " + name
                        + " is missing (is the download complete?)");
            }
        }
        wanted.forEach(found::remove);
        if (!found.isEmpty()) {
            throw wrong(folder, index, found.first() + " beside them");
        }
        return wanted.stream().map(folder::resolve).toList();
    }

    private static TreeSet<String> names(Path folder) {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> SHARD.matcher(name).matches())
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException | UncheckedIOException _) {
            return new TreeSet<>();
        }
    }

    private static String count(String name) {
        var parts = SHARD.matcher(name);
        return parts.matches() ? parts.group(2) : "";
    }

    private static MalformedModelException wrong(Path folder, String index, String got) {
        return new MalformedModelException(folder, "wanted " + index + ", or all shards that one name tells of, got no "
                + "index and " + got);
    }
}
