package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.model.text.SmallTokenizer.LLAMA_3;
import static seer.model.text.SmallTokenizer.QWEN_2;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.load.MalformedModelException;

/// What patterns may hold, what they may cost, and that long texts are no danger to published ones.
class PatternDialectTest {
    private static final String LETTERS = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String SMALL = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String SUFFIX = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";

    private static OnigurumaPattern compile(String pattern) {
        return OnigurumaPattern.compile(pattern, got -> new MalformedModelException(Path.of("tokenizer.json"),
                "wanted a regular expression, got " + got));
    }

    private static List<String> words(String pattern, String text, Duration limit) {
        var words = new ArrayList<String>();
        new Cutter(compile(pattern), Cutter.Behavior.ISOLATED, false)
                .cut(new Piece(text, true, new WorkLimit(limit)), word -> words.add(word.text()));
        return words;
    }

    private static void refuses(String pattern, String what) {
        var e = assertThrows(MalformedModelException.class, () -> compile(pattern), pattern);
        assertTrue(e.getMessage().startsWith("tokenizer.json: wanted a regular expression, got " + what),
                e.getMessage());
        assertTrue(e.getMessage().endsWith(pattern.length() <= 200 ? " in " + pattern
                : " in " + pattern.substring(0, 200) + "..."), e.getMessage());
    }

    @Test
    void anIntervalAndAPlusAreARepetitionOfRepetitions() {
        assertEquals(List.of("1", "234567", "8"), words("(?<=1)\\d{3}+", "12345678", Duration.ofSeconds(9)));
        assertEquals(List.of("12", "345678"), words("\\A\\d{1,2}(?=\\d{3}+\\z)", "12345678", Duration.ofSeconds(9)));
    }

    /// UTF-8 has no bytes for one, and joni does not come to an end with it.
    @Timeout(60)
    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "\ude00", "a\ud83d", "[\ud83d]+", "a|\ude00\ud83d", "(?:\ud83d)"})
    void halfACharacterIsRefused(String pattern) {
        refuses(pattern, "half a character");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\x{d83d}", "\\ud83d", "[\\x{d83d}]", "[\\x{d800}-\\x{dfff}]", "\\ud83d\\ude00"})
    void halvesInEscapesAreRefusedToo(String pattern) {
        var e = assertThrows(MalformedModelException.class, () -> compile(pattern));
        assertTrue(e.getMessage().endsWith(" in " + pattern), e.getMessage());
    }

    @Test
    void wholeCharactersBeyondTheFirstPlaneAreRead() {
        assertEquals(List.of("a", "\ud83d\ude00", "b"), words("\ud83d\ude00|\\x{1F601}", "a\ud83d\ude00b",
                Duration.ofSeconds(9)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\1", "\\k<a>", "\\g<a>", "\\G", "\\X", "\\K", "\\N", "\\O", "\\y", "\\Y", "\\Q", "\\0",
        "\\pL", "\\cA", "\\M-a", "\\x", "\\xe9", "\\i"})
    void escapesThatAreNotKnownAreRefused(String escape) {
        var e = assertThrows(MalformedModelException.class, () -> compile("a" + escape));
        assertTrue(e.getMessage().contains("which is not supported, in a" + escape), e.getMessage());
    }

    @Test
    void whatIsNotSupportedIsNamed() {
        refuses("(a)\\1", "a back reference \\1, which is not supported,");
        refuses("(?x)a b", "(?x, which is not supported,");
        refuses("(?~a)", "(?~, which is not supported,");
        refuses("(?(1)a|b)", "(?(, which is not supported,");
        refuses("(*FAIL)", "a callout (*, which is not supported,");
        refuses("\\p{Emoji}", "the property Emoji, which is not supported,");
        refuses("(?i:é)", "é under (?i), which is not supported,");
        refuses("(?i)miss", "the letters ss under (?i), which is not supported,");
        refuses("(?i:\\p{Lu})", "the property Lu under (?i), which is not supported,");
        refuses("(?i:[[a]b])", "a class within another under (?i), which is not supported,");
        refuses("[a[^b\\D]]", "\\D within a negated class within another, which is not supported,");
        refuses("[[:^punct:]]", "[:^punct:], which is not supported,");
        refuses("a{3,2}", "{3,2}, which is not supported,");
        refuses("[]a]", "a class without characters, which is not supported,");
        refuses("b()*+x", "a group of nothing, which is not supported,");
        refuses("[b-a]", "an empty range, which is not supported,");
    }

    @Test
    void whatIsBrokenIsNamed() {
        refuses("(a", "Unclosed group");
        refuses("a)", "Unmatched closing )");
        refuses("[a", "Unclosed character class");
        refuses("[a-", "Unclosed character class");
        refuses("a\\", "a backslash at the end");
        refuses("*a", "target of repeat operator is not specified");
        refuses("(?<=a+)b", "invalid pattern in look-behind");
        refuses("\\x{110000}", "no character \\x{110000}");
        refuses("\\ud83d", "no character \\ud83d");
    }

    /// Short patterns of which the engine would make something huge, and deep ones that would overflow its stack.
    @Test
    void bombsAreRefused() {
        refuses("((a{1000}){1000}){1000}", "one of more than 100000 places, written out,");
        refuses("a{999999999}", "one of more than 100000 places, written out,");
        refuses("(".repeat(200) + "a" + ")".repeat(200), "one of more than 100 groups within each other,");
        refuses("a" + "+".repeat(9000), "one of more than 100 groups within each other,");
        refuses("(?i)".repeat(2000), "one of more than 100 groups within each other,");
        refuses("[".repeat(50) + "a" + "]".repeat(50), "one of more than 20 classes within each other,");
        refuses("a".repeat(20_000), "one of more than 10000 characters");
        assertEquals(List.of("a".repeat(9), "b"), words("(?:a{0,9}){0,9}", "aaaaaaaaab", Duration.ofSeconds(9)));
    }

    /// joni's search for literal parts does not return from compiling this one.
    @Test
    void compilingComesToAnEnd() {
        String endless = "(?=(\\p{Han}{2}日{2}+)(_\\s|_++)+? {2}+)\\S";
        assertTimeout(Duration.ofSeconds(20), () -> words(endless, "日日日日_  x", Duration.ofSeconds(9)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a*)*b", "(a|a)*b", "(a+)+b", "(?:a|aa)+b", "(?:a?){600}b", "(a*)*(a*)*b", "(?=(a*)*b)a",
        "(?:(?:a*)*)*[^a]", "a{1,30000}b"})
    void whatDoesNotEndIsStopped(String pattern) {
        String text = "a".repeat(30_000);
        assertTimeout(Duration.ofSeconds(30), () -> {
            var e = assertThrows(MalformedModelException.class, () -> words(pattern, text, Duration.ofMillis(200)));
            assertEquals("tokenizer.json: wanted a regular expression, got one that does not come to an end within "
                    + "0.2 seconds on this text: " + pattern, e.getMessage());
        });
    }

    @Test
    void theLimitIsOneForTheWholeText() {
        var limit = new WorkLimit(Duration.ofMillis(300));
        var slow = compile("(?:a|a){12}b");
        assertThrows(MalformedModelException.class, () -> {
            for (int i = 0; i < 10_000; i++) {
                slow.find(new Piece("a".repeat(14), true, limit), (_, _) -> { });
            }
        });
    }

    static Stream<String> published() {
        return Stream.of(WordScanner.GPT2, LLAMA_3, QWEN_2,
                "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*"
                        + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
                "[^\\r\\n\\p{L}\\p{N}]?" + LETTERS + "*" + SMALL + "+" + SUFFIX + "|[^\\r\\n\\p{L}\\p{N}]?" + LETTERS
                        + "+" + SMALL + "*" + SUFFIX + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+"
                        + "|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}"
                        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
                "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                        + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", "\\p{N}{1,3}", "[0-9][0-9][0-9]",
                "(.|\\s)*");
    }

    @ParameterizedTest
    @MethodSource("published")
    void longRunsOfAnythingTakeLinearTime(String pattern) {
        for (String part : List.of("a", "A", "1", " ", "\n", ".", "é", "日", "\u0301", "🙂", "\u00a0", "a ", "'s", "' ",
                " \n", "A1", "½", "-\n")) {
            String text = part.repeat(100_000 / part.length());
            var words = assertTimeout(Duration.ofSeconds(10),
                    () -> words(pattern, text, Duration.ofSeconds(10)), part);
            assertEquals(text, String.join("", words));
        }
    }
}
