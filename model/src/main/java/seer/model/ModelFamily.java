package seer.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import seer.model.load.JsonFile;

/// The families whose forward pass is the Llama one, apart from what `config.json` says: how each is called there,
/// and what it means when a field is not there at all.
///
/// An absent field is not the same as one that is null: null asks for what the other fields lead to, absent for the
/// family's own default, which transformers leaves out of no file it writes but people do.
enum ModelFamily {
    LLAMA("LlamaForCausalLM", 0, 0), MISTRAL("MistralForCausalLM", 8, 4096), QWEN2("Qwen2ForCausalLM", 32, 4096),
    QWEN3("Qwen3ForCausalLM", 32, 4096);

    private final String architecture;
    private final int groups;
    private final int window;

    /// @param groups key/value heads of a configuration that does not say; 0: as many as query heads
    /// @param window the sliding window of one that does not say; 0: none
    ModelFamily(String architecture, int groups, int window) {
        this.architecture = architecture;
        this.groups = groups;
        this.window = window;
    }

    /// The family that a configuration names.
    static ModelFamily of(JsonFile json) {
        String name = json.requireString("model_type");
        for (ModelFamily family : values()) {
            if (family.modelType().equals(name)) {
                family.checkArchitecture(json);
                return family;
            }
        }
        var known = Arrays.stream(values()).map(ModelFamily::modelType).toList();
        throw json.wrong("model_type", "one of " + known, name);
    }

    /// Another class of the same family may have another head, other layers or no causal mask. Llama's and Mistral's
    /// do the same; the first checkpoints wrote Llama's name their own way.
    private void checkArchitecture(JsonFile json) {
        for (String name : json.stringList("architectures")) {
            boolean same = name.equalsIgnoreCase(architecture)
                    || (this == LLAMA || this == MISTRAL)
                    && (name.equals(LLAMA.architecture) || name.equals(MISTRAL.architecture));
            if (!same) {
                throw json.wrong("architectures", List.of(architecture).toString(), name);
            }
        }
    }

    /// `model_type` of config.json.
    String modelType() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether heads of queries and keys are normed.
    boolean headNorm() {
        return this == QWEN3;
    }

    /// The width of heads in a configuration that does not say; 0: the model's width divided among them.
    int headWidth() {
        return this == QWEN3 ? 128 : 0;
    }

    /// Key/value heads.
    int groups(JsonFile json, int heads) {
        return json.optionalInt("num_key_value_heads")
                .orElse(groups == 0 || json.isNull("num_key_value_heads") ? heads : groups);
    }

    /// Biases of queries, keys and values, which Qwen2 has without saying so. One of Llama's would come with another
    /// bias behind the output projection.
    boolean bias(JsonFile json) {
        if (this != QWEN2 && json.optionalBoolean("attention_bias").orElse(false)) {
            throw json.wrong("attention_bias", "false for a " + modelType()
                    + ": its output projection would have one too", true);
        }
        return this == QWEN2;
    }

    /// How many tokens back a position sees in some layer, or 0 when all layers see everything.
    ///
    /// Mistral slides in all layers whenever there is a window; Qwen2 and Qwen3 when it is switched on, from
    /// `max_window_layers` on, or in the layers that `layer_types` says. Llama's forward pass knows no window, but
    /// other programs honour one, so that it counts.
    int window(JsonFile json, int layers) {
        boolean switched = this == QWEN2 || this == QWEN3;
        int size = json.optionalInt("sliding_window").orElse(json.isNull("sliding_window") ? 0 : window);
        if (json.has("sliding_window") && size < 1) {
            throw json.wrong("sliding_window", "null or at least 1", size);
        }
        boolean used = json.optionalBoolean("use_sliding_window").orElse(!switched);
        int first = switched ? json.optionalInt("max_window_layers").orElse(28) : 0;
        List<String> types = json.stringList("layer_types");
        for (String type : types) {
            if (!type.equals("full_attention") && !type.equals("sliding_attention")) {
                throw json.wrong("layer_types", "full_attention or sliding_attention", type);
            }
        }
        boolean slides = json.has("layer_types") ? types.contains("sliding_attention") : first < layers;
        if (types.contains("sliding_attention") && (!used || size == 0)) {
            throw json.wrong("layer_types", "full_attention alone where no sliding_window is used", types);
        }
        return used && slides ? size : 0;
    }
}
