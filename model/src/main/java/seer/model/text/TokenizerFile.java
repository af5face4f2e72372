package seer.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import seer.model.load.JsonFile;

/// Reads Hugging Face's tokenizer.json, as far as it describes byte-pair encoding; docs/formats.md lists the parts.
///
/// What it does not know it refuses, because a tokenizer that is nearly right gives a model that is
/// mysteriously bad.
final class TokenizerFile {
    /// Ids are places in arrays, and a model's vocabulary; the largest published ones end at some 260,000.
    private static final int LARGEST_ID = (1 << 24) - 1;

    private final JsonFile root;
    private final JsonFile model;
    private final Map<String, Integer> vocab;
    /// The vocabulary and the tokens added to it.
    private final Map<String, Integer> ids;
    private final Map<Integer, String> tokens = new HashMap<>();

    TokenizerFile(Path file) {
        root = JsonFile.read(file);
        model = root.requireObject("model");
        checkModel();
        model.requireObject("vocab");
        vocab = model.intMap("vocab");
        ids = new HashMap<>(vocab);
    }

    BpeTokenizer tokenizer() {
        checkRoot();
        Merges merges = merges();
        int unknown = model.optionalString("unk_token").map(token -> known("unk_token", token)).orElse(-1);
        ids.forEach((token, id) -> claim(id, token, model, "vocab[\"" + token + "\"]"));
        List<AddedTokens.Token> added = addedTokens();
        var normalizer = NormalizerReader.read(root);
        boolean bytes = PreTokenizerReader.spells(root) || DecoderReader.spells(root);
        var settings = new BytePairs.Settings(bytes, model.optionalBoolean("ignore_merges").orElse(false),
                model.optionalBoolean("byte_fallback").orElse(false), unknown,
                model.optionalBoolean("fuse_unk").orElse(false));
        Set<String> plain = new HashSet<>(added.stream().map(AddedTokens.Token::content).toList());
        var vocabulary = new Vocabulary(ids, plain,
                bytes ? DecoderReader.spelling(root) : DecoderReader.plain(root));
        return new BpeTokenizer(vocabulary, new BytePairs(vocab, merges, settings),
                bytes ? PreTokenizerReader.spelling(root) : PreTokenizerReader.plain(root),
                new AddedTokens(added.stream().filter(token -> !token.normalized()).toList()),
                new AddedTokens(added.stream().filter(AddedTokens.Token::normalized)
                        .map(token -> token.with(normalizer.apply(whole(token.content())).text())).toList()),
                normalizer, new SurroundingsReader(root, ids, tokens).read());
    }

    private static Piece whole(String text) {
        return new Piece(text, true, WorkLimit.of(text.length()));
    }

    // -- the file and its model --

    private void checkRoot() {
        root.only("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor",
                "decoder", "model");
        String version = root.optionalString("version").orElse("1.0");
        if (!version.equals("1.0")) {
            throw root.wrong("version", "1.0", version);
        }
        root.requireNothing("truncation", "null: a text is read whole or refused");
        root.optionalObject("padding").ifPresent(padding -> {
            boolean longest = padding.node("strategy").filter(JsonNode::isTextual).isPresent()
                    && padding.requireString("strategy").equals("BatchLongest");
            if (!longest || padding.has("pad_to_multiple_of")) {
                throw root.wrong("padding", "null, or what leaves a single text as it is",
                        padding.node("strategy").map(JsonNode::toString).orElse("nothing"));
            }
        });
    }

    private void checkModel() {
        String type = model.optionalString("type").orElse("BPE");
        if (!type.equals("BPE")) {
            throw model.wrong("type", "BPE", type);
        }
        model.only("type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
                "byte_fallback", "ignore_merges", "vocab", "merges");
        double dropout = model.optionalDouble("dropout").orElse(0);
        if (dropout != 0) {
            throw model.wrong("dropout", "none, since ids must not be random", dropout);
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            String text = model.optionalString(affix).orElse("");
            if (!text.isEmpty()) {
                throw model.wrong(affix, "none, since a word's parts are spelled as the word is", text);
            }
        }
    }

    private Merges merges() {
        JsonNode list = model.node("merges").filter(JsonNode::isArray).orElseThrow(
                () -> model.wrong("merges", "a list", model.node("merges").map(JsonNode::toString).orElse("nothing")));
        var merges = new Merges();
        for (int rank = 0; rank < list.size(); rank++) {
            String[] pair = pair(list.get(rank));
            String field = "merges[" + rank + "]";
            if (pair.length != 2) {
                throw model.wrong(field, "two tokens, as \"a b\" or [\"a\", \"b\"]", list.get(rank));
            }
            merges.add(known(field, pair[0]), known(field, pair[1]), rank, known(field, pair[0] + pair[1]));
        }
        return merges;
    }

    private static String[] pair(JsonNode merge) {
        if (merge.isTextual()) {
            return merge.textValue().split(" ", -1);
        }
        boolean strings = merge.isArray() && merge.valueStream().allMatch(JsonNode::isTextual);
        return strings ? merge.valueStream().map(JsonNode::textValue).toArray(String[]::new) : new String[0];
    }

    private int known(String field, String token) {
        Integer id = ids.get(token);
        if (id == null) {
            throw model.wrong(field, "tokens of the vocabulary", "\"" + token + "\", which is not in it");
        }
        return id;
    }

    // -- vocabulary and added tokens --

    private void claim(int id, String token, JsonFile json, String field) {
        if (id < 0 || id > LARGEST_ID) {
            throw json.wrong(field, id < 0 ? "an id of at least 0" : "an id of at most " + LARGEST_ID, id);
        }
        String other = tokens.putIfAbsent(id, token);
        if (other != null && !other.equals(token)) {
            throw json.wrong(field, "an id of its own", id + ", which \"" + other + "\" has");
        }
    }

    private List<AddedTokens.Token> addedTokens() {
        var added = new ArrayList<AddedTokens.Token>();
        for (JsonFile json : root.objectList("added_tokens")) {
            json.only("id", "content", "special", "single_word", "lstrip", "rstrip", "normalized");
            int id = json.requireInt("id");
            String content = json.requireString("content");
            if (content.isEmpty()) {
                throw json.wrong("content", "some text", "\"\"");
            }
            claim(id, content, json, "id");
            Integer other = ids.putIfAbsent(content, id);
            if (other != null && other != id) {
                throw json.wrong("id", other + ", the id of \"" + content + "\" in the vocabulary", id);
            }
            boolean special = json.optionalBoolean("special").orElse(false);
            added.add(new AddedTokens.Token(id, content, special,
                    json.optionalBoolean("single_word").orElse(false),
                    json.optionalBoolean("lstrip").orElse(false),
                    json.optionalBoolean("rstrip").orElse(false),
                    json.optionalBoolean("normalized").orElse(!special)));
        }
        return added;
    }
}
