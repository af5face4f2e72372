package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.load.MalformedModelException;

/// The scanner by hand against the engine, for each of its patterns.
class WordScannerTest {
    private static final String[] ALL = {WordScanner.GPT2, WordScanner.LLAMA3, WordScanner.QWEN2};
    private static final String PARTS = "aZsStTmMdDrRvVeElLſKé日  \t\n\r\u00a0\u3000'''1½Ⅷ٣.!-_\u0301\u200d🙂𝒳𝟘";

    private static List<String> words(TextPattern pattern, String text) {
        var words = new ArrayList<String>();
        pattern.find(new Piece(text, true, WorkLimit.of(text.length())),
                (start, end) -> words.add(text.substring(start, end)));
        assertEquals(text, String.join("", words), "nothing is left out");
        return words;
    }

    private static TextPattern scanner(String pattern) {
        return WordScanner.of(pattern).orElseThrow();
    }

    private static TextPattern engine(String pattern) {
        return OnigurumaPattern.compile(pattern, got -> new MalformedModelException(Path.of("tokenizer.json"), got));
    }

    @Test
    void randomTextsAreCutAlike() {
        int[] parts = PARTS.codePoints().toArray();
        for (String pattern : ALL) {
            var random = new SplittableRandom(3);
            for (int round = 0; round < 5_000; round++) {
                var text = new StringBuilder();
                for (int i = random.nextInt(12); i >= 0; i--) {
                    text.appendCodePoint(parts[random.nextInt(parts.length)]);
                }
                assertEquals(words(engine(pattern), text.toString()), words(scanner(pattern), text.toString()),
                        pattern);
            }
        }
    }

    /// Every character that both know, in the places that matter. The engine knows Unicode 17, Java and Hugging Face
    /// Unicode 16.
    @Test
    void everyCharacterIsCutAlike() {
        for (String pattern : List.of(WordScanner.GPT2, WordScanner.LLAMA3)) {
            var engine = engine(pattern);
            var scanner = scanner(pattern);
            var text = new StringBuilder();
            for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
                int type = Character.getType(c);
                if (type != Character.UNASSIGNED && type != Character.SURROGATE && type != Character.PRIVATE_USE) {
                    text.appendCodePoint(c).append(c % 3 == 0 ? "a" : c % 3 == 1 ? "1'" : " ");
                }
                if (text.length() > 60_000 || c == Character.MAX_CODE_POINT) {
                    assertEquals(words(engine, text.toString()), words(scanner, text.toString()), pattern);
                    text.setLength(0);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo-model/thursday.txt", "tests/src/test/resources/demo/emma-excerpt.txt",
        "docs/experiments.md"})
    void booksAreCutAlike(String file) throws java.io.IOException {
        String text = Files.readString(Path.of(file));
        for (String pattern : ALL) {
            List<String> words = words(scanner(pattern), text);
            assertEquals(words(engine(pattern), text), words, pattern);
            assertTrue(words.size() > 10_000, words.size() + " words");
        }
    }
}
