package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import seer.model.load.MalformedModelException;

/// Patterns and whole tokenizers drawn at random, and what Hugging Face's tokenizers 0.23.2 makes of random texts with
/// them: every kind of normaliser, pre-tokenizer, decoder and flag that is read.
class HuggingFaceTest {
    private static final Path DATA = Path.of("tests/src/test/resources/tokenizers");
    private static final JsonMapper MAPPER = new JsonMapper();

    @TempDir
    private Path folder;

    private static Stream<JsonNode> cases(String file) throws IOException {
        return MAPPER.readTree(DATA.resolve(file).toFile()).valueStream();
    }

    @TestFactory
    Stream<DynamicTest> patternsMeanWhatTheyMeanToOniguruma() throws IOException {
        return cases("patterns.json").map(each -> DynamicTest.dynamicTest(each.get("pattern").toString(), () -> {
            var pattern = OnigurumaPattern.compile(each.get("pattern").textValue(),
                    got -> new MalformedModelException(Path.of("tokenizer.json"), got));
            each.get("texts").properties().forEach(text -> assertEquals(
                    MAPPER.convertValue(text.getValue(), List.class), words(pattern, text.getKey()), text.getKey()));
        }));
    }

    private static List<String> words(TextPattern pattern, String text) {
        var words = new ArrayList<String>();
        new Cutter(pattern, Cutter.Behavior.ISOLATED, false)
                .cut(new Piece(text, true, WorkLimit.of(text.length())), word -> words.add(word.text()));
        return words;
    }

    @TestFactory
    Stream<DynamicTest> tokenizersGiveTheSameIds() throws IOException {
        return cases("tokenizers.json").map(each -> DynamicTest.dynamicTest(each.get("parts").toString(), () -> {
            BpeTokenizer tokenizer = BpeTokenizer.open(write(each));
            for (JsonNode text : each.get("texts")) {
                int[] ids = tokenizer.encode(text.get(0).textValue());
                assertArrayEquals(MAPPER.convertValue(text.get(1), int[].class), tokenizer.whole(ids),
                        text.get(0).textValue());
                String decoded = tokenizer.decode(ids);
                assertEquals(decoded, streamed(tokenizer, ids));
                if (!text.get(2).isNull()) {
                    assertEquals(text.get(2).textValue(), decoded);
                }
            }
        }));
    }

    private static String streamed(BpeTokenizer tokenizer, int[] ids) {
        var decoder = new StreamDecoder(tokenizer);
        var text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.add(id));
        }
        return text.append(decoder.finish()).toString();
    }

    /// The vocabulary is that of all bytes less some, then the tokens listed.
    private Path write(JsonNode each) throws IOException {
        ObjectNode root = each.get("parts").deepCopy();
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.setAll((ObjectNode) each.get("settings"));
        model.set("merges", each.get("merges"));
        ObjectNode vocab = model.putObject("vocab");
        List<?> missing = MAPPER.convertValue(each.get("missing"), List.class);
        for (int b = 0; b < 256; b++) {
            if (!missing.contains(b)) {
                vocab.put(each.get("bytes").booleanValue() ? String.valueOf(ByteAlphabet.character(b))
                        : "<0x%02X>".formatted(b), vocab.size());
            }
        }
        each.get("tokens").forEach(token -> vocab.put(token.textValue(), vocab.size()));
        return Files.writeString(folder.resolve("tokenizer.json"), root.toString());
    }
}
