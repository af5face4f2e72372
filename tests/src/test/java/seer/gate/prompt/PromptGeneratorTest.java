package seer.gate.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.text.BpeTokenizer;
import seer.model.text.Tokenizer;
import seer.support.Demo;
import seer.support.Retrieval;

/// Generated prompts against the published ones and against what their doc says.
class PromptGeneratorTest {
    private static Tokenizer tokenizer;
    private static String emma;
    private static PromptGenerator generator;

    @BeforeAll
    static void read() throws IOException {
        tokenizer = BpeTokenizer.open(Demo.MODEL.resolve("tokenizer.json"));
        emma = Files.readString(Demo.DATA.resolve("emma-excerpt.txt"));
        generator = new PromptGenerator(tokenizer, emma);
    }

    private static String text(RetrievalPrompt prompt) {
        return tokenizer.decode(prompt.tokens());
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void lengthIsExactAndSpansHoldTheValues(Family family) {
        for (int length : new int[] {320, 333, 1024, 4097}) {
            var prompt = generator.generate(family, 3, length, length);
            int[] tokens = prompt.tokens();
            assertEquals(length, tokens.length);
            assertEquals(prompt.values().size(), prompt.spans().size());
            for (int i = 0; i < prompt.spans().size(); i++) {
                int[] span = prompt.spans().get(i);
                assertTrue(span[0] >= prompt.answerStart() && span[1] <= length - 1, Arrays.toString(span));
                assertEquals(prompt.values().get(i),
                        tokenizer.decode(Arrays.copyOfRange(tokens, span[0], span[1])).strip());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void aPromptIsAFunctionOfItsSeed(Family family) {
        var first = generator.generate(family, 3, 1000, 7);
        var other = new PromptGenerator(tokenizer, tokenizer.encodeOrdinary(emma));
        assertArrayEquals(first.tokens(), other.generate(family, 3, 1000, 7).tokens());
        assertFalse(Arrays.equals(first.tokens(), generator.generate(family, 3, 1000, 8).tokens()));
    }

    /// The published rows begin and end with the generator's very tokens, and hold its needles.
    @ParameterizedTest
    @ValueSource(strings = {"single_4096", "multikey_4096", "multivalue_4096"})
    void needlesAreWordedAsPublished(String name) throws IOException {
        var published = Retrieval.prompts(name).getFirst();
        String text = tokenizer.decode(published.tokens());
        boolean many = name.startsWith("multivalue");
        var prompt = generator.generate(many ? Family.MULTIVALUE : Family.MULTIKEY, 4, 4096, 1);
        var key = Pattern.compile("for ([a-z]+-[a-z]+) mentioned");
        String ours = text(prompt);
        assertEquals(anonymous(text.substring(0, text.indexOf('\n') + 1), key),
                anonymous(ours.substring(0, ours.indexOf('\n') + 1), key));
        assertEquals(anonymous(text.substring(text.lastIndexOf('\n')), key),
                anonymous(ours.substring(ours.lastIndexOf('\n')), key));
        var needle = Pattern.compile(" One of the special magic numbers for ([a-z]{4,9}-[a-z]{4,9}) is: \\d{7}\\.");
        assertEquals(name.startsWith("single") ? 1 : 4, needle.matcher(text).results().count());
        assertEquals(4, needle.matcher(ours).results().count());
        for (String one : needle.matcher(text).results().map(r -> r.group()).toList()) {
            assertTrue(Collections.indexOfSubList(list(published.tokens()), list(tokenizer.encode(one))) > 0, one);
        }
    }

    @Test
    void aChainIsWordedAsPublished() throws IOException {
        var published = Retrieval.prompts("track_4096").getFirst();
        String text = tokenizer.decode(published.tokens());
        var prompt = generator.generate(Family.TRACK, 4, 4096, 1);
        var names = Pattern.compile("[A-Z]{5}");
        assertEquals(neutral(text.replaceAll("\nVAR [^.]*\\.", ""), names),
                neutral(text(prompt).replaceAll("\nVAR [^.]*\\.", ""), names));
        var lines = Pattern.compile("\nVAR [A-Z]{5} = (\\d{5}|VAR [A-Z]{5})\\.");
        assertEquals(lines.matcher(text).results().map(r -> r.group().length()).toList(),
                lines.matcher(text(prompt)).results().map(r -> r.group().length()).toList());
        assertEquals(5, prompt.values().size());
    }

    /// Names and numbers replaced; of the repeated sentences only the first words: how many fit differs by a token.
    private static String neutral(String text, Pattern names) {
        String plain = names.matcher(text).replaceAll("NAME").replaceAll("\\d{5}", "N");
        return plain.substring(0, 300) + plain.substring(plain.indexOf("\nQuestion"));
    }

    private static String anonymous(String text, Pattern key) {
        return key.matcher(text).replaceAll("for KEY mentioned").replaceAll("\\d{7}", "N");
    }

    private static List<Integer> list(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    @Test
    void differentPromptsHideTheirNeedlesInDifferentPartsOfTheText() {
        var beginnings = new HashSet<String>();
        for (int seed = 0; seed < 20; seed++) {
            var prompt = generator.generate(Family.SINGLE, 1, 1024, seed);
            String text = text(prompt);
            beginnings.add(text.substring(text.indexOf('\n'), text.indexOf('\n') + 60));
        }
        assertEquals(20, beginnings.size());
    }

    @Test
    void theAnswerStandsInTheText() {
        for (var family : List.of(Family.SINGLE, Family.MULTIKEY, Family.MULTIVALUE, Family.MULTIQUERY)) {
            for (int seed = 0; seed < 10; seed++) {
                var prompt = generator.generate(family, 4, 2048, seed);
                String asked = tokenizer.decode(Arrays.copyOf(prompt.tokens(), prompt.answerStart()));
                String question = asked.substring(asked.lastIndexOf('\n'));
                int at = 0;
                for (String value : prompt.values()) {
                    var found = Pattern.compile("numbers for ([a-z-]+) is: " + value).matcher(asked);
                    assertTrue(found.find(), value);
                    assertTrue(question.indexOf(found.group(1), at) >= 0, question);
                    at = family == Family.MULTIQUERY ? question.indexOf(found.group(1)) : 0;
                }
            }
        }
    }

    @Test
    void textsShorterThanThePromptAreRepeated() {
        String text = String.join(" ", new HashSet<>(List.of(emma.substring(0, 900).split("[^a-z]+"))));
        var prompt = new PromptGenerator(tokenizer, text).generate(Family.MULTIKEY, 4, 2048, 3);
        assertEquals(2048, prompt.tokens().length);
    }

    @Test
    void commonWordsComeOftenerThanAllOthers() {
        var prompt = generator.generate(Family.COMMON_WORDS, 5, 4096, 3);
        String text = text(prompt);
        var counts = new HashMap<String, Integer>();
        Pattern.compile("\\d+\\. ([a-z]+)").matcher(text.substring(0, text.indexOf("\nQuestion"))).results()
                .forEach(r -> counts.merge(r.group(1), 1, Integer::sum));
        int fewest = prompt.values().stream().mapToInt(counts::get).min().orElseThrow();
        counts.keySet().removeAll(prompt.values());
        assertTrue(fewest > 10 && counts.values().stream().allMatch(c -> c < fewest), "fewest " + fewest);
        assertTrue(text.endsWith(" 5. " + prompt.values().get(4) + "\n"), text.substring(text.length() - 80));
    }

    @Test
    void frequentWordsAreOrderedByFrequencyAndDotsLead() {
        for (int length : new int[] {256, 4096}) {
            var prompt = generator.generate(Family.FREQUENT_WORDS, 3, length, 3);
            String text = text(prompt);
            Map<String, Integer> counts = new HashMap<>();
            for (String word : text.substring(text.indexOf(" ...."), text.indexOf("\nQuestion")).split(" ")) {
                counts.merge(word, 1, Integer::sum);
            }
            int before = counts.get("....");
            for (String value : prompt.values()) {
                assertTrue(counts.get(value) < before, value + " " + counts);
                before = counts.get(value);
            }
            counts.keySet().removeAll(prompt.values());
            counts.remove("....");
            int least = before;
            assertTrue(counts.values().stream().allMatch(c -> c < least), counts.toString());
            assertEquals(3, count(text.substring(0, 200) + text.substring(text.indexOf("\nQuestion")), "three"));
        }
    }

    @Test
    void whatDoesNotFitIsRefusedInOneSentence() {
        var e = assertThrows(IllegalArgumentException.class, () -> generator.generate(Family.MULTIKEY, 40, 512, 1));
        assertTrue(e.getMessage().contains("MULTIKEY prompt of 512 tokens with 40 keys"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> generator.generate(Family.COMMON_WORDS, 10, 256, 1));
        assertThrows(IllegalArgumentException.class, () -> generator.generate(Family.TRACK, 0, 512, 1));
        var few = assertThrows(IllegalArgumentException.class, () -> new PromptGenerator(tokenizer, "few words here"));
        assertTrue(few.getMessage().contains("different words"), few.getMessage());
    }
}
