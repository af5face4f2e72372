package seer.model.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The largest scores of a row against a sort that compares.
class TopScoresTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 63, 65, 257})
    void theLargestAreKeptAndTiesGoToTheLowerIndex(int count) {
        var random = new SplittableRandom(count);
        for (int values : new int[] {1, 2, 4, 1000}) {
            var scores = new float[count + 3];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = random.nextInt(8) == 0 ? -0f : (random.nextInt(values) - values / 2) / 4f;
            }
            float[] before = scores.clone();
            for (int k : new int[] {1, Math.max(1, count / 3), count}) {
                var wanted = IntStream.range(0, count).boxed()
                        .sorted((a, b) -> scores[3 + a] == scores[3 + b] ? Integer.compare(a, b)
                                : scores[3 + a] > scores[3 + b] ? -1 : 1)
                        .limit(k).collect(Collectors.toSet());
                var top = TopScores.of(scores, 3, count, k, new float[count]);
                for (int j = 0; j < count; j++) {
                    assertEquals(wanted.contains(j), top.keeps(scores[3 + j]), k + " of " + count + ", " + j);
                }
            }
            assertTrue(Arrays.equals(before, scores), "the row stays as it was");
        }
    }

    @Test
    void whereAllAreKeptNothingIsCompared() {
        var top = TopScores.of(new float[] {Float.NaN, 1}, 0, 2, 2, new float[0]);
        assertTrue(top.keeps(Float.NaN) && top.keeps(1));
    }
}
