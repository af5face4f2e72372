package seer.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import seer.model.load.DType;
import seer.model.load.SafetensorsWriter;

/// A small transformer with random weights, written as a model folder; the weights stay at hand for references.
///
/// @param family  `llama`, `mistral`, `qwen2`, which has biases, or `qwen3`, which norms heads
/// @param rope    how positions become angles
/// @param weights by Hugging Face name, row-major
public record TinyModel(String family, int width, int layers, int heads, int groups, int headWidth, int feedForward,
                        int vocabulary, boolean tied, PlainRope rope, Map<String, float[]> weights) {

    private static final int DEMO = 4096; // the demo model's vocabulary

    public static TinyModel random(String family, int heads, int groups, int headWidth, boolean tied) {
        return random(family, 24, 40, heads, groups, headWidth, tied);
    }

    public static TinyModel random(String family, int width, int feedForward, int heads, int groups, int headWidth,
                                   boolean tied) {
        return random(family, DEMO, width, feedForward, heads, groups, headWidth, tied);
    }

    /// With other vocabularies than the demo model's it has a tokenizer of bytes.
    public static TinyModel random(String family, int vocabulary, int width, int feedForward, int heads, int groups,
                                   int headWidth, boolean tied) {
        return random(family, width, feedForward, vocabulary, heads, groups, headWidth, tied, PlainRope.plain(10_000));
    }

    public static TinyModel random(String family, int width, int feedForward, int vocabulary, int heads, int groups,
                                   int headWidth, boolean tied, PlainRope rope) {
        var model = new TinyModel(family, width, 2, heads, groups, headWidth, feedForward, vocabulary, tied, rope,
                new LinkedHashMap<>());
        model.fill(new SplittableRandom(heads * 31L + groups * 7L + headWidth));
        return model;
    }

    private void fill(SplittableRandom random) {
        add(random, "model.embed_tokens.weight", vocabulary * width, 1);
        for (int l = 0; l < layers; l++) {
            String p = "model.layers." + l + ".";
            add(random, p + "input_layernorm.weight", width, 1);
            add(random, p + "post_attention_layernorm.weight", width, 1);
            projection(random, p + "self_attn.q_proj", heads * headWidth);
            projection(random, p + "self_attn.k_proj", groups * headWidth);
            projection(random, p + "self_attn.v_proj", groups * headWidth);
            if (family.equals("qwen3")) {
                add(random, p + "self_attn.q_norm.weight", headWidth, 1.5);
                add(random, p + "self_attn.k_norm.weight", headWidth, 1.5);
            }
            add(random, p + "self_attn.o_proj.weight", width * heads * headWidth, 0.3);
            add(random, p + "mlp.gate_proj.weight", feedForward * width, 0.3);
            add(random, p + "mlp.up_proj.weight", feedForward * width, 0.3);
            add(random, p + "mlp.down_proj.weight", width * feedForward, 0.3);
        }
        add(random, "model.norm.weight", width, 1);
        if (!tied) {
            add(random, "lm_head.weight", vocabulary * width, 0.3);
        }
    }

    private void projection(SplittableRandom random, String name, int outputs) {
        add(random, name + ".weight", outputs * width, 0.4 * Math.sqrt(24.0 / width));
        if (family.equals("qwen2")) {
            add(random, name + ".bias", outputs, 0.5);
        }
    }

    private void add(SplittableRandom random, String name, int size, double scale) {
        var values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) ((random.nextDouble() * 2 - 1) * scale);
        }
        weights.put(name, values);
    }

    /// Writes config.json, tokenizer.json (the demo model's) and model.safetensors.
    public Path write(Path folder) throws IOException {
        describe(folder);
        var writer = new SafetensorsWriter();
        weights.forEach((name, values) -> writer.add(name, DType.F32, values, shape(name, values.length)));
        writer.write(folder.resolve("model.safetensors"));
        return folder;
    }

    /// Writes all but the weights.
    void describe(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "%s", "hidden_size": %d, "num_hidden_layers": %d, "num_attention_heads": %d,
                 "num_key_value_heads": %d, "head_dim": %d, "intermediate_size": %d, "vocab_size": %d,
                 "rms_norm_eps": 1e-5, %s, "max_position_embeddings": %d, "sliding_window": null,
                 "tie_word_embeddings": %s, "eos_token_id": 0}
                """.formatted(family, width, layers, heads, groups, headWidth, feedForward, vocabulary, rope.json(),
                rope.positions(), tied));
        if (hasDemoTokenizer()) {
            Files.copy(Demo.MODEL.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        } else {
            Files.writeString(folder.resolve("tokenizer.json"), TinyTokenizer.json(vocabulary));
        }
    }

    boolean hasDemoTokenizer() {
        return vocabulary == DEMO;
    }

    /// Extents of a tensor, outermost first.
    public int[] shape(String name, int size) {
        if (name.endsWith("norm.weight") || name.endsWith(".bias") || name.endsWith(".inv_freq")) {
            return new int[] {size};
        }
        int inputs = name.endsWith("o_proj.weight") ? heads * headWidth
                : name.endsWith("down_proj.weight") ? feedForward : width;
        return new int[] {size / inputs, inputs};
    }
}
