package seer.model;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// What a model family calls its tensors: everything that loading knows about a family.
///
/// Layer parts are written without their `prefix.LAYER.` and without `.weight`.
record WeightNames(String embedding, String finalNorm, String head, String prefix, String attentionNorm,
                   String query, String key, String value, String output, String feedForwardNorm, String gate,
                   String up, String down, String queryNorm, String keyNorm) {

    /// Hugging Face's names for Llama; Mistral, Qwen2 and Qwen3 use the same.
    static final WeightNames LLAMA = new WeightNames("model.embed_tokens.weight", "model.norm.weight",
            "lm_head.weight", "model.layers", "input_layernorm", "self_attn.q_proj", "self_attn.k_proj",
            "self_attn.v_proj", "self_attn.o_proj", "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj",
            "mlp.down_proj", "self_attn.q_norm", "self_attn.k_norm");

    /// Buffers that old versions of transformers saved with the weights: they follow from config.json.
    private static final Pattern BUFFER = Pattern.compile(".*\\.rotary_emb\\.inv_freq");

    /// All tensors of a layer.
    List<String> layer(int layer, boolean bias, boolean headNorm) {
        var all = new ArrayList<String>();
        for (String part : List.of(attentionNorm, query, key, value, output, feedForwardNorm, gate, up, down)) {
            all.add(layer(layer, part) + ".weight");
        }
        if (headNorm) {
            all.add(layer(layer, queryNorm) + ".weight");
            all.add(layer(layer, keyNorm) + ".weight");
        }
        if (bias) {
            for (String part : List.of(query, key, value)) {
                all.add(layer(layer, part) + ".bias");
            }
        }
        return all;
    }

    /// Whether a tensor holds nothing that the model computes with.
    static boolean isBuffer(String name) {
        return BUFFER.matcher(name).matches();
    }

    /// Whether a tensor belongs to a layer; the others are the embedding, the last norm and the head.
    boolean isOfLayer(String name) {
        return name.startsWith(prefix + ".");
    }

    /// Name of a part of a layer.
    String layer(int layer, String part) {
        return prefix + "." + layer + "." + part;
    }
}
