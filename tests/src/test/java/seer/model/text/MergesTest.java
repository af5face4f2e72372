package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergesTest {
    @TempDir
    private Path folder;

    private record Rule(int rank, int merged) {
    }

    /// The definition, word for word: the pair of lowest rank, the leftmost of equals, again and again.
    private static int[] plainly(Map<List<Integer>, Rule> rules, int[] ids) {
        var word = new ArrayList<Integer>();
        for (int id : ids) {
            word.add(id);
        }
        while (true) {
            int best = -1;
            for (int i = 0; i + 1 < word.size(); i++) {
                Rule rule = rules.get(word.subList(i, i + 2));
                if (rule != null && (best < 0 || rule.rank < rules.get(word.subList(best, best + 2)).rank)) {
                    best = i;
                }
            }
            if (best < 0) {
                return word.stream().mapToInt(id -> id).toArray();
            }
            word.set(best, rules.get(word.subList(best, best + 2)).merged);
            word.remove(best + 1);
        }
    }

    @Test
    void theHeapMergesAsTheDefinitionSays() {
        var random = new Random(5);
        for (int round = 0; round < 500; round++) {
            var merges = new Merges();
            var rules = new HashMap<List<Integer>, Rule>();
            int tokens = 3;
            for (int rank = 0; rank < random.nextInt(60); rank++) {
                int left = random.nextInt(tokens);
                int right = random.nextInt(tokens);
                merges.add(left, right, rank, tokens);
                rules.put(List.of(left, right), new Rule(rank, tokens++));
            }
            int[] word = random.ints(random.nextInt(60), 0, 3).toArray();
            assertArrayEquals(plainly(rules, word), merges.apply(word.clone()), "round " + round);
        }
    }

    @Test
    void ranksDecideNotLengths() {
        var tokenizer = new SmallTokenizer(folder).merge("b", "c").merge("a", "b").merge("ab", "c");
        assertEquals(List.of("a", "bc"), tokenizer.cut("abc"));
    }

    @Test
    void mergesMayBeStringsOrPairs() {
        var tokenizer = new SmallTokenizer(folder).token("ab").token("abc").token(" x");
        tokenizer.merges().add("a b").add("ab c").addArray().add("Ġ").add("x");
        assertEquals(List.of("abc", " x"), tokenizer.cut("abc x"));
    }

    @Test
    void aWholeWordIsTakenAsItIsWhenMergesAreIgnored() {
        var tokenizer = new SmallTokenizer(folder).merge("a", "b").token("abcd");
        assertEquals(List.of("ab", "c", "d"), tokenizer.cut("abcd"));
        tokenizer.model().put("ignore_merges", true);
        assertEquals(List.of("abcd"), tokenizer.cut("abcd"));
        assertEquals(List.of("ab", "c"), tokenizer.cut("abc"));
    }

    @Test
    void bytesWithoutATokenAreDroppedBeforeMerging() {
        var tokenizer = new SmallTokenizer(folder).merge("a", "b");
        ((ObjectNode) tokenizer.model().get("vocab")).remove("q");
        assertEquals(List.of("ab"), tokenizer.cut("aqb"));
        assertEquals(List.of(), tokenizer.cut("qq"));
        tokenizer.model().put("unk_token", "!");
        assertEquals(List.of("a", "!", "b"), tokenizer.cut("aqb"));
    }
}
