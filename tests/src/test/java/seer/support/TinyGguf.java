package seer.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import seer.model.load.DType;

/// A [TinyModel] as a GGUF file, the way llama.cpp's converter writes one: its names, its order of query and key rows,
/// norms and biases in 32 bits. The model's weights are rounded to the type on the way, so that it stays the oracle.
public final class TinyGguf {
    private static final Map<String, String> PARTS = Map.ofEntries(Map.entry("input_layernorm", "attn_norm"),
            Map.entry("post_attention_layernorm", "ffn_norm"), Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"), Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.o_proj", "attn_output"), Map.entry("self_attn.q_norm", "attn_q_norm"),
            Map.entry("self_attn.k_norm", "attn_k_norm"), Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"), Map.entry("mlp.down_proj", "ffn_down"));

    private TinyGguf() { }

    /// All tensors of a type.
    public static GgufWriter of(TinyModel tiny, DType type) {
        return of(tiny, _ -> type);
    }

    /// Each tensor of the type that its Hugging Face name is given.
    public static GgufWriter of(TinyModel tiny, Function<String, DType> types) {
        String arch = tiny.family().equals("mistral") ? "llama" : tiny.family();
        var writer = new GgufWriter().put("general.architecture", arch)
                .put(arch + ".block_count", tiny.layers())
                .put(arch + ".embedding_length", tiny.width()).put(arch + ".feed_forward_length", tiny.feedForward())
                .put(arch + ".attention.head_count", tiny.heads())
                .put(arch + ".attention.head_count_kv", tiny.groups())
                .put(arch + ".attention.key_length", tiny.headWidth())
                .put(arch + ".attention.value_length", tiny.headWidth())
                .put(arch + ".attention.layer_norm_rms_epsilon", 1e-5f);
        tiny.rope().write(writer, arch, tiny.headWidth());
        if (tiny.hasDemoTokenizer()) {
            tokenizer(writer);
        } else {
            TinyTokenizer.write(writer, tiny.vocabulary());
        }
        tiny.weights().forEach((name, weights) -> {
            int[] shape = tiny.shape(name, weights.length);
            boolean turned = arch.equals("llama") && (name.contains("q_proj") || name.contains("k_proj"));
            int inputs = shape[shape.length - 1];
            float[] rows = turned ? neighbours(weights, tiny.headWidth(), inputs) : weights;
            writer.tensor(llamaCpp(name), shape.length == 1 ? DType.F32 : types.apply(name), rows, shape);
            if (turned) {
                System.arraycopy(halves(rows, tiny.headWidth(), inputs), 0, weights, 0, weights.length);
            }
        });
        return writer;
    }

    /// The same as if it had been trained to talk, in ChatML's form; its vocabulary is of bytes and other words.
    public static GgufWriter talking(TinyModel tiny, DType type) {
        int count = tiny.vocabulary();
        var tokens = new ArrayList<>(TinyTokenizer.tokens(count));
        tokens.set(count - 2, "<|im_start|>");
        tokens.set(count - 1, "<|im_end|>");
        return of(tiny, type).strings("tokenizer.ggml.tokens", tokens)
                .ints("tokenizer.ggml.token_type", IntStream.range(0, count).map(i -> i < count - 2 ? 1 : 3).toArray())
                .put("tokenizer.chat_template",
                        "{% for message in messages %}{{'<|im_start|>' + message['role']}}{% endfor %}");
    }

    /// What llama.cpp calls a tensor of Hugging Face's name.
    public static String llamaCpp(String name) {
        return switch (name) {
            case "model.embed_tokens.weight" -> "token_embd.weight";
            case "model.norm.weight" -> "output_norm.weight";
            case "lm_head.weight" -> "output.weight";
            default -> {
                String[] words = name.split("\\.", 4);
                int end = words[3].lastIndexOf('.');
                yield "blk." + words[2] + "." + PARTS.get(words[3].substring(0, end)) + words[3].substring(end);
            }
        };
    }

    /// Rows `i` and `i + D / 2` of each head beside each other.
    private static float[] neighbours(float[] rows, int headWidth, int inputs) {
        return moved(rows, headWidth, inputs, row -> row % 2 * (headWidth / 2) + row / 2);
    }

    private static float[] halves(float[] rows, int headWidth, int inputs) {
        return moved(rows, headWidth, inputs, row -> row % (headWidth / 2) * 2 + row / (headWidth / 2));
    }

    private static float[] moved(float[] rows, int headWidth, int inputs, Function<Integer, Integer> from) {
        var moved = new float[rows.length];
        for (int row = 0; row < rows.length / inputs; row++) {
            int head = row / headWidth * headWidth;
            System.arraycopy(rows, (head + from.apply(row % headWidth)) * inputs, moved, row * inputs, inputs);
        }
        return moved;
    }

    /// The demo model's tokenizer.
    public static void tokenizer(GgufWriter writer) {
        JsonNode json;
        try {
            json = new JsonMapper().readTree(Demo.MODEL.resolve("tokenizer.json").toFile());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        JsonNode vocab = json.get("model").get("vocab");
        var tokens = new String[vocab.size()];
        vocab.properties().forEach(entry -> tokens[entry.getValue().intValue()] = entry.getKey());
        var merges = new ArrayList<String>();
        json.get("model").get("merges").forEach(pair ->
                merges.add(pair.get(0).textValue() + " " + pair.get(1).textValue()));
        writer.put("tokenizer.ggml.model", "gpt2").put("tokenizer.ggml.pre", "smollm")
                .strings("tokenizer.ggml.tokens", List.of(tokens))
                .ints("tokenizer.ggml.token_type", IntStream.range(0, tokens.length).map(i -> i == 0 ? 3 : 1).toArray())
                .strings("tokenizer.ggml.merges", merges).put("tokenizer.ggml.eos_token_id", 0);
    }
}
