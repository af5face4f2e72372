package seer.eval.longbench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.BlockSelector;
import seer.support.Demo;

/// LongBench's metrics against values worked out by hand, and its files.
class LongBenchTest {
    private static final Path DATA = Path.of("tests/src/test/resources/longbench");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"The cat sat., a cat sat, 1", "cat, dog, 0", "'', dog, 0", "red red blue, red blue blue, 0.6666667",
        "in the year 1815, 1815, 0.5"})
    void tokenF1CountsWordsThatBothHave(String prediction, String answer, double wanted) {
        assertEquals(wanted, Metrics.tokenF1(prediction, answer), 1e-6);
    }

    @Test
    void normalisingDropsCasePunctuationAndArticles() {
        assertEquals("end of story", Metrics.normalise(" The  End -- of (a) Story! "));
    }

    /// As Python's `str.split`, `string.punctuation` and `re` have it: the first three are one word after the other, a
    /// letter or a digit of any script ends no article's word, a combining mark and punctuation beyond ASCII do.
    @Test
    void wordsAreThoseOfTheScorerInAllScripts() {
        assertEquals(List.of("a", "b", "c"), Words.of("\u00A0a\u2003\u3000b\u0085\u001Cc\u2028"));
        assertEquals(List.of("a\u200Bb\uFEFFc"), Words.of("a\u200Bb\uFEFFc"));
        assertEquals(List.of(), Words.of(" \t\u000B\f\r\n"));
        assertEquals("an\u00E9e \u00E9a a\u0661 \u03B1the", Metrics.normalise("An\u00E9e \u00E9a a\u0661 \u03B1the"));
        assertEquals("\u0301 \u2019n", Metrics.normalise("a\u0301 an\u2019n"));
        assertEquals("\u2013 xthe x", Metrics.normalise("the\u2013a x_the the_ (x)"));
        assertEquals("i\u0307 \u03C3\u03C2", Metrics.normalise("\u0130 \u03A3\u03A3"));
        assertEquals(1, Metrics.tokenF1("l\u2019\u00E9t\u00E9\u00A01815", "l\u2019\u00E9t\u00E9 1815"));
        assertEquals(0.8, Metrics.rougeL("a\u00A0b", "a b c"), 1e-12);
        assertEquals(1, Metrics.number("\u0661\u0662", "\u0661\u0662"));
    }

    @ParameterizedTest
    @CsvSource({"the cat is on the mat, the cat sat on the mat, 0.8333333", "a b, c d, 0", "a c b, a b c, 0.6666667"})
    void rougeLIsTheF1OfTheLongestCommonSubsequence(String prediction, String answer, double wanted) {
        assertEquals(wanted, Metrics.rougeL(prediction, answer), 1e-6);
    }

    @Test
    void aClassCountsLessWhenOthersAreNamedToo() {
        var classes = List.of("Color", "Individual", "Code", "Color wheel");
        assertEquals(1, Metrics.classification("Color", "Color", classes));
        assertEquals(0.5, Metrics.classification("Color or Individual", "Color", classes));
        assertEquals(0, Metrics.classification("Individual", "Color", classes));
        assertEquals(1, Metrics.classification("the Color wheel", "Color wheel", classes), "Color is part of it");
    }

    @ParameterizedTest
    @CsvSource({"Paragraph 12, Paragraph 12, 1", "12 or 13, Paragraph 12, 0.5", "none, 7, 0", "It is 112, 12, 0"})
    void numbersMustBeTheRightOnes(String prediction, String answer, double wanted) {
        assertEquals(wanted, Metrics.number(prediction, answer));
    }

    @Test
    void codeIsComparedByItsFirstLine() {
        assertEquals(1, Metrics.editSimilarity("\n\n# why\nreturn x;\nreturn y;", "return x;"));
        assertEquals(2.0 * 3 / (4 + 4), Metrics.editSimilarity("abcd", "abxd"), 1e-12);
        assertEquals(0, Metrics.editSimilarity("// only a comment", "x"));
    }

    @Test
    void theBestAnswerCountsAndAFewShotAnswerEndsWithItsLine() throws IOException {
        var example = LongBenchFile.read(DATA.resolve("hotpotqa.jsonl"), 9).get(1);
        assertEquals(1, Dataset.HOTPOTQA.score("No one.", example));
        var trec = LongBenchFile.read(DATA.resolve("trec.jsonl"), 9).getFirst();
        assertEquals(1, Dataset.TREC.score("\nColor\nQuestion: Individual", trec));
        assertEquals(0.5, Dataset.TREC.score("Color, Individual", trec));
    }

    @Test
    void promptsHoldContextAndQuestionOnceWhateverTheTextSays() throws IOException {
        var example = LongBenchFile.read(DATA.resolve("hotpotqa.jsonl"), 9).get(1);
        String prompt = Dataset.HOTPOTQA.prompt(example);
        assertTrue(prompt.contains("says {input} of the gardener"), prompt);
        assertTrue(prompt.endsWith("Question: Who lives behind the house?\nAnswer in a few words:"), prompt);
        for (var dataset : Dataset.values()) {
            String filled = dataset.prompt(new Example("id", "INPUT", "CONTEXT", List.of("x"), List.of()));
            assertTrue(filled.contains("CONTEXT"), dataset.label());
            assertFalse(filled.contains("{"), filled);
            assertEquals(dataset, Dataset.of(dataset.label()).orElseThrow());
        }
        assertEquals(Dataset.TWOWIKIMQA, Dataset.of("2wikimqa_e").orElseThrow());
    }

    @Test
    void longPromptsLoseTheirMiddle() {
        assertArrayEquals(new int[] {1, 2, 8, 9, 10}, LongBenchTask.cut(new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5));
        assertArrayEquals(new int[] {1, 2}, LongBenchTask.cut(new int[] {1, 2}, 5));
    }

    @Test
    void brokenFilesAreNamedByLineAndField() throws IOException {
        assertTells("dureader", () -> LongBenchFile.dataset(Path.of("dureader.jsonl")));
        Path file = folder.resolve("trec.jsonl");
        Files.writeString(file, "{\"input\": 3}");
        assertTells("line 1, field input: wanted a string, got 3", () -> LongBenchFile.read(file, 9));
        Files.writeString(file, "{\"input\": \"a\", \"context\": \"b\", \"answers\": []}");
        assertTells("field answers", () -> LongBenchFile.read(file, 9));
        Files.writeString(file, "\n{\"input\"");
        assertTells("line 2 is not JSON", () -> LongBenchFile.read(file, 9));
        Files.writeString(file, "\n");
        assertTells("no records", () -> LongBenchFile.read(file, 9));
    }

    private static void assertTells(String part, org.junit.jupiter.api.function.Executable work) {
        var e = assertThrows(RuntimeException.class, work);
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void recordsAreReadAndAnswered() throws IOException {
        var examples = LongBenchFile.read(DATA.resolve("hotpotqa.jsonl"), 1);
        var task = new LongBenchTask("hotpotqa", Dataset.HOTPOTQA, examples, 64, Demo.model().tokenizer());
        assertEquals(List.of("made-up-1"), task.items());
        try (var session = Demo.model().session(task.capacity())) {
            var sample = task.measure(session, 0, BlockSelector.dense());
            assertTrue(sample.value() >= 0 && sample.value() <= 1, sample.toString());
        }
    }
}
