package seer.model.convert;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import seer.model.ModelConfig;
import seer.model.ModelFiles;
import seer.model.RopeConfig;
import seer.model.load.AtomicFile;
import seer.model.load.DType;
import seer.model.load.GgufFile;
import seer.model.load.SafetensorsWriter;
import seer.model.text.GgufTokenizerJson;

/// Writes a GGUF file as a folder in Hugging Face layout: the same shape, the same ids, and the weights as they are
/// when they are unpacked.
public final class GgufConversion {
    private static final JsonMapper MAPPER = new JsonMapper();

    private GgufConversion() { }

    /// Writes `config.json`, `tokenizer.json`, `tokenizer_config.json` and `model.safetensors`, the weights first.
    ///
    /// @param type F32, or BF16 for half the size and seven bits less
    /// @throws IllegalArgumentException if config.json has no words for the model's rotation
    public static void write(Path gguf, Path folder, DType type) {
        try (var files = ModelFiles.open(gguf)) {
            if (!(files.weights() instanceof GgufFile file)) {
                throw new IllegalArgumentException(gguf + " is no GGUF file, wanted one");
            }
            String config = config(files.config(), type).toPrettyString();
            Files.createDirectories(folder);
            var writer = new SafetensorsWriter().metadata("format", "pt");
            file.names().forEach(name -> writer.add(name, type, file.tensor(name)));
            writer.write(folder.resolve("model.safetensors"));
            writeTokenizer(file, folder);
            AtomicFile.write(folder.resolve("config.json"), config + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be written: " + e.getMessage(), e);
        }
    }

    /// `tokenizer.json` and `tokenizer_config.json` alone.
    static void writeTokenizer(Path gguf, Path folder) {
        try (var file = GgufFile.open(gguf)) {
            writeTokenizer(file, folder);
        }
    }

    private static void writeTokenizer(GgufFile file, Path folder) {
        var tokenizer = MAPPER.createObjectNode();
        file.metadata().optionalString("tokenizer.chat_template")
                .ifPresent(template -> tokenizer.put("chat_template", template));
        AtomicFile.write(folder.resolve("tokenizer.json"), GgufTokenizerJson.of(file.metadata()));
        AtomicFile.write(folder.resolve("tokenizer_config.json"), tokenizer.toPrettyString() + "\n");
    }

    /// YaRN in the words of `config.json`; whole numbers as such, as transformers wants lengths.
    static ObjectNode put(ObjectNode json, RopeConfig.Scaling.Yarn yarn) {
        json.put("rope_type", "yarn").put("factor", yarn.factor());
        if (yarn.originalContext() == (int) yarn.originalContext()) {
            json.put("original_max_position_embeddings", (int) yarn.originalContext());
        } else {
            json.put("original_max_position_embeddings", yarn.originalContext());
        }
        return json.put("beta_fast", yarn.fast()).put("beta_slow", yarn.slow())
                .put("attention_factor", yarn.attention()).put("truncate", yarn.truncate());
    }

    static ObjectNode config(ModelConfig c, DType type) {
        String family = c.family().substring(0, 1).toUpperCase(Locale.ROOT) + c.family().substring(1);
        ObjectNode json = MAPPER.createObjectNode().put("model_type", c.family()).put("hidden_size", c.width())
                .put("num_hidden_layers", c.layers()).put("num_attention_heads", c.heads())
                .put("num_key_value_heads", c.groups()).put("head_dim", c.headWidth())
                .put("intermediate_size", c.feedForward()).put("vocab_size", c.vocabulary())
                .put("rms_norm_eps", c.epsilon()).put("max_position_embeddings", c.contextLength())
                .put("tie_word_embeddings", c.tiedHead()).put("hidden_act", "silu")
                .put("use_sliding_window", false).put("rope_theta", c.rope().theta())
                .put("torch_dtype", type == DType.BF16 ? "bfloat16" : "float32");
        json.putNull("sliding_window");
        json.putArray("architectures").add(family + "ForCausalLM");
        c.endOfText().forEach(json.putArray("eos_token_id")::add);
        scaling(json, c.rope().scaling());
        return json;
    }

    private static void scaling(ObjectNode json, RopeConfig.Scaling scaling) {
        switch (scaling) {
            case RopeConfig.Scaling.None _ -> json.putNull("rope_scaling");
            case RopeConfig.Scaling.Linear(double factor) ->
                    json.putObject("rope_scaling").put("rope_type", "linear").put("factor", factor);
            case RopeConfig.Scaling.Dynamic(double factor, int _) ->
                    json.putObject("rope_scaling").put("rope_type", "dynamic").put("factor", factor);
            case RopeConfig.Scaling.Llama3 llama -> json.putObject("rope_scaling").put("rope_type", "llama3")
                    .put("factor", llama.factor()).put("low_freq_factor", llama.lowFactor())
                    .put("high_freq_factor", llama.highFactor())
                    .put("original_max_position_embeddings", llama.originalContext());
            case RopeConfig.Scaling.Yarn yarn -> put(json.putObject("rope_scaling"), yarn);
            case RopeConfig.Scaling.Factors _ -> throw new IllegalArgumentException(
                    GgufFile.ROPE_FREQUENCIES + " holds factors that config.json has no words for, wanted Llama 3.1's");
        }
    }
}
