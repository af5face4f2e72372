package seer.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import seer.model.load.DType;

/// A [TinyModel] as a folder of safetensors, byte by byte: all weights in one type, in one file or in shards. The
/// model's weights are rounded to the type on the way, so that it stays the oracle.
public final class TinySafetensors {
    private TinySafetensors() { }

    /// @param shards files; with one there is no index
    public static Path write(TinyModel tiny, DType type, int shards, Path folder) throws IOException {
        return write(tiny, _ -> type, shards, folder);
    }

    /// The same with each tensor in the type that its name is given.
    public static Path write(TinyModel tiny, Function<String, DType> types, int shards, Path folder)
            throws IOException {
        tiny.describe(folder);
        List<String> names = List.copyOf(tiny.weights().keySet());
        if (shards == 1) {
            file(tiny, names, types, folder.resolve("model.safetensors"));
            return folder;
        }
        var index = new StringBuilder();
        for (int shard = 0; shard < shards; shard++) {
            String file = "model-%05d-of-%05d.safetensors".formatted(shard + 1, shards);
            var part = names.subList(names.size() * shard / shards, names.size() * (shard + 1) / shards);
            file(tiny, part, types, folder.resolve(file));
            part.forEach(name -> index.append(index.isEmpty() ? "" : ", ").append('"').append(name).append("\": \"")
                    .append(file).append('"'));
        }
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {" + index + "}}");
        return folder;
    }

    private static void file(TinyModel tiny, Collection<String> names, Function<String, DType> types,
                             Path file) throws IOException {
        var header = new StringBuilder();
        var data = new ByteArrayOutputStream();
        for (String name : names) {
            float[] weights = tiny.weights().get(name);
            DType type = types.apply(name);
            int begin = data.size();
            data.writeBytes(Quantizer.encode(type, weights));
            header.append(header.isEmpty() ? "" : ", ").append("\"%s\": {\"dtype\": \"%s\", \"shape\": [%s], %s}"
                    .formatted(name, type, Arrays.stream(tiny.shape(name, weights.length)).mapToObj(Integer::toString)
                            .collect(Collectors.joining(", ")), "\"data_offsets\": [" + begin + ", " + data.size()
                            + "]"));
        }
        byte[] json = ("{" + header + "}").getBytes(StandardCharsets.UTF_8);
        Files.write(file, ByteBuffer.allocate(8 + json.length + data.size()).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length).put(json).put(data.toByteArray()).array());
    }
}
