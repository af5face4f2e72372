package seer.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import seer.model.load.JsonFile;
import seer.model.load.MalformedModelException;

/// Reads a model's shape from Hugging Face's `config.json`; docs/formats.md lists what becomes of every field.
///
/// A field that changes what the model computes is read, or refused unless it holds the value that changes nothing.
final class ModelConfigFile {
    /// Switches and numbers of relatives of these families, and the value at which each changes nothing.
    private static final Map<String, Double> NEUTRAL = new TreeMap<>(Map.ofEntries(
            Map.entry("attention_multiplier", 1.0), Map.entry("embedding_multiplier", 1.0),
            Map.entry("residual_multiplier", 1.0), Map.entry("logits_scaling", 1.0), Map.entry("logit_scale", 1.0),
            Map.entry("scale_emb", 1.0), Map.entry("rotary_pct", 1.0), Map.entry("num_experts", 0.0),
            Map.entry("num_local_experts", 0.0), Map.entry("n_routed_experts", 0.0)));
    /// Switches that have to be off.
    private static final Set<String> OFF = Set.of("mlp_bias", "use_mrope", "use_qk_norm", "qk_layernorm",
            "qk_norm", "alibi", "add_cross_attention", "is_encoder_decoder", "use_bidirectional_attention",
            "rope_interleaved", "rope_interleave", "use_parallel_residual", "no_rope");
    /// What has to be absent, and why.
    private static final Map<String, String> ABSENT = new TreeMap<>(Map.of(
            "quantization_config", "nothing: quantized weights are not read",
            "quantization", "nothing: quantized weights are not read",
            "compression_config", "nothing: compressed weights are not read",
            "dual_chunk_attention_config", "nothing: attention in chunks is not computed",
            "attention_chunk_size", "nothing: attention in chunks is not computed",
            "attn_logit_softcapping", "nothing: attention scores are not capped",
            "final_logit_softcapping", "nothing: logits are not capped",
            "no_rope_layers", "nothing: every layer is rotated"));

    /// What fields about attention gates begin with.
    private static final String GATE = "seerattn_gate";

    private ModelConfigFile() { }

    static ModelConfig read(Path path) {
        var json = JsonFile.read(path);
        var family = ModelFamily.of(json);
        checkUnread(json);
        if (!json.has("hidden_size") && json.fields().stream().anyMatch(name -> name.startsWith(GATE))) {
            throw new MalformedModelException(path, "wanted the configuration of a model, got that of attention gates, "
                    + "which belong to one");
        }
        int width = json.requireInt("hidden_size");
        int heads = json.requireInt("num_attention_heads");
        int layers = json.requireInt("num_hidden_layers");
        int vocabulary = json.requireInt("vocab_size");
        int positions = json.requireInt("max_position_embeddings");
        RopeConfig rope = RopeFile.read(json, positions);
        try {
            return new ModelConfig(family.modelType(), width, layers, heads, family.groups(json, heads),
                    headWidth(json, family, width, heads), json.requireInt("intermediate_size"), vocabulary,
                    json.optionalDouble("rms_norm_eps").orElse(1e-6), context(json, family, layers, rope),
                    json.optionalBoolean("tie_word_embeddings").orElse(false), family.bias(json),
                    family.headNorm(), rope, GenerationConfigFile.endOfText(json, vocabulary));
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(path, e.getMessage(), e);
        }
    }

    /// Texts are as long as the rotation was stretched for. A window as long as the text does nothing: texts up to that
    /// length are read as if there were none, longer ones do not fit.
    private static int context(JsonFile json, ModelFamily family, int layers, RopeConfig rope) {
        int positions = stretched(json.requireInt("max_position_embeddings"), rope);
        int window = family.window(json, layers);
        return window == 0 ? positions : Math.min(positions, window);
    }

    /// Where a scaling is added to a configuration, `max_position_embeddings` is mostly left as it was: for dynamic
    /// scaling it has to be, for YaRN it may. Other scalings come with the length they are for.
    static int stretched(int positions, RopeConfig rope) {
        double length = switch (rope.scaling()) {
            case RopeConfig.Scaling.Dynamic(double factor, int context) -> factor * context;
            case RopeConfig.Scaling.Yarn yarn -> yarn.factor() * yarn.originalContext();
            default -> 0;
        };
        return (int) Math.max(positions, Math.min(length, Integer.MAX_VALUE));
    }

    private static int headWidth(JsonFile json, ModelFamily family, int width, int heads) {
        if (json.has("head_dim") || heads <= 0 || family.headWidth() > 0) {
            return json.optionalInt("head_dim").orElse(family.headWidth());
        }
        if (width % heads != 0) {
            throw json.wrong("hidden_size", "a multiple of num_attention_heads, which is " + heads
                    + ", or a head_dim", width);
        }
        return width / heads;
    }

    private static void checkUnread(JsonFile json) {
        for (String field : List.of("hidden_act", "hidden_activation")) {
            String activation = json.optionalString(field).orElse("silu");
            if (!activation.equals("silu") && !activation.equals("swish")) {
                throw json.wrong(field, "silu", activation);
            }
        }
        NEUTRAL.forEach((field, neutral) -> {
            double value = json.optionalDouble(field).orElse(neutral);
            if (value != neutral) {
                throw json.wrong(field, neutral + " or nothing", value);
            }
        });
        OFF.stream().sorted().forEach(field -> {
            if (json.optionalBoolean(field).orElse(false)) {
                throw json.wrong(field, "false", true);
            }
        });
        ABSENT.forEach(json::requireNothing);
        if (!json.optionalBoolean("is_causal").orElse(true)) {
            throw json.wrong("is_causal", "true: a position sees those before it alone", false);
        }
        json.optionalObject("auto_map").ifPresent(map -> map.fields().stream()
                .filter(name -> name.startsWith("AutoModel"))
                .forEach(name -> map.requireNothing(name,
                        "nothing: a model that comes with code of its own is not known")));
    }
}
