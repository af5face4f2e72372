package seer.support;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A tokenizer of single bytes, spelt as GPT-2's alphabet spells them, and of words that stand for nothing up to the
/// size of a vocabulary: what a model needs that only reads ids.
final class TinyTokenizer {
    private static final int BYTES = 256;

    private TinyTokenizer() { }

    static List<String> tokens(int vocabulary) {
        var others = new int[1];
        return IntStream.range(0, vocabulary).mapToObj(id -> id >= BYTES ? "word" + id
                : String.valueOf((char) (isPrinted(id) ? id : BYTES + others[0]++))).toList();
    }

    private static boolean isPrinted(int b) {
        return b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xFF && b != 0xAD;
    }

    static String json(int vocabulary) {
        List<String> tokens = tokens(vocabulary);
        return """
                {"added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "ByteLevel",
                 "add_prefix_space": false, "use_regex": true}, "decoder": {"type": "ByteLevel"},
                 "model": {"type": "BPE", "merges": [], "vocab": {%s}}}""".formatted(IntStream.range(0, vocabulary)
                .mapToObj(id -> '"' + tokens.get(id).replace("\\", "\\\\").replace("\"", "\\\"") + "\": " + id)
                .collect(Collectors.joining(", ")));
    }

    static void write(GgufWriter writer, int vocabulary) {
        writer.put("tokenizer.ggml.model", "gpt2").put("tokenizer.ggml.pre", "gpt-2")
                .strings("tokenizer.ggml.tokens", tokens(vocabulary))
                .ints("tokenizer.ggml.token_type", IntStream.range(0, vocabulary).map(_ -> 1).toArray())
                .strings("tokenizer.ggml.merges", List.of()).put("tokenizer.ggml.eos_token_id", 0);
    }
}
