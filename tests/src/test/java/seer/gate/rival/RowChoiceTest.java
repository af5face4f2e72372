package seer.gate.rival;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.Backends;
import seer.model.LayerView;
import seer.model.ModelConfig;
import seer.model.RopeConfig;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Arena;

/// Choosing on the host: the very rule of the backend's own selection.
class RowChoiceTest {

    private static LayerView view(int heads, int block, int offset, int rows, int total) {
        var config = new ModelConfig("llama", 8, 1, heads, heads, 8, 8, 8, 1e-5, 4096, true, false, false,
                new RopeConfig(10_000, new RopeConfig.Scaling.None()), List.of());
        return new LayerView(null, config, 0, offset, rows, total, null, null, null, null, false);
    }

    /// Scores of whole numbers between 0 and 3, so that ties abound: one-wide keys, queries of 1.
    @ParameterizedTest
    @CsvSource({"1, 0.5", "2, 0.3", "63, 0.1", "64, 0.5", "65, 0.2", "130, 0.05", "200, 1"})
    void topEqualsTheBackends(int n, double density) {
        int heads = 3;
        var keys = new float[heads * n];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = i * 7 % 11 % 4;
        }
        var ones = new float[heads * n];
        Arrays.fill(ones, 1);
        var choice = new RowChoice.Top(density);
        try (var backend = Backends.cpu(1)) {
            for (ForcedBlocks forced : new ForcedBlocks[] {
                    ForcedBlocks.NONE, ForcedBlocks.DEFAULT, new ForcedBlocks(1, true)}) {
                Arena arena = backend.arena("the test", 0);
                BlockMask wanted = backend.select(arena.upload(ones, heads, n, 1), arena.upload(keys, heads, n, 1), 0,
                        n, n, 64, 1, choice.rule(), forced, arena);
                BlockMask got = HostMask.of(view(heads, 64, 0, 64 * n - 5, 64 * n - 5), 64, forced,
                        (head, row, kept) -> choice.mark(keys, head * n, row + 1, n, kept));
                assertArrayEquals(wanted.start(), got.start());
                assertArrayEquals(Arrays.copyOf(wanted.index(), (int) wanted.kept()), got.index());
            }
        }
    }

    @Test
    void forcedRowsReferToTheWholePrompt() {
        var early = HostMask.of(view(1, 64, 0, 640, 1280), 64, new ForcedBlocks(3, true), (head, row, kept) -> { });
        assertEquals(1 + 9 * 2, early.kept());
        var late = HostMask.of(view(1, 64, 640, 640, 1280), 64, new ForcedBlocks(3, true), (head, row, kept) -> { });
        assertEquals(7 * 2 + 18 + 19 + 20, late.kept());
        assertEquals(10, late.firstRow());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 50, 1000})
    void theRankingIsThatOfACompareSort(int count) {
        var random = new SplittableRandom(count);
        var values = new float[count + 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (random.nextInt(6)) {
                case 0 -> 0f;
                case 1 -> -0f;
                case 2 -> Float.NEGATIVE_INFINITY;
                default -> (random.nextInt(9) - 4) / 4f;
            };
        }
        int[] wanted = IntStream.range(0, count).boxed()
                .sorted((a, b) -> values[3 + a] == values[3 + b] ? Integer.compare(a, b)
                        : values[3 + a] > values[3 + b] ? -1 : 1)
                .mapToInt(Integer::intValue).toArray();
        assertArrayEquals(wanted, Ranking.largestFirst(values, 3, count));
    }

    private static boolean[] marked(RowChoice choice, float... scores) {
        var kept = new boolean[scores.length];
        choice.mark(scores, 0, scores.length, scores.length, kept);
        return kept;
    }

    @Test
    void massTakesTheFewestThatHoldIt() {
        assertArrayEquals(new boolean[] {false, true, false, false}, marked(new RowChoice.Mass(0.5), 1, 4, 2, 1));
        assertArrayEquals(new boolean[] {false, true, true, false}, marked(new RowChoice.Mass(0.51), 1, 4, 2, 1));
        assertArrayEquals(new boolean[] {true, true, true, false}, marked(new RowChoice.Mass(0.76), 1, 4, 2, 1));
        assertArrayEquals(new boolean[] {true, true, true, true}, marked(new RowChoice.Mass(1), 1, 4, 0, 0));
    }

    @Test
    void theThresholdIsStrictAndOnTheShareOfTheRow() {
        assertArrayEquals(new boolean[] {false, true, false, false}, marked(new RowChoice.Above(0.25), 1, 4, 2, 1));
        assertArrayEquals(new boolean[] {false, true, true, false}, marked(new RowChoice.Above(0.24), 1, 4, 2, 1));
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new RowChoice.Mass(0));
        assertThrows(IllegalArgumentException.class, () -> new RowChoice.Mass(1.1));
        assertThrows(IllegalArgumentException.class, () -> new RowChoice.Above(1));
        assertThrows(IllegalArgumentException.class, () -> new RowChoice.Above(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new RowChoice.Top(0));
    }
}
