package seer.model.text;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import seer.model.load.JsonFile;

/// Reads what is put before and behind a whole text: from the post-processor of tokenizer.json, and from
/// `add_bos_token` and `add_eos_token` of a tokenizer_config.json beside it, which transformers goes by.
final class SurroundingsReader {
    private final JsonFile root;
    private final Map<String, Integer> ids;
    private final Map<Integer, String> tokens;

    /// @param ids    tokens by spelling, those added included
    /// @param tokens the same by id
    SurroundingsReader(JsonFile root, Map<String, Integer> ids, Map<Integer, String> tokens) {
        this.root = root;
        this.ids = ids;
        this.tokens = tokens;
    }

    Surroundings read() {
        Surroundings template = root.optionalObject("post_processor").map(this::processor).orElse(Surroundings.NONE);
        Path file = root.file().resolveSibling("tokenizer_config.json");
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return template;
        }
        JsonFile config = JsonFile.read(file);
        return new Surroundings(configured(config, "bos", template.opening()),
                configured(config, "eos", template.closing()));
    }

    private Surroundings processor(JsonFile json) {
        String type = json.requireString("type");
        return switch (type) {
            case "ByteLevel" -> {
                json.only("type", "add_prefix_space", "trim_offsets", "use_regex");
                yield Surroundings.NONE;
            }
            case "TemplateProcessing" -> template(json);
            case "Sequence" -> {
                json.only("type", "processors");
                var all = Surroundings.NONE;
                for (JsonFile each : json.objectList("processors")) {
                    var outer = processor(each);
                    all = new Surroundings(joined(outer.opening(), all.opening()),
                            joined(all.closing(), outer.closing()));
                }
                yield all;
            }
            default -> throw json.wrong("type", "null or one of ByteLevel, TemplateProcessing, Sequence", type);
        };
    }

    private static int[] joined(int[] first, int[] second) {
        return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
    }

    /// Tokens before and behind the one place of the text; how two texts are joined is nobody's concern here.
    private Surroundings template(JsonFile json) {
        json.only("type", "single", "pair", "special_tokens");
        var opening = new IntList();
        var closing = new IntList();
        boolean text = false;
        for (JsonFile piece : json.objectList("single")) {
            piece.only("SpecialToken", "Sequence");
            if (piece.has("Sequence")) {
                String id = piece.requireObject("Sequence").requireString("id");
                if (text || !id.equals("A")) {
                    throw json.wrong("single", "the text, A, once", text ? "it twice" : id);
                }
                text = true;
            } else {
                String name = piece.requireObject("SpecialToken").requireString("id");
                (text ? closing : opening).addAll(special(json, name));
            }
        }
        if (!text) {
            throw json.wrong("single", "the text, A, once", "nothing of it");
        }
        return new Surroundings(opening.toArray(), closing.toArray());
    }

    private int[] special(JsonFile json, String name) {
        List<Integer> special = json.requireObject("special_tokens").requireObject(name).intList("ids");
        for (int id : special) {
            if (!tokens.containsKey(id)) {
                throw json.wrong("special_tokens." + name + ".ids", "ids of tokens", id + ", which none has");
            }
        }
        return special.stream().mapToInt(id -> id).toArray();
    }

    /// The tokens that the template and tokenizer_config.json agree on: a file that asks for one gets it, a file that
    /// forbids what the template has is refused, since programs differ in which of the two they believe.
    private int[] configured(JsonFile config, String kind, int[] template) {
        String field = "add_" + kind + "_token";
        Optional<Boolean> asked = config.optionalBoolean(field);
        if (asked.isEmpty() || asked.get() == template.length > 0) {
            return template;
        }
        if (!asked.get()) {
            throw config.wrong(field, "true, as the post_processor of " + root.file().getFileName() + " adds tokens",
                    false);
        }
        String token = token(config, kind + "_token");
        Integer id = ids.get(token);
        if (id == null) {
            throw config.wrong(kind + "_token", "a token of " + root.file().getFileName(), token);
        }
        return new int[] {id};
    }

    /// A token is written as its text or as an object with its `content`.
    private static String token(JsonFile config, String field) {
        boolean object = config.node(field).filter(node -> node.isObject()).isPresent();
        return object ? config.requireObject(field).requireString("content") : config.requireString(field);
    }
}
