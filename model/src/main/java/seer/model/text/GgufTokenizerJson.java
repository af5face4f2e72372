package seer.model.text;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import seer.model.load.GgufMetadata;

/// The tokenizer of a GGUF file as a tokenizer.json that means the same.
public final class GgufTokenizerJson {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String PREFIX = "tokenizer.ggml.";

    private final GgufMetadata keys;
    private final GgufTokenizer tokenizer;
    private final BpeTokenizer read;

    private GgufTokenizerJson(GgufMetadata keys) {
        this.keys = keys;
        this.tokenizer = new GgufTokenizer(keys);
        this.read = GgufTokenizer.read(keys);
    }

    /// The document.
    public static String of(GgufMetadata keys) {
        return new GgufTokenizerJson(keys).root().toString();
    }

    private static ObjectNode type(String name) {
        return MAPPER.createObjectNode().put("type", name);
    }

    private ObjectNode root() {
        ObjectNode root = MAPPER.createObjectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        List<String> tokens = tokenizer.tokens();
        for (int id = 0; id < tokens.size(); id++) {
            if (tokenizer.isAdded(id) && !tokens.get(id).isEmpty()) {
                added.addObject().put("id", id).put("content", tokens.get(id)).put("single_word", false)
                        .put("lstrip", false).put("rstrip", false).put("normalized", false)
                        .put("special", tokenizer.isSpecial(id));
            }
        }
        boolean bytes = keys.requireString(PREFIX + "model").equals("gpt2");
        if (bytes) {
            byteLevel(root);
        } else {
            sentencePiece(root);
        }
        root.set("post_processor", surroundings());
        return root;
    }

    private ObjectNode model(ObjectNode root, List<GgufTokenizer.Merge> rules) {
        ObjectNode model = type("BPE");
        root.set("model", model);
        ObjectNode vocab = model.putObject("vocab");
        List<String> tokens = tokenizer.tokens();
        for (int id = 0; id < tokens.size(); id++) {
            if (!tokenizer.isAdded(id)) {
                vocab.put(tokens.get(id), id);
            }
        }
        ArrayNode merges = model.putArray("merges");
        rules.stream().sorted(Comparator.comparingInt(GgufTokenizer.Merge::rank)).forEach(rule ->
                merges.addArray().add(tokens.get(rule.left())).add(tokens.get(rule.right())));
        return model;
    }

    private void byteLevel(ObjectNode root) {
        String pre = keys.requireString(PREFIX + "pre");
        boolean llama3 = pre.startsWith("llama");
        model(root, tokenizer.listed()).put("ignore_merges", llama3 || pre.equals("tekken"));
        if (pre.equals("qwen2")) {
            root.set("normalizer", type("NFC"));
        }
        ObjectNode sequence = type("Sequence");
        ArrayNode steps = sequence.putArray("pretokenizers");
        String regex = llama3 ? WordScanner.LLAMA3 : pre.equals("qwen2") ? WordScanner.QWEN2
                : pre.equals("tekken") ? GgufTokenizer.TEKKEN : null;
        if (regex != null) {
            ObjectNode split = steps.addObject().put("type", "Split").put("behavior", "Isolated").put("invert", false);
            split.putObject("pattern").put("Regex", regex);
        } else if (pre.equals("smollm")) {
            steps.addObject().put("type", "Digits").put("individual_digits", true);
        }
        steps.add(type("ByteLevel").put("add_prefix_space", false).put("use_regex", regex == null));
        root.set("pre_tokenizer", sequence);
        root.set("decoder", type("ByteLevel"));
    }

    private void sentencePiece(ObjectNode root) {
        ObjectNode model = model(root, tokenizer.scored()).put("byte_fallback", true).put("fuse_unk", true);
        keys.optionalInt(PREFIX + "unknown_token_id")
                .ifPresent(id -> model.put("unk_token", tokenizer.tokens().get(id)));
        boolean prefix = keys.optionalBoolean(PREFIX + "add_space_prefix").orElse(true);
        ObjectNode normalizer = type("Sequence");
        ArrayNode steps = normalizer.putArray("normalizers");
        if (prefix) {
            steps.addObject().put("type", "Prepend").put("prepend", "▁");
        }
        steps.add(replace(" ", "▁"));
        root.set("normalizer", normalizer);
        ObjectNode decoder = type("Sequence");
        ArrayNode back = decoder.putArray("decoders").add(replace("▁", " ")).add(type("ByteFallback"))
                .add(type("Fuse"));
        if (prefix) {
            back.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
        }
        root.set("decoder", decoder);
    }

    private static ObjectNode replace(String from, String to) {
        ObjectNode replace = type("Replace").put("content", to);
        replace.putObject("pattern").put("String", from);
        return replace;
    }

    /// What stands before and behind a whole text.
    private ObjectNode surroundings() {
        ObjectNode template = type("TemplateProcessing");
        ArrayNode single = template.putArray("single");
        template.putArray("pair");
        ObjectNode special = template.putObject("special_tokens");
        for (int id : read.opening()) {
            special(single, special, id);
        }
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        for (int id : read.closing()) {
            special(single, special, id);
        }
        return template;
    }

    private void special(ArrayNode single, ObjectNode tokens, int id) {
        String name = tokenizer.tokens().get(id);
        single.addObject().putObject("SpecialToken").put("id", name).put("type_id", 0);
        ObjectNode token = tokens.putObject(name).put("id", name);
        token.putArray("ids").add(id);
        token.putArray("tokens").add(name);
    }
}
