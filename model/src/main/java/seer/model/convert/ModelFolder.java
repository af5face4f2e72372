package seer.model.convert;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import seer.model.ModelConfig;
import seer.model.ModelFiles;
import seer.model.RopeConfig;
import seer.model.load.AtomicFile;
import seer.model.load.DType;
import seer.model.load.FileTrouble;
import seer.model.load.MalformedModelException;
import seer.model.load.SafetensorsWriter;

/// Writes a model whose weights or context were changed as a folder in Hugging Face layout: whatever does not change is
/// that of the model it came from, every field of its configuration too.
///
/// @param source the folder or GGUF file that it came from
/// @param config its shape now
public record ModelFolder(Path source, ModelConfig config) {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String CONFIG = "config.json";
    private static final String HEAD = "lm_head.weight";
    /// What belongs to a model beside its configuration and its weights.
    private static final List<String> BESIDE = List.of("tokenizer.json", "tokenizer_config.json",
            "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model",
            "generation_config.json", "chat_template.jinja", "chat_template.json", "LICENSE", "LICENSE.txt");

    /// Writes the weights, what belongs to them, and the configuration last: a folder that has one is whole.
    ///
    /// @param changed    weights by name; all others are those of the source
    /// @param type       F32 or BF16
    /// @param provenance what becomes of `seer_training` in the configuration
    public void write(Path folder, Map<String, WeightTensorValues> changed, DType type, ObjectNode provenance) {
        try (var files = ModelFiles.open(source)) {
            Files.createDirectories(folder);
            Files.deleteIfExists(folder.resolve(CONFIG));
            var writer = new SafetensorsWriter().metadata("format", "pt");
            for (String name : files.weights().names()) {
                var values = changed.get(name);
                if (values != null) {
                    writer.add(name, type, values.values(), values.shape());
                } else if (!(config.tiedHead() && name.equals(HEAD))) {
                    writer.add(name, type, files.weights().tensor(name));
                }
            }
            writer.write(folder.resolve("model.safetensors"));
            beside(folder);
            ObjectNode json = json(type);
            json.set("seer_training", provenance);
            AtomicFile.write(folder.resolve(CONFIG), json.toPrettyString() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be written: " + FileTrouble.reason(e), e);
        }
    }

    /// A changed weight tensor.
    public record WeightTensorValues(float[] values, int... shape) { }

    /// Writes the configuration alone and reads it again, before hours of work go into weights that nobody could read.
    ///
    /// @throws MalformedModelException if its context or its rotation are not what they are to be
    public void rehearse(Path file) {
        AtomicFile.write(file, json(DType.F32).toPrettyString() + "\n");
        var read = ModelConfig.read(file);
        if (read.contextLength() != config.contextLength() || !read.rope().equals(config.rope())) {
            throw new MalformedModelException(file, "wanted a context of " + config.contextLength() + " tokens and "
                    + config.rope() + ", got " + read.contextLength() + " and " + read.rope());
        }
    }

    private void beside(Path folder) throws IOException {
        if (Files.isRegularFile(source)) {
            GgufConversion.writeTokenizer(source, folder);
            return;
        }
        for (String name : BESIDE) {
            Path file = source.resolve(name);
            if (Files.isRegularFile(file) && !Files.exists(folder.resolve(name))) {
                AtomicFile.write(folder.resolve(name), Files.readAllBytes(file));
            }
        }
    }

    private ObjectNode json(DType type) {
        if (Files.isRegularFile(source)) {
            return GgufConversion.config(config, type);
        }
        Path file = source.resolve(CONFIG);
        try {
            if (!(MAPPER.readTree(Files.readAllBytes(file)) instanceof ObjectNode json)) {
                throw new MalformedModelException(file, "wanted an object");
            }
            return patched(json, type);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + FileTrouble.reason(e), e);
        }
    }

    private ObjectNode patched(ObjectNode json, DType type) {
        String written = type == DType.BF16 ? "bfloat16" : "float32";
        json.put(json.has("dtype") ? "dtype" : "torch_dtype", written);
        if (config.rope().scaling() instanceof RopeConfig.Scaling.Yarn yarn) {
            json.put("max_position_embeddings", config.contextLength());
            json.remove("original_max_position_embeddings");
            ObjectNode parameters = json.get("rope_parameters") instanceof ObjectNode old ? old : null;
            if (parameters == null) {
                GgufConversion.put(json.putObject("rope_scaling"), yarn);
            } else {
                json.remove("rope_scaling");
                parameters.removeAll();
                GgufConversion.put(parameters, yarn).put("rope_theta", config.rope().theta());
            }
        }
        return json;
    }
}
