package seer.model;

import java.nio.file.Path;
import java.util.Set;
import seer.model.load.JsonFile;
import seer.model.load.MalformedModelException;

/// Reads a model's shape from Hugging Face's `config.json`.
final class ModelConfigFile {
    /// Families whose forward pass is the Llama one, apart from what the configuration says.
    private static final Set<String> FAMILIES = Set.of("llama", "mistral", "qwen2");

    private ModelConfigFile() { }

    static ModelConfig read(Path path) {
        var json = JsonFile.read(path);
        String family = json.requireString("model_type");
        if (!FAMILIES.contains(family)) {
            throw json.wrong("model_type", "one of " + FAMILIES.stream().sorted().toList(), family);
        }
        String activation = json.optionalString("hidden_act").orElse("silu");
        if (!activation.equals("silu")) {
            throw json.wrong("hidden_act", "silu", activation);
        }
        if (json.optionalBoolean("mlp_bias").orElse(false)) {
            throw json.wrong("mlp_bias", "false", true);
        }
        checkWindow(json);
        int width = json.requireInt("hidden_size");
        int heads = json.requireInt("num_attention_heads");
        try {
            return new ModelConfig(family, width, json.requireInt("num_hidden_layers"), heads,
                    json.optionalInt("num_key_value_heads").orElse(heads),
                    json.optionalInt("head_dim").orElse(heads > 0 ? width / heads : 0),
                    json.requireInt("intermediate_size"), json.requireInt("vocab_size"),
                    json.optionalDouble("rms_norm_eps").orElse(1e-6), json.requireInt("max_position_embeddings"),
                    json.optionalBoolean("tie_word_embeddings").orElse(false), bias(json, family), rope(json),
                    json.intList("eos_token_id"));
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(path, e.getMessage(), e);
        }
    }

    /// Qwen2 adds biases to queries, keys and values without saying so.
    private static boolean bias(JsonFile json, String family) {
        if (family.equals("llama") && json.optionalBoolean("attention_bias").orElse(false)) {
            throw json.wrong("attention_bias", "false for a llama: its output projection would have one too", true);
        }
        return family.equals("qwen2");
    }

    private static void checkWindow(JsonFile json) {
        boolean used = json.optionalBoolean("use_sliding_window").orElse(json.requireString("model_type")
                .equals("mistral"));
        if (used && json.optionalInt("sliding_window").isPresent()) {
            throw json.wrong("sliding_window", "null: sliding windows are not supported",
                    json.requireInt("sliding_window"));
        }
    }

    private static RopeConfig rope(JsonFile json) {
        double theta = json.optionalDouble("rope_theta").orElse(10_000);
        var scaling = json.optionalObject("rope_scaling");
        return new RopeConfig(theta, scaling.isEmpty() ? new RopeConfig.Scaling.None() : scaling(scaling.get()));
    }

    private static RopeConfig.Scaling scaling(JsonFile json) {
        String type = json.optionalString("rope_type").or(() -> json.optionalString("type")).orElse("default");
        return switch (type) {
            case "default" -> new RopeConfig.Scaling.None();
            case "linear" -> new RopeConfig.Scaling.Linear(json.requireDouble("factor"));
            case "llama3" -> new RopeConfig.Scaling.Llama3(json.requireDouble("factor"),
                    json.requireDouble("low_freq_factor"), json.requireDouble("high_freq_factor"),
                    json.requireDouble("original_max_position_embeddings"));
            default -> throw json.wrong("rope_type", "default, linear or llama3", type);
        };
    }
}
