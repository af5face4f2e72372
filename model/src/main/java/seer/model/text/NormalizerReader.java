package seer.model.text;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import seer.model.load.JsonFile;

/// Reads the part of a tokenizer.json that says how text is changed before it is cut.
final class NormalizerReader {
    private static final List<String> FORMS = Arrays.stream(Normalizer.Form.values()).map(Enum::name).toList();
    private static final List<String> OTHERS = List.of("Lowercase", "Strip", "Prepend", "Replace", "Sequence");

    private NormalizerReader() {
    }

    /// The normaliser of a file; one that does nothing where it has none.
    static TextNormalizer read(JsonFile root) {
        return root.optionalObject("normalizer").map(NormalizerReader::normalizer)
                .orElse(new TextNormalizer.Sequence(List.of()));
    }

    private static TextNormalizer normalizer(JsonFile json) {
        String type = json.requireString("type");
        return switch (type) {
            case "Sequence" -> {
                json.only("type", "normalizers");
                json.requireNode("normalizers", "a list of objects");
                yield new TextNormalizer.Sequence(
                        json.objectList("normalizers").stream().map(NormalizerReader::normalizer).toList());
            }
            case "Lowercase" -> {
                json.only("type");
                yield new TextNormalizer.Lowercase();
            }
            case "Strip" -> {
                json.only("type", "strip_left", "strip_right");
                yield new TextNormalizer.Strip(json.requireBoolean("strip_left"), json.requireBoolean("strip_right"));
            }
            case "Prepend" -> {
                json.only("type", "prepend");
                yield new TextNormalizer.Prepend(json.requireString("prepend"));
            }
            case "Replace" -> {
                json.only("type", "pattern", "content");
                yield new TextNormalizer.Replace(PatternReader.read(json), json.requireString("content"));
            }
            default -> {
                if (!FORMS.contains(type)) {
                    throw json.wrong("type", "null or one of "
                            + Stream.concat(FORMS.stream(), OTHERS.stream()).toList(), type);
                }
                json.only("type");
                yield new TextNormalizer.Form(Normalizer.Form.valueOf(type));
            }
        };
    }
}
