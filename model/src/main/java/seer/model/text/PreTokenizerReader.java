package seer.model.text;

import java.util.List;
import java.util.stream.Stream;
import seer.model.load.JsonFile;

/// Reads the part of a tokenizer.json that says how text is cut into words.
final class PreTokenizerReader {
    private PreTokenizerReader() {
    }

    /// The pre-tokenizer of a file whose words are spelled in bytes. ByteLevel must be its last step: what came after
    /// it would cut spelled bytes instead of text, and without it the vocabulary would not spell bytes.
    static PreTokenizer spelling(JsonFile root) {
        PreTokenizer preTokenizer = preTokenizer(root.requireObject("pre_tokenizer"));
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

    /// The pre-tokenizer of a file whose words are spelled in characters; one that does nothing where it has none.
    static PreTokenizer plain(JsonFile root) {
        return root.optionalObject("pre_tokenizer").map(PreTokenizerReader::preTokenizer)
                .orElse(new PreTokenizer.Sequence(List.of()));
    }

    /// Whether some step spells words in bytes.
    static boolean spells(JsonFile root) {
        return root.optionalObject("pre_tokenizer").stream().flatMap(PreTokenizerReader::flat)
                .anyMatch(json -> json.requireString("type").equals("ByteLevel"));
    }

    private static Stream<JsonFile> flat(JsonFile json) {
        return json.requireString("type").equals("Sequence")
                ? json.objectList("pretokenizers").stream().flatMap(PreTokenizerReader::flat) : Stream.of(json);
    }

    private static List<PreTokenizer> steps(PreTokenizer preTokenizer) {
        return new PreTokenizer.Sequence(List.of(preTokenizer)).flat();
    }

    private static PreTokenizer preTokenizer(JsonFile json) {
        String type = json.requireString("type");
        return switch (type) {
            case "Sequence" -> {
                json.only("type", "pretokenizers");
                json.requireNode("pretokenizers", "a list of objects");
                yield new PreTokenizer.Sequence(
                        json.objectList("pretokenizers").stream().map(PreTokenizerReader::preTokenizer).toList());
            }
            case "Digits" -> {
                json.only("type", "individual_digits");
                yield new PreTokenizer.Digits(json.optionalBoolean("individual_digits").orElse(false));
            }
            case "ByteLevel" -> {
                json.only("type", "add_prefix_space", "trim_offsets", "use_regex");
                yield new PreTokenizer.ByteLevel(json.optionalBoolean("add_prefix_space").orElse(true),
                        json.optionalBoolean("use_regex").orElse(true));
            }
            case "Split" -> {
                json.only("type", "pattern", "behavior", "invert");
                yield new PreTokenizer.Split(new Cutter(PatternReader.read(json), behavior(json),
                        json.optionalBoolean("invert").orElse(false)));
            }
            case "Punctuation" -> {
                json.only("type", "behavior");
                yield new PreTokenizer.Punctuation(json.has("behavior") ? behavior(json)
                        : Cutter.Behavior.ISOLATED);
            }
            case "Whitespace" -> {
                json.only("type");
                yield new PreTokenizer.Whitespace();
            }
            case "WhitespaceSplit" -> {
                json.only("type");
                yield new PreTokenizer.WhitespaceSplit();
            }
            case "CharDelimiterSplit" -> {
                json.only("type", "delimiter");
                yield new PreTokenizer.CharDelimiterSplit(character(json, "delimiter").codePointAt(0));
            }
            case "Metaspace" -> metaspace(json);
            default -> throw json.wrong("type", "one of Sequence, Digits, ByteLevel, Split, Punctuation, Whitespace, "
                    + "WhitespaceSplit, CharDelimiterSplit, Metaspace", type);
        };
    }

    /// Old files say `add_prefix_space` where new ones have a `prepend_scheme`.
    static PreTokenizer.Metaspace metaspace(JsonFile json) {
        json.only("type", "replacement", "prepend_scheme", "add_prefix_space", "split", "str_rep");
        String scheme = json.optionalString("prepend_scheme").orElse("always");
        boolean prefix = json.optionalBoolean("add_prefix_space").orElse(true);
        if (!prefix && json.has("prepend_scheme") && !scheme.equals("never")) {
            throw json.wrong("add_prefix_space", "true, as prepend_scheme is " + scheme, false);
        }
        var prepend = switch (prefix ? scheme : "never") {
            case "always" -> PreTokenizer.Metaspace.Prepend.ALWAYS;
            case "first" -> PreTokenizer.Metaspace.Prepend.FIRST;
            case "never" -> PreTokenizer.Metaspace.Prepend.NEVER;
            default -> throw json.wrong("prepend_scheme", "one of always, first, never", scheme);
        };
        return new PreTokenizer.Metaspace(character(json, "replacement"), prepend,
                json.optionalBoolean("split").orElse(true));
    }

    static String character(JsonFile json, String field) {
        String text = json.requireString(field);
        if (text.codePointCount(0, text.length()) != 1) {
            throw json.wrong(field, "one character", "\"" + text + "\"");
        }
        return text;
    }

    private static Cutter.Behavior behavior(JsonFile json) {
        String name = json.requireString("behavior");
        return switch (name) {
            case "Removed" -> Cutter.Behavior.REMOVED;
            case "Isolated" -> Cutter.Behavior.ISOLATED;
            case "MergedWithPrevious" -> Cutter.Behavior.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> Cutter.Behavior.MERGED_WITH_NEXT;
            case "Contiguous" -> Cutter.Behavior.CONTIGUOUS;
            default -> throw json.wrong("behavior",
                    "one of Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous", name);
        };
    }
}
