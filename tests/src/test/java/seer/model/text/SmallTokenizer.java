package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import seer.model.load.MalformedModelException;

/// A tokenizer.json made for one test: ids 0 to 255 are the bytes, further tokens follow.
final class SmallTokenizer {
    static final String BYTE_LEVEL = "{'type': 'ByteLevel', 'add_prefix_space': false, 'use_regex': false}";
    static final String LLAMA_3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    static final String QWEN_2 = LLAMA_3.replace("{1,3}", "");

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES).build();

    final ObjectNode root = MAPPER.createObjectNode();
    private final Path file;

    SmallTokenizer(Path folder) {
        file = folder.resolve("tokenizer.json");
        root.putArray("added_tokens");
        root.putNull("normalizer");
        root.set("pre_tokenizer", json(BYTE_LEVEL));
        root.set("decoder", json("{'type': 'ByteLevel'}"));
        root.putNull("post_processor");
        ObjectNode model = root.putObject("model").put("type", "BPE");
        ObjectNode vocab = model.putObject("vocab");
        for (int b = 0; b < 256; b++) {
            vocab.put(String.valueOf(ByteAlphabet.character(b)), b);
        }
        model.putArray("merges");
    }

    /// JSON with single quotes allowed.
    static ObjectNode json(String text) {
        try {
            return (ObjectNode) MAPPER.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    ObjectNode model() {
        return (ObjectNode) root.get("model");
    }

    ArrayNode merges() {
        return (ArrayNode) model().get("merges");
    }

    /// Adds the merge of two tokens given as plain text, and its token.
    SmallTokenizer merge(String left, String right) {
        merges().addArray().add(spell(left)).add(spell(right));
        return token(left + right);
    }

    /// Adds a token given as plain text.
    SmallTokenizer token(String text) {
        ObjectNode vocab = (ObjectNode) model().get("vocab");
        if (!vocab.has(spell(text))) {
            vocab.put(spell(text), vocab.size());
        }
        return this;
    }

    /// Adds a token beside the vocabulary; `flags` are put on top of the defaults.
    SmallTokenizer added(int id, String content, String flags) {
        ((ArrayNode) root.get("added_tokens")).addObject().put("id", id).put("content", content)
                .put("special", true).put("normalized", false).setAll(json(flags));
        return this;
    }

    SmallTokenizer preTokenizers(String... steps) {
        var list = root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        Arrays.stream(steps).map(SmallTokenizer::json).forEach(list::add);
        return this;
    }

    /// The pre-tokenizer of Llama 3 and Qwen 2: one pattern, then spelling in bytes.
    SmallTokenizer pattern(String regex, String behavior, boolean invert) {
        ObjectNode split = json("{'type': 'Split'}").put("behavior", behavior).put("invert", invert);
        split.putObject("pattern").put("Regex", regex);
        return preTokenizers(split.toString(), BYTE_LEVEL);
    }

    static String spell(String text) {
        return ByteAlphabet.spell(text.getBytes(StandardCharsets.UTF_8));
    }

    Path write() {
        try {
            return Files.writeString(file, root.toString());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    BpeTokenizer open() {
        return BpeTokenizer.open(write());
    }

    /// The text cut into tokens.
    List<String> cut(String text) {
        BpeTokenizer tokenizer = open();
        return Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::decode).toList();
    }

    /// The claim that a spoiled file is refused with a sentence that names it and holds all `parts`.
    static void refuses(Path folder, Consumer<SmallTokenizer> spoil, String... parts) {
        var tokenizer = new SmallTokenizer(folder);
        spoil.accept(tokenizer);
        var e = assertThrows(MalformedModelException.class, tokenizer::open);
        assertEquals(tokenizer.file, e.file());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), "wanted \"" + part + "\" in: " + e.getMessage());
        }
    }
}
