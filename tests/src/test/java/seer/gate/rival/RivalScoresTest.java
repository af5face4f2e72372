package seer.gate.rival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.Backends;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule.TopBlocks;
import seer.model.backend.Backend;

/// What each rival that scores blocks keeps, against its formula in plain loops over the layer's own queries and keys.
class RivalScoresTest {
    private static final int TOKENS = 407; // 13 blocks, the last one short; 26 groups of 16, the last one short
    private static final int BLOCK = 32;
    /// Scores closer than this may stand in either order in 32 bits.
    private static final double NEAR = 1e-5;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void write() {
        Reading.model(folder);
    }

    private static Reading read(Backend backend, Rival rival, Setting setting) {
        return Reading.of(folder, backend, TOKENS, TOKENS, rival.selector(BLOCK, setting, 0, ForcedBlocks.NONE));
    }

    /// What a row of scores keeps by a rule; `near` where that hangs on the last bits.
    private record Wanted(boolean[] kept, boolean near) { }

    private static Wanted top(double[] scores, int count, int k) {
        double[] sorted = Arrays.copyOf(scores, count);
        Arrays.sort(sorted);
        var kept = new boolean[count];
        for (int j = 0; j < count; j++) {
            kept[j] = k >= count || scores[j] >= sorted[count - k];
        }
        return new Wanted(kept, k < count && sorted[count - k] - sorted[count - k - 1] < NEAR);
    }

    private static Wanted above(double[] scores, int count, double threshold) {
        double sum = Arrays.stream(scores, 0, count).sum();
        var kept = new boolean[count];
        boolean near = false;
        for (int j = 0; j < count; j++) {
            kept[j] = scores[j] / sum > threshold;
            near |= Math.abs(scores[j] / sum - threshold) < NEAR;
        }
        return new Wanted(kept, near);
    }

    /// Blocks join from the largest on until the share is reached.
    private static Wanted mass(double[] scores, int count, double mass) {
        double sum = Arrays.stream(scores, 0, count).sum();
        double held = 0;
        var wanted = new Wanted(new boolean[count], false);
        for (int k = 1; k <= count; k++) {
            wanted = top(scores, count, k);
            held = 0;
            for (int j = 0; j < count; j++) {
                held += wanted.kept()[j] ? scores[j] : 0;
            }
            if (mass < 1 && held >= mass * sum) {
                break;
            }
        }
        return new Wanted(wanted.kept(), mass < 1 && (wanted.near() || Math.abs(held / sum - mass) < NEAR));
    }

    private static void check(Reading reading, Function<PlainScores, double[][]> scores,
                              Function<double[], Function<Integer, Wanted>> rule) {
        int rows = 0;
        int skipped = 0;
        for (Reading.Layer layer : reading.layers()) {
            for (int head = 0; head < 4; head++) {
                double[][] map = scores.apply(new PlainScores(layer.queries()[head], layer.keys()[head / 2], BLOCK));
                for (int i = 0; i < map.length; i++) {
                    var wanted = rule.apply(map[i]).apply(i + 1);
                    rows++;
                    skipped += wanted.near() ? 1 : 0;
                    for (int j = 0; j <= i && !wanted.near(); j++) {
                        assertEquals(wanted.kept()[j] || j == i, layer.mask().keeps(head, i, j),
                                "layer " + layer.index() + ", head " + head + ", row " + i + ", block " + j);
                    }
                }
            }
        }
        assertEquals(2 * 4 * 13, rows);
        assertTrue(skipped < rows / 10, skipped + " of " + rows + " rows hang on the last bits");
    }

    private static void checkTop(Rival rival, double density, Function<PlainScores, double[][]> scores) {
        int k = new TopBlocks(density).perRow(13);
        assertTrue(k > 1, "a choice of more than one");
        try (var backend = Backends.cpu(2)) {
            check(read(backend, rival, Setting.density(density)), scores, row -> count -> top(row, count, k));
        }
    }

    @Test
    void meanPoolingComparesMeans() {
        checkTop(Rival.MEANPOOL, 0.4, PlainScores::means);
    }

    @Test
    void theBoundIsQuests() {
        checkTop(Rival.MINMAX, 0.4, PlainScores::bounds);
    }

    @Test
    void antidiagonalsAreSummed() {
        checkTop(Rival.ANTIDIAGONAL, 0.4, PlainScores::antidiagonals);
    }

    @Test
    void theOracleKnowsTheLargestProbabilities() {
        checkTop(Rival.ORACLE, 0.4, PlainScores::largest);
    }

    @ParameterizedTest
    @CsvSource({"0.05", "0.15"})
    void theOraclesThresholdIsOnRowsThatSumToOne(double threshold) {
        try (var backend = Backends.cpu(2)) {
            check(read(backend, Rival.ORACLE, new Setting(Criterion.THRESHOLD, threshold)), PlainScores::largest,
                    row -> count -> above(row, count, threshold));
        }
    }

    @ParameterizedTest
    @CsvSource({"0.3", "0.8", "1"})
    void antidiagonalsHoldAShareOfTheRow(double mass) {
        try (var backend = Backends.cpu(2)) {
            check(read(backend, Rival.ANTIDIAGONAL, new Setting(Criterion.MASS, mass)), PlainScores::antidiagonals,
                    row -> count -> mass(row, count, mass));
        }
    }
}
