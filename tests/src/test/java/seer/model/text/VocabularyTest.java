package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Tokens by spelling and by number, against a map of them.
class VocabularyTest {

    private static String drawn(SplittableRandom random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.append((char) (random.nextInt(3) == 0 ? random.nextInt(0x10000) : 'a' + random.nextInt(3)));
        }
        return text.toString();
    }

    @Test
    void everySpellingIsFoundAndNoOther() {
        var random = new SplittableRandom(5);
        Map<String, Integer> ids = new HashMap<>();
        ids.put("", 3);
        ids.put("\uD800", 4); // no text, and no question mark either
        ids.put("?", 5);
        while (ids.size() < 3000) {
            ids.putIfAbsent(drawn(random), 10 + 2 * ids.size());
        }
        var vocabulary = new Vocabulary(ids, ids.keySet(), null);
        ids.forEach((token, id) -> {
            assertEquals(OptionalInt.of(id), vocabulary.id(token));
            assertArrayEquals(token.getBytes(StandardCharsets.UTF_8), vocabulary.bytes(id));
            assertArrayEquals(token.getBytes(StandardCharsets.UTF_8), vocabulary.firstBytes(id));
        });
        for (int i = 0; i < 3000; i++) {
            String other = drawn(random);
            assertEquals(ids.containsKey(other), vocabulary.id(other).isPresent());
        }
        assertEquals(OptionalInt.empty(), vocabulary.id("\uD801"));
    }

    @Test
    void numbersWithoutATokenAreNothing() {
        var vocabulary = new Vocabulary(Map.of("a", 1, "b", 4), Set.of("a", "b"), null);
        assertEquals(5, vocabulary.size());
        assertEquals(0, vocabulary.bytes(2).length);
        assertEquals(0, vocabulary.bytes(70).length);
        assertThrows(IllegalArgumentException.class, () -> vocabulary.bytes(-1));
        assertEquals(0, new Vocabulary(Map.of(), Set.of(), null).size());
    }
}
