package seer.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import seer.model.load.JsonFile;

/// Reads Hugging Face's tokenizer.json, as far as it describes byte-level byte-pair encoding.
///
/// What it does not know it refuses, because a tokenizer that is nearly right gives a model that is
/// mysteriously bad. The post-processor is not read: this project adds no tokens on its own.
final class TokenizerFile {
    private final JsonFile root;
    private final JsonFile model;
    private final Map<String, Integer> ids;
    private final Map<Integer, String> tokens = new HashMap<>();

    TokenizerFile(Path file) {
        root = JsonFile.read(file);
        model = root.requireObject("model");
        model.requireObject("vocab");
        ids = new HashMap<>(model.intMap("vocab"));
    }

    BpeTokenizer tokenizer() {
        checkModel();
        checkDecoder();
        Merges merges = merges();
        ids.forEach((token, id) -> claim(id, token, model, "vocab[\"" + token + "\"]"));
        List<AddedTokens.Token> added = addedTokens();
        Optional<Normalizer.Form> normalizer = normalizer();
        PreTokenizer preTokenizer = byteLevel();
        return new BpeTokenizer(vocabulary(added), merges, preTokenizer,
                new AddedTokens(added.stream().filter(token -> !token.normalized()).toList()),
                new AddedTokens(added.stream().filter(AddedTokens.Token::normalized)
                        .map(token -> normalized(token, normalizer)).toList()),
                normalizer, model.optionalBoolean("ignore_merges").orElse(false));
    }

    // -- model --

    private void checkModel() {
        String type = model.optionalString("type").orElse("BPE");
        if (!type.equals("BPE")) {
            throw model.wrong("type", "BPE", type);
        }
        double dropout = model.optionalDouble("dropout").orElse(0);
        if (dropout != 0) {
            throw model.wrong("dropout", "none, since ids must not be random", dropout);
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            String text = model.optionalString(affix).orElse("");
            if (!text.isEmpty()) {
                throw model.wrong(affix, "none, since bytes spell the words", text);
            }
        }
        if (model.optionalBoolean("byte_fallback").orElse(false)) {
            throw model.wrong("byte_fallback", "false, since every word is bytes already", true);
        }
    }

    private void checkDecoder() {
        root.optionalObject("decoder").ifPresent(decoder -> {
            String type = decoder.requireString("type");
            if (!type.equals("ByteLevel")) {
                throw decoder.wrong("type", "ByteLevel", type);
            }
        });
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
        if (id < 0) {
            throw json.wrong(field, "an id of at least 0", id);
        }
        String other = tokens.putIfAbsent(id, token);
        if (other != null && !other.equals(token)) {
            throw json.wrong(field, "an id of its own", id + ", which \"" + other + "\" has");
        }
    }

    private List<AddedTokens.Token> addedTokens() {
        var added = new ArrayList<AddedTokens.Token>();
        for (JsonFile json : root.objectList("added_tokens")) {
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

    private Vocabulary vocabulary(List<AddedTokens.Token> added) {
        var plain = new HashMap<String, byte[]>();
        added.forEach(token -> plain.put(token.content(), token.content().getBytes(StandardCharsets.UTF_8)));
        int unknown = model.optionalString("unk_token").map(token -> known("unk_token", token)).orElse(-1);
        return new Vocabulary(ids, plain, unknown);
    }

    // -- text before merging --

    private Optional<Normalizer.Form> normalizer() {
        Optional<JsonFile> json = root.optionalObject("normalizer");
        if (json.isEmpty()) {
            return Optional.empty();
        }
        String type = json.get().requireString("type");
        for (Normalizer.Form form : Normalizer.Form.values()) {
            if (form.name().equals(type)) {
                return Optional.of(form);
            }
        }
        throw json.get().wrong("type", "null or one of " + Arrays.toString(Normalizer.Form.values()), type);
    }

    private static AddedTokens.Token normalized(AddedTokens.Token token, Optional<Normalizer.Form> normalizer) {
        String content = normalizer.map(form -> Normalizer.normalize(token.content(), form)).orElse(token.content());
        return new AddedTokens.Token(token.id(), content, token.special(), token.singleWord(), token.leftStrip(),
                token.rightStrip(), true);
    }

    /// The pre-tokenizer, of which ByteLevel must be the last step: what came after it would cut
    /// spelled bytes instead of text, and without it the vocabulary would not spell bytes.
    private PreTokenizer byteLevel() {
        JsonFile json = root.requireObject("pre_tokenizer");
        PreTokenizer preTokenizer = preTokenizer(json);
        List<PreTokenizer> steps = steps(preTokenizer);
        for (int i = 0; i < steps.size(); i++) {
            boolean last = i == steps.size() - 1;
            if (steps.get(i) instanceof PreTokenizer.ByteLevel != last) {
                throw root.wrong("pre_tokenizer", "ByteLevel as the last step and only there",
                        steps.stream().map(step -> step.getClass().getSimpleName()).toList());
            }
        }
        if (steps.isEmpty()) {
            throw root.wrong("pre_tokenizer", "ByteLevel as the last step", "no steps");
        }
        return preTokenizer;
    }

    private static List<PreTokenizer> steps(PreTokenizer preTokenizer) {
        return preTokenizer instanceof PreTokenizer.Sequence sequence
                ? sequence.steps().stream().flatMap(step -> steps(step).stream()).toList()
                : List.of(preTokenizer);
    }

    private static PreTokenizer preTokenizer(JsonFile json) {
        String type = json.requireString("type");
        return switch (type) {
            case "Sequence" -> new PreTokenizer.Sequence(
                    json.objectList("pretokenizers").stream().map(TokenizerFile::preTokenizer).toList());
            case "Digits" -> new PreTokenizer.Digits(json.optionalBoolean("individual_digits").orElse(false));
            case "ByteLevel" -> new PreTokenizer.ByteLevel(json.optionalBoolean("add_prefix_space").orElse(true),
                    json.optionalBoolean("use_regex").orElse(true));
            case "Split" -> split(json);
            default -> throw json.wrong("type", "one of Sequence, Digits, ByteLevel, Split", type);
        };
    }

    private static PreTokenizer split(JsonFile json) {
        JsonFile pattern = json.requireObject("pattern");
        boolean literal = pattern.has("String");
        String text = literal ? pattern.requireString("String") : pattern.requireString("Regex");
        String name = json.requireString("behavior");
        PreTokenizer.Behavior behavior = switch (name) {
            case "Removed" -> PreTokenizer.Behavior.REMOVED;
            case "Isolated" -> PreTokenizer.Behavior.ISOLATED;
            case "MergedWithPrevious" -> PreTokenizer.Behavior.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> PreTokenizer.Behavior.MERGED_WITH_NEXT;
            case "Contiguous" -> PreTokenizer.Behavior.CONTIGUOUS;
            default -> throw json.wrong("behavior",
                    "one of Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous", name);
        };
        try {
            var compiled = literal ? Pattern.compile(text, Pattern.LITERAL)
                    : PreTokenizer.compile(text);
            return new PreTokenizer.Split(compiled, behavior, json.optionalBoolean("invert").orElse(false));
        } catch (PatternSyntaxException e) {
            throw pattern.wrong("Regex", "a regular expression", e.getDescription() + " in " + text);
        }
    }
}
