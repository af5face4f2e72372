package seer.model.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The weights of a model folder in Hugging Face layout: one `model.safetensors`, or several shards
/// that `model.safetensors.index.json` assigns every tensor to.
///
/// Where both are there the single file counts, as it does for Hugging Face. Without either, shards count whose names
/// say that they are all there are, `model-00001-of-00003.safetensors` to the third. Threads and closing: as for
/// [SafetensorsFile].
public final class SafetensorsFolder implements WeightStore {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    /// Files that other programs keep weights in.
    private static final Pattern OTHERS =
            Pattern.compile("(?i).*\\.(?:bin|pth|pt|ckpt|gguf|ggml|h5|msgpack|npz|onnx)|consolidated.*\\.safetensors");

    private final Path file;
    private final SortedMap<String, SafetensorsFile> shards;
    private final Map<String, SafetensorsFile> home;
    private String sha256;

    private SafetensorsFolder(Path file, SortedMap<String, SafetensorsFile> shards, Map<String, SafetensorsFile> home) {
        this.file = file;
        this.shards = shards;
        this.home = home;
    }

    /// Opens the weights in `folder`.
    public static SafetensorsFolder open(Path folder) {
        Path single = folder.resolve(SINGLE);
        Path index = folder.resolve(INDEX);
        var shards = new TreeMap<String, SafetensorsFile>();
        try {
            if (isThere(single)) {
                shards.put(SINGLE, SafetensorsFile.open(single));
                return new SafetensorsFolder(single, shards, homes(single, shards));
            }
            return isThere(index) ? sharded(index, shards) : unlisted(folder, shards);
        } catch (RuntimeException e) {
            shards.values().forEach(SafetensorsFile::close);
            throw e;
        }
    }

    /// Shards without an index.
    private static SafetensorsFolder unlisted(Path folder, SortedMap<String, SafetensorsFile> shards) {
        ShardNames.in(folder, INDEX).forEach(file ->
                shards.put(file.getFileName().toString(), SafetensorsFile.open(file)));
        if (shards.isEmpty()) {
            throw new MalformedModelException(folder, "wanted a folder with " + SINGLE + " or " + INDEX
                    + ", got " + (Files.isDirectory(folder) ? "a folder with neither" + others(folder)
                    : FileKind.of(folder).orElse("no folder")));
        }
        return new SafetensorsFolder(folder, shards, homes(folder, shards));
    }

    /// A link that leads nowhere counts, so that it is what is complained about.
    private static boolean isThere(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /// Weights of other formats that stand there instead.
    private static String others(Path folder) {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> OTHERS.matcher(name).matches())
                    .sorted().findFirst().map(name -> ", but " + name
                            + (name.endsWith(".gguf") ? ", whose own path opens it"
                            : ": in a folder safetensors is the only format read"))
                    .orElse("");
        } catch (IOException | UncheckedIOException _) {
            return "";
        }
    }

    private static SafetensorsFolder sharded(Path index, SortedMap<String, SafetensorsFile> shards) {
        JsonFile json = JsonFile.read(index);
        json.requireObject("weight_map");
        Map<String, String> assigned = json.stringMap("weight_map");
        assigned.forEach((tensor, shard) -> {
            shards.computeIfAbsent(shard, _ -> SafetensorsFile.open(shard(json, tensor, shard)));
        });
        Map<String, SafetensorsFile> home = homes(index, shards);
        assigned.forEach((tensor, shard) -> {
            if (!shards.get(shard).has(tensor)) {
                throw json.wrong(field(tensor), "a file that holds the tensor", shard + ", which does not");
            }
        });
        for (String tensor : home.keySet()) {
            if (!assigned.containsKey(tensor)) {
                throw json.wrong(field(tensor), home.get(tensor).file().getFileName() + ", which holds the tensor",
                        "nothing: the index does not list it");
            }
        }
        return new SafetensorsFolder(index, shards, home);
    }

    private static Path shard(JsonFile json, String tensor, String name) {
        try {
            Path file = json.file().resolveSibling(name);
            Path last = file.getFileName();
            if (last != null && last.toString().equals(name) && Files.isRegularFile(file)) {
                return file;
            }
        } catch (InvalidPathException _) {
            // Such a name is no file's.
        }
        throw json.wrong(field(tensor), "a file in the index's folder", name);
    }

    private static String field(String tensor) {
        return "weight_map[\"" + Quoted.name(tensor) + "\"]";
    }

    private static Map<String, SafetensorsFile> homes(Path file, SortedMap<String, SafetensorsFile> shards) {
        var home = new LinkedHashMap<String, SafetensorsFile>();
        shards.forEach((_, shard) -> {
            for (String tensor : shard.names()) {
                SafetensorsFile other = home.put(tensor, shard);
                if (other != null) {
                    throw new MalformedModelException(file, "tensor " + Quoted.name(tensor)
                            + ": wanted it in one shard, got it in "
                            + other.file().getFileName() + " and " + shard.file().getFileName());
                }
            }
        });
        return home;
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(home.keySet());
    }

    /// The free-form strings of all files together.
    public Map<String, String> metadata() {
        var metadata = new LinkedHashMap<String, String>();
        shards.values().forEach(shard -> metadata.putAll(shard.metadata()));
        return metadata;
    }

    @Override
    public boolean has(String name) {
        return home.containsKey(name);
    }

    @Override
    public WeightTensor tensor(String name) {
        SafetensorsFile shard = home.get(name);
        if (shard == null) {
            throw new MalformedModelException(file, NearestName.missing(name, names()));
        }
        return shard.tensor(name);
    }

    @Override
    public long parameterCount() {
        return shards.values().stream().mapToLong(SafetensorsFile::parameterCount).sum();
    }

    /// The SHA-256 of the weight file in hex; of shards, that of all of them in the order of their
    /// names, as one stream.
    @Override
    public synchronized String sha256() {
        if (sha256 == null) {
            sha256 = MappedFile.sha256(shards.values().stream().map(SafetensorsFile::mapped).toList());
        }
        return sha256;
    }

    @Override
    public void letGo() {
        shards.values().forEach(SafetensorsFile::letGo);
    }

    @Override
    public void close() {
        shards.values().forEach(SafetensorsFile::close);
    }
}
