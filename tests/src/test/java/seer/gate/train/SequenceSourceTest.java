package seer.gate.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import seer.gate.course.MixedSequences;
import seer.gate.course.RetrievalSequences;
import seer.gate.course.TextCorpus;
import seer.gate.course.TextSequences;
import seer.gate.prompt.Family;
import seer.gate.prompt.PromptGenerator;
import seer.support.Demo;

/// Sequences are functions of their index, as long as asked for, and cover the text.
class SequenceSourceTest {
    private static final int TOKENS = 10_050;
    private static final TextCorpus COUNTING =
            new TextCorpus(IntStream.range(0, TOKENS).toArray(), 1, "counting", "none");

    @Test
    void windowsCoverTheTextOnceAndThenAgainElsewhere() {
        var source = new TextSequences(COUNTING, 5);
        int windows = 9; // one fewer than fit, so that there is room to shift
        var first = new HashSet<Integer>();
        var second = new HashSet<Integer>();
        for (int index = 0; index < windows; index++) {
            int[] window = source.sequence(index, 1000).tokens();
            assertArrayEquals(IntStream.range(window[0], window[0] + 1000).toArray(), window);
            assertTrue(first.add(window[0]), "window " + window[0] + " came twice");
            second.add(source.sequence(windows + index, 1000).tokens()[0]);
        }
        int from = first.stream().min(Integer::compare).orElseThrow();
        assertEquals(IntStream.range(0, windows).mapToObj(w -> from + 1000 * w).collect(
                java.util.stream.Collectors.toSet()), first);
        assertFalse(first.equals(second), "the second round is shifted");
    }

    @Test
    void aSequenceIsAFunctionOfSeedIndexAndLength() {
        var one = new TextSequences(COUNTING, 5);
        var other = new TextSequences(COUNTING, 5);
        for (int index : new int[] {40, 3, 17}) {
            assertArrayEquals(one.sequence(index, 700).tokens(), other.sequence(index, 700).tokens());
        }
        assertFalse(Arrays.equals(one.sequence(3, 700).tokens(),
                new TextSequences(COUNTING, 6).sequence(3, 700).tokens()));
    }

    @Test
    void aTextAsShortAsOneSequenceIsEnoughAndAShorterOneIsNot() {
        var source = new TextSequences(COUNTING, 5);
        assertArrayEquals(COUNTING.tokens(), source.sequence(0, TOKENS).tokens());
        assertEquals(TOKENS - 1, source.sequence(12, TOKENS - 1).length());
        var e = assertThrows(IllegalArgumentException.class, () -> source.sequence(0, TOKENS + 1));
        assertEquals("the training text has 10050 tokens, wanted at least one sequence of 10051", e.getMessage());
    }

    @Test
    void retrievalPromptsHaveTheLengthAndVary() throws IOException {
        var tokenizer = Demo.model().tokenizer();
        String text = Files.readString(Demo.MODEL.resolve("thursday.txt"));
        var source = new RetrievalSequences(new PromptGenerator(tokenizer, text), RetrievalSequences.ALL, 3);
        var seen = new HashSet<String>();
        for (int index = 0; index < 24; index++) {
            for (int length : new int[] {300, 1024}) {
                var sequence = source.sequence(index, length);
                int[] prompt = sequence.tokens();
                assertEquals(length, prompt.length);
                assertArrayEquals(prompt, source.sequence(index, length).tokens());
                String asked = tokenizer.decode(Arrays.copyOf(prompt, sequence.answer()));
                assertTrue(asked.matches("(?s).*( is| are|:)"), "the answer follows the question: " + asked);
                seen.add(tokenizer.decode(Arrays.copyOf(prompt, 12)));
            }
        }
        assertTrue(seen.size() >= 3, "one, several and chained facts: " + seen);
    }

    @Test
    void onlyTheNamedFamiliesAreDrawnAndTwiceNamedOnesTwiceAsOften() throws IOException {
        var tokenizer = Demo.model().tokenizer();
        var generator = new PromptGenerator(tokenizer, Files.readString(Demo.MODEL.resolve("thursday.txt")));
        var source = new RetrievalSequences(generator, List.of(Family.TRACK, Family.TRACK, Family.SINGLE), 3);
        int chains = 0;
        for (int index = 0; index < 90; index++) {
            String prompt = tokenizer.decode(source.sequence(index, 300).tokens());
            chains += prompt.startsWith("Memorize and track") ? 1 : 0;
            assertTrue(prompt.matches("(?s)(Memorize and track|A special magic number).*"), prompt);
        }
        assertEquals(60, chains, 14);
        var e = assertThrows(IllegalArgumentException.class,
                () -> new RetrievalSequences(generator, List.of(Family.COMMON_WORDS), 3));
        assertTrue(e.getMessage().startsWith("families are [COMMON_WORDS], wanted some of [SINGLE, "), e.getMessage());
    }

    @Test
    void aMixtureTakesItsShareOfTheSecondSource() {
        var mixed = new MixedSequences(new TextSequences(COUNTING, 1), KillableTraining.source(), 0.25, 9);
        int second = 0;
        for (int index = 0; index < 1000; index++) {
            second += Arrays.equals(mixed.sequence(index, 10).tokens(),
                    KillableTraining.source().sequence(index, 10).tokens()) ? 1 : 0;
        }
        assertEquals(250, second, 60);
    }
}
