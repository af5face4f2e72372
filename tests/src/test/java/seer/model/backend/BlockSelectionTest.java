package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.kernels.gate.TopSelection;
import seer.kernels.gate.GateScore;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.SelectionRule;
import seer.model.attention.SelectionRule.Threshold;
import seer.model.attention.SelectionRule.TopBlocks;
import seer.model.backend.cpu.CpuBackend;

/// Scores and selection of the processor backend against the reference.
class BlockSelectionTest {
    private final Backend backend = new CpuBackend(2);

    @AfterEach
    void close() {
        backend.close();
    }

    private Tensor tensor(float[] values, int heads, int n) {
        return backend.upload(values, heads, n, values.length / heads / n);
    }

    private BlockMask select(float[] q, float[] k, int heads, int keyHeads, int n, SelectionRule rule,
                             ForcedBlocks forced) {
        return backend.select(tensor(q, heads, n), tensor(k, keyHeads, n), 0, n, n, 64, 1, rule, forced);
    }

    /// Scores that are whole numbers between 0 and 3, so that ties abound: one-wide vectors, queries of 1.
    private static float[] steps(int heads, int n) {
        var values = new float[heads * n];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 7 % 11 % 4;
        }
        return values;
    }

    private static float[] ones(int count) {
        var values = new float[count];
        Arrays.fill(values, 1);
        return values;
    }

    private static float[] scoresOf(float[] keys, int heads, int n) {
        var scores = new float[heads * n * n];
        for (int row = 0; row < heads * n; row++) {
            for (int j = 0; j < n; j++) {
                scores[row * n + j] = j <= row % n ? keys[row / n * n + j] : Float.NEGATIVE_INFINITY;
            }
        }
        return scores;
    }

    private static void same(boolean[] keep, BlockMask mask, int heads, int n) {
        int kept = 0;
        for (int at = 0; at < keep.length; at++) {
            kept += keep[at] ? 1 : 0;
            assertEquals(keep[at], mask.keeps(at / (n * n), at / n % n, at % n),
                    "head " + at / (n * n) + ", row " + at / n % n + ", block " + at % n);
        }
        assertEquals(kept, mask.kept());
        for (int r = 0; r < heads * n; r++) {
            for (int i = mask.start()[r] + 1; i < mask.start()[r + 1]; i++) {
                assertTrue(mask.index()[i - 1] < mask.index()[i], "ascending");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0.5", "2, 0.3", "63, 0.1", "64, 0.5", "65, 0.2", "130, 0.05", "200, 1"})
    void tiesGoToTheLowerIndex(int n, double density) {
        int heads = 3;
        float[] keys = steps(heads, n);
        var rule = new TopBlocks(density);
        for (ForcedBlocks forced : new ForcedBlocks[] {
                ForcedBlocks.NONE, ForcedBlocks.DEFAULT, new ForcedBlocks(1, true)}) {
            boolean[] wanted = TopSelection.reference(scoresOf(keys, heads, n), heads, n, rule.perRow(n),
                    forced.denseLastRows(), forced.keepFirst());
            same(wanted, select(ones(heads * n), keys, heads, heads, n, rule, forced), heads, n);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 17, 64, 130, 400})
    void largestScoresAreKept(int n) {
        var draw = new Draw(n);
        int heads = 2;
        float[] q = draw.normal(heads * n * 64);
        float[] k = draw.normal(n * 64);
        var rule = new TopBlocks(0.3);
        var scores = new float[heads * n * n];
        for (int h = 0; h < heads; h++) {
            float[] map = backend.blockScores(tensor(q, heads, n), tensor(k, 1, n), h, 0, n, 1);
            System.arraycopy(map, 0, scores, h * n * n, n * n);
        }
        boolean[] wanted = TopSelection.reference(scores, heads, n, rule.perRow(n), 0, false);
        same(wanted, select(q, k, heads, 1, n, rule, ForcedBlocks.NONE), heads, n);
    }

    @Test
    void blocksPerRowFollowTheFormula() {
        assertEquals(1, new TopBlocks(0.1).perRow(16));
        assertEquals(26, new TopBlocks(0.1).perRow(512));
        assertEquals(512, new TopBlocks(1).perRow(512));
        int n = 512;
        BlockMask mask = select(ones(n), new Draw(1).normal(n), 1, 1, n, new TopBlocks(0.1), ForcedBlocks.NONE);
        for (int row = 0; row < n; row++) {
            int kept = mask.start()[row + 1] - mask.start()[row];
            int k = Math.min(26, row + 1);
            assertTrue(kept == k || kept == k + 1, "the diagonal is the only extra one");
            assertTrue(mask.keeps(0, row, row));
        }
        assertEquals(0.1, mask.density(), 0.005);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 64, 100, 300})
    void thresholdEqualsTheReference(int n) {
        var draw = new Draw(n);
        int heads = 4;
        float[] q = draw.normal(heads * n * 16);
        float[] k = draw.normal(heads * n * 16);
        double[] raw = GateScore.reference(q, k, heads, heads, n, 16, 0.5);
        double[] probability = GateScore.softmax(raw, heads * n, n);
        var rule = new Threshold(List.of(0.01f, 0.03f, 0f, 0.5f), GateActivation.SOFTMAX);
        BlockMask mask = backend.select(tensor(q, heads, n), tensor(k, heads, n), 0, n, n, 64, 0.5, rule,
                ForcedBlocks.NONE);
        for (int at = 0; at < raw.length; at++) {
            float threshold = rule.threshold(at / (n * n));
            boolean near = Math.abs(probability[at] - threshold) < 1e-6;
            boolean wanted = probability[at] > threshold || at / n % n == at % n;
            assertTrue(near || wanted == mask.keeps(at / (n * n), at / n % n, at % n), "element " + at);
        }
    }

    /// Four equal scores have a probability of exactly a quarter, which is not above a quarter.
    @Test
    void thresholdIsStrict() {
        int n = 4;
        float[] q = ones(n);
        float[] k = ones(n);
        BlockMask at = select(q, k, 1, 1, n, new Threshold(0.25f, GateActivation.SOFTMAX), ForcedBlocks.NONE);
        BlockMask below = select(q, k, 1, 1, n, new Threshold(Math.nextDown(0.25f), GateActivation.SOFTMAX),
                ForcedBlocks.NONE);
        for (int j = 0; j < 3; j++) {
            assertFalse(at.keeps(0, 3, j));
            assertTrue(below.keeps(0, 3, j));
        }
        assertTrue(at.keeps(0, 3, 3), "the diagonal stays");
        assertTrue(at.keeps(0, 2, 0), "a third is above a quarter");
    }

    @Test
    void sigmoidLooksAtEachBlockAlone() {
        int n = 5;
        float[] k = {-1, 0, 1, 0.1f, -3};
        BlockMask mask = select(ones(n), k, 1, 1, n, new Threshold(0.5f, GateActivation.SIGMOID), ForcedBlocks.NONE);
        assertArrayEquals(new int[] {2, 3, 4}, Arrays.copyOfRange(mask.index(), mask.start()[4], mask.start()[5]));
    }

    @Test
    void forcedRowsReferToTheWholePrompt() {
        int n = 20;
        Tensor q = tensor(ones(n), 1, n);
        Tensor k = tensor(new Draw(2).normal(n), 1, n);
        var rule = new TopBlocks(0.01);
        BlockMask early = backend.select(q, k, 0, 10, n, 64, 1, rule, ForcedBlocks.DEFAULT);
        assertTrue(early.kept() <= 2 * 10);
        BlockMask late = backend.select(q, k, 10, 10, n, 64, 1, rule, new ForcedBlocks(3, true));
        for (int row = 10; row < 20; row++) {
            int kept = late.start()[row - 9] - late.start()[row - 10];
            assertTrue(late.keeps(0, row, 0), "first block");
            assertTrue(row >= 17 ? kept == row + 1 : kept <= 3, "row " + row + " keeps " + kept);
        }
    }

    @Test
    void chunkedEqualsOneShot() {
        int n = 150;
        var draw = new Draw(8);
        float[] q = draw.normal(2 * n * 8);
        float[] k = draw.normal(n * 8);
        for (SelectionRule rule : new SelectionRule[] {
                new TopBlocks(0.2), new Threshold(0.02f, GateActivation.SOFTMAX)}) {
            BlockMask whole = select(q, k, 2, 1, n, rule, ForcedBlocks.DEFAULT);
            int first = 70;
            var rest = new float[2 * (n - first) * 8];
            for (int h = 0; h < 2; h++) {
                System.arraycopy(q, (h * n + first) * 8, rest, h * (n - first) * 8, (n - first) * 8);
            }
            BlockMask part = backend.select(tensor(rest, 2, n - first), tensor(k, 1, n), first, n - first, n, 64, 1,
                    rule, ForcedBlocks.DEFAULT);
            for (int h = 0; h < 2; h++) {
                for (int row = first; row < n; row++) {
                    for (int j = 0; j <= row; j++) {
                        assertEquals(whole.keeps(h, row, j), part.keeps(h, row, j));
                    }
                }
            }
        }
    }

    @Test
    void threadsDoNotChangeTheMask() {
        int n = 300;
        var draw = new Draw(12);
        float[] q = draw.normal(4 * n * 16);
        float[] k = draw.normal(2 * n * 16);
        BlockMask two = select(q, k, 4, 2, n, new TopBlocks(0.1), ForcedBlocks.NONE);
        try (var one = new CpuBackend(1)) {
            BlockMask single = one.select(one.upload(q, 4, n, 16), one.upload(k, 2, n, 16), 0, n, n, 64, 1,
                    new TopBlocks(0.1), ForcedBlocks.NONE);
            assertArrayEquals(two.start(), single.start());
            assertArrayEquals(two.index(), single.index());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 16", "65, 64", "130, 48"})
    void blockScoresEqualTheReference(int n, int E) {
        var draw = new Draw(n);
        float[] q = draw.normal(4 * n * E);
        float[] k = draw.normal(2 * n * E);
        double[] wanted = GateScore.reference(q, k, 4, 2, n, E, 0.25);
        for (int h = 0; h < 4; h++) {
            float[] got = backend.blockScores(tensor(q, 4, n), tensor(k, 2, n), h, 0, n, 0.25);
            Close.check("scores", got, Arrays.copyOfRange(wanted, h * n * n, (h + 1) * n * n), E);
        }
    }
}
