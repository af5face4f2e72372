package seer.gate.rival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// FlexPrefill's test and its choice over a whole map.
class MassPatternTest {

    @Test
    void theDivergenceIsJensensAndShannons() {
        assertEquals(0, FlexRun.divergence(new float[] {0.25f, 0.75f}, new float[] {0.25f, 0.75f}));
        assertEquals(Math.log(2), FlexRun.divergence(new float[] {1, 0}, new float[] {0, 1}), 1e-12);
        double wanted = 0.5 * (0.5 * Math.log(0.5 / 0.75) + 0.5 * Math.log(0.5 / 0.25)) + 0.5 * Math.log(1 / 0.75);
        assertEquals(wanted, FlexRun.divergence(new float[] {0.5f, 0.5f}, new float[] {1, 0}), 1e-12);
    }

    /// Rows `first .. first + rows`, each a softmax of its causal blocks; above the diagonal whatever may stand there.
    private static float[] map(int first, int rows) {
        var random = new SplittableRandom(rows);
        int columns = first + rows;
        var map = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
            for (int j = 0; j < columns; j++) {
                map[row * columns + j] = j <= first + row ? (float) (6 * random.nextDouble()) : Float.NaN;
            }
            Softmax.inPlace(map, row * columns, first + row + 1);
        }
        return map;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.5, 0.9, 1})
    void theWholeMapGivesTheFewestBlocksThatHoldTheMass(double mass) {
        int first = 3;
        int rows = 6;
        float[] map = map(first, rows);
        var choice = MassPattern.Flattened.of(map, first, rows).holding(mass);
        double held = 0;
        double least = 1;
        double mostLeft = 0;
        int count = 0;
        for (int row = 0; row < rows; row++) {
            var marked = new boolean[first + row + 1];
            choice.mark(first + row, marked);
            for (int j = 0; j <= first + row; j++) {
                float p = map[row * (first + rows) + j];
                held += marked[j] ? p : 0;
                count += marked[j] ? 1 : 0;
                least = marked[j] ? Math.min(least, p) : least;
                mostLeft = marked[j] ? mostLeft : Math.max(mostLeft, p);
            }
        }
        assertEquals(count, choice.kept());
        assertTrue(held >= mass * rows - 1e-5 && least >= mostLeft, "the largest ones, enough of them");
        assertTrue(count == 0 || held - least < mass * rows + 1e-5, "one fewer would not do");
        assertEquals(mass == 1, count == 4 + 5 + 6 + 7 + 8 + 9);
    }
}
