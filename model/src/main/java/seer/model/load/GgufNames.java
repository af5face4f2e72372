package seer.model.load;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What llama.cpp calls the tensors of a model, and what Hugging Face does.
final class GgufNames {
    private static final Map<String, String> OUTSIDE = Map.of("token_embd.weight", "model.embed_tokens.weight",
            "output_norm.weight", "model.norm.weight", "output.weight", "lm_head.weight");
    private static final Map<String, String> INSIDE = Map.ofEntries(Map.entry("attn_norm", "input_layernorm"),
            Map.entry("attn_q", "self_attn.q_proj"), Map.entry("attn_k", "self_attn.k_proj"),
            Map.entry("attn_v", "self_attn.v_proj"), Map.entry("attn_output", "self_attn.o_proj"),
            Map.entry("attn_q_norm", "self_attn.q_norm"), Map.entry("attn_k_norm", "self_attn.k_norm"),
            Map.entry("ffn_norm", "post_attention_layernorm"), Map.entry("ffn_gate", "mlp.gate_proj"),
            Map.entry("ffn_up", "mlp.up_proj"), Map.entry("ffn_down", "mlp.down_proj"));
    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d{1,6})\\.(\\w+)\\.(weight|bias)");

    private GgufNames() {
    }

    /// Hugging Face's name for a tensor of llama.cpp's.
    static Optional<String> huggingFace(String name) {
        if (OUTSIDE.containsKey(name)) {
            return Optional.of(OUTSIDE.get(name));
        }
        Matcher layer = LAYER.matcher(name);
        if (!layer.matches() || !INSIDE.containsKey(layer.group(2))) {
            return Optional.empty();
        }
        return Optional.of("model.layers." + layer.group(1) + "." + INSIDE.get(layer.group(2)) + "."
                + layer.group(3));
    }

    /// llama.cpp's name for a tensor of Hugging Face's; the same name where it has none.
    static String llamaCpp(String name) {
        for (var each : OUTSIDE.entrySet()) {
            if (each.getValue().equals(name)) {
                return each.getKey();
            }
        }
        String[] parts = name.split("\\.");
        if (parts.length > 4 && name.startsWith("model.layers.")) {
            String inside = name.substring(name.indexOf(parts[2]) + parts[2].length() + 1, name.lastIndexOf('.'));
            for (var each : INSIDE.entrySet()) {
                if (each.getValue().equals(inside)) {
                    return "blk." + parts[2] + "." + each.getKey() + name.substring(name.lastIndexOf('.'));
                }
            }
        }
        return name;
    }

    /// Whether a tensor is a vector: norms, biases and factors of frequencies are, all else is matrices.
    static boolean isVector(String name) {
        return name.equals(GgufFile.ROPE_FREQUENCIES) || name.endsWith("norm.weight") || name.endsWith(".bias");
    }

    /// Whether the rows of a tensor are those of queries or keys, which llama.cpp orders its own way for `llama`.
    static boolean isRotated(String name) {
        Matcher layer = LAYER.matcher(name);
        return layer.matches() && (layer.group(2).equals("attn_q") || layer.group(2).equals("attn_k"));
    }
}
