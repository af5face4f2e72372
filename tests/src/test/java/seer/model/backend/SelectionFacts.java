package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import seer.kernels.gate.TopSelection;
import seer.kernels.gate.GateScore;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.attention.SelectionRule.Threshold;
import seer.model.attention.SelectionRule.TopBlocks;

/// Scores and selection against the reference.
abstract class SelectionFacts extends BackendFacts {
    private Tensor tensor(float[] values, int heads, int n) {
        return arena.upload(values, heads, n, values.length / heads / n);
    }

    private BlockMask select(float[] q, float[] k, int heads, int keyHeads, int n, SelectionRule rule,
                             ForcedBlocks forced) {
        return backend.select(tensor(q, heads, n), tensor(k, keyHeads, n), 0, n, n, 64, 1, rule, forced, arena);
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

    Stream<Arguments> tiesGoToTheLowerIndex() {
        return within(arguments(1, 0.5), arguments(2, 0.3), arguments(63, 0.1), arguments(64, 0.5), arguments(65, 0.2),
                arguments(130, 0.05), arguments(200, 1));
    }

    @ParameterizedTest
    @MethodSource
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

    Stream<Arguments> largestScoresAreKept() {
        return within(1, 17, 64, 130, 400);
    }

    @ParameterizedTest
    @MethodSource
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

    Stream<Arguments> thresholdEqualsTheReference() {
        return within(1, 5, 64, 100, 300);
    }

    @ParameterizedTest
    @MethodSource
    void thresholdEqualsTheReference(int n) {
        var draw = new Draw(n);
        int heads = 4;
        float[] q = draw.normal(heads * n * 16);
        float[] k = draw.normal(heads * n * 16);
        double[] raw = GateScore.reference(q, k, heads, heads, n, 16, 0.5);
        double[] probability = GateScore.softmax(raw, heads * n, n);
        var rule = new Threshold(List.of(0.01f, 0.03f, 0f, 0.5f), GateActivation.SOFTMAX);
        BlockMask mask = backend.select(tensor(q, heads, n), tensor(k, heads, n), 0, n, n, 64, 0.5, rule,
                ForcedBlocks.NONE, arena);
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
        BlockMask early = backend.select(q, k, 0, 10, n, 64, 1, rule, new ForcedBlocks(2, false), arena);
        assertTrue(early.kept() <= 2 * 10);
        BlockMask late = backend.select(q, k, 10, 10, n, 64, 1, rule, new ForcedBlocks(3, true), arena);
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
                    rule, ForcedBlocks.DEFAULT, arena);
            for (int h = 0; h < 2; h++) {
                for (int row = first; row < n; row++) {
                    for (int j = 0; j <= row; j++) {
                        assertEquals(whole.keeps(h, row, j), part.keeps(h, row, j));
                    }
                }
            }
        }
    }

    Stream<Arguments> blockScoresEqualTheReference() {
        return within(arguments(1, 16), arguments(65, 64), arguments(130, 48));
    }

    @ParameterizedTest
    @MethodSource
    void blockScoresEqualTheReference(int n, int E) {
        var draw = new Draw(n);
        float[] q = draw.normal(4 * n * E);
        float[] k = draw.normal(2 * n * E);
        double[] wanted = GateScore.reference(q, k, 4, 2, n, E, 0.25);
        for (int h = 0; h < 4; h++) {
            float[] got = backend.blockScores(tensor(q, 4, n), tensor(k, 2, n), h, 0, n, 0.25);
            check("scores", got, Arrays.copyOfRange(wanted, h * n * n, (h + 1) * n * n), E);
        }
    }

    Stream<Arguments> theBestVectorOfABlockCounts() {
        return within(arguments(1, 16, 4, 3), arguments(19, 16, 4, 74), arguments(67, 48, 2, 134));
    }

    /// @param count vectors of the keys, of which the last block may lack some
    @ParameterizedTest
    @MethodSource
    void theBestVectorOfABlockCounts(int n, int E, int fold, int count) {
        var draw = new Draw(n);
        float[] q = draw.normal(4 * n * E);
        float[] k = draw.normal(2 * count * E);
        double[] wanted = GateScore.reference(q, k, 4, 2, n, E, 0.25, fold, count - 1);
        var keys = new BlockKeys(tensor(k, 2, count), fold, count);
        for (int h = 0; h < 4; h++) {
            check("scores", backend.blockScores(tensor(q, 4, n), keys, h, 0, n, 0.25),
                    Arrays.copyOfRange(wanted, h * n * n, (h + 1) * n * n), E);
        }
        BlockMask mask = backend.select(tensor(q, 4, n), keys, 0, n, n, 64, 0.25, new TopBlocks(0.4),
                ForcedBlocks.DEFAULT, arena);
        var scores = new float[wanted.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) wanted[i];
        }
        same(TopSelection.reference(scores, 4, n, new TopBlocks(0.4).perRow(n), ForcedBlocks.DEFAULT.denseLastRows(),
                ForcedBlocks.DEFAULT.keepFirst()), mask, 4, n);
    }

    /// A gate whose keys have several vectors to a block, read in two chunks, the last block of each short or not.
    @Test
    void aGateOfSeveralVectorsIsItsStepsToo() {
        int D = 16;
        int T = 61;
        var chunk = new GateChunk(T, 8, 2, 11, 2);
        var rotary = Rotary.plain(D, 1e4);
        GateSide q = side(1, 4, T, D, List.of(Pooling.AVG), 0, 0);
        var draw = new Draw(2);
        var weights = arena.upload(draw.normal(4 * D * D, 0.25), 4, D, D);
        Tensor raw = arena.upload(draw.normal(2 * T * D), 2, T, D);
        var k = new GateSide(raw, List.of(Pooling.AVG), weights, arena.allocate(2, 8 + 31, D), false,
                arena.upload(draw.normal(4 * 39 * D), 4, 39, D), 8);
        BlockMask whole = backend.gate(q, k, chunk, rotary, 0.25, new TopBlocks(0.4), ForcedBlocks.DEFAULT, arena);
        Tensor pooled = arena.allocate(2, 39, D);
        Tensor vectors = arena.upload(k.vectors().download(), 4, 39, D);
        backend.pool(raw, 0, T, 2, List.of(Pooling.AVG), pooled, 8);
        backend.projectHeads(pooled, weights, 8, 31, vectors);
        backend.rotate(vectors, 8, 31, rotary, 16, 2, vectors, 8);
        assertArrayEquals(vectors.download(), k.vectors().download());
        BlockMask wanted = backend.select(q.vectors(), new BlockKeys(vectors, 4, 39), 2, 8, 11, 8, 0.25,
                new TopBlocks(0.4), ForcedBlocks.DEFAULT, arena);
        assertArrayEquals(wanted.start(), whole.start());
        assertArrayEquals(Arrays.copyOf(wanted.index(), (int) wanted.kept()),
                Arrays.copyOf(whole.index(), (int) whole.kept()));
    }

    /// Those that are closed too: their lists are gone, not their numbers.
    @Test
    void blocksOfManyMasksAreCountedAtOnce() {
        int n = 50;
        var draw = new Draw(13);
        var masks = new ArrayList<BlockMask>();
        var wanted = new ArrayList<Long>();
        for (double density : new double[] {0.1, 0.5, 1}) {
            BlockMask mask = select(draw.normal(2 * n * 8), draw.normal(n * 8), 2, 1, n, new TopBlocks(density),
                    ForcedBlocks.NONE);
            masks.add(mask);
            wanted.add(Arrays.stream(mask.index()).limit(mask.start()[2 * n]).count());
        }
        for (int i = 0; i < 3; i++) {
            BlockMask same = select(draw.normal(2 * n * 8), draw.normal(n * 8), 2, 1, n, new TopBlocks(1),
                    ForcedBlocks.NONE);
            same.close();
            masks.add(same);
            wanted.add(2L * n * (n + 1) / 2);
        }
        masks.add(BlockMask.dense(3, 64, 1, 2));
        wanted.add(15L);
        assertArrayEquals(wanted.stream().mapToLong(each -> each).toArray(), backend.kept(masks));
        assertEquals(0, backend.kept(List.of()).length);
    }

    /// One side, raw vectors drawn from a seed.
    private GateSide side(int seed, int heads, int T, int D, List<Pooling> poolings, int projected, int at) {
        var draw = new Draw(seed);
        int inputs = poolings.size() * D;
        int n = at + Math.ceilDiv(T, 8);
        Tensor weights = projected == 0 ? null
                : arena.upload(draw.normal(4 * inputs * projected, 1 / Math.sqrt(inputs)), 4, inputs, projected);
        return new GateSide(arena.upload(draw.normal(heads * T * D), heads, T, D), poolings, weights,
                arena.allocate(heads, n, inputs), false, arena.allocate(weights == null ? heads : 4, n,
                weights == null ? inputs : projected), at);
    }

    Stream<Arguments> aGateIsItsSteps() {
        return within(arguments(5, 0, 16), arguments(61, 0, 0), arguments(70, 3, 16), arguments(130, 0, 16));
    }

    @ParameterizedTest
    @MethodSource
    void aGateIsItsSteps(int T, int first, int projected) {
        int D = 16;
        int n = Math.ceilDiv(T, 8);
        var chunk = new GateChunk(T, 8, first, first + n + 1);
        var rotary = Rotary.plain(D, 1e4);
        var rule = new TopBlocks(0.4);
        var poolings = List.of(Pooling.MAX, Pooling.AVG);
        GateSide q = side(1, 4, T, D, List.of(Pooling.AVG), projected, 0);
        GateSide k = side(2, 2, T, D, poolings, D, first);
        BlockMask whole = backend.gate(q, k, chunk, rotary, 0.25, rule, ForcedBlocks.DEFAULT, arena);
        GateSide steps = side(1, 4, T, D, List.of(Pooling.AVG), projected, 0);
        GateSide keySteps = side(2, 2, T, D, poolings, D, first);
        for (GateSide side : List.of(steps, keySteps)) {
            backend.pool(side.raw(), 0, T, 8, side.poolings(), side.pooled(), side.at());
            Tensor mapped = side.pooled();
            if (side.weights() != null) {
                backend.projectHeads(mapped, side.weights(), side.at(), n, side.vectors());
                mapped = side.vectors();
            }
            backend.rotate(mapped, side.at(), n, rotary, chunk.position(), 8, side.vectors(), side.at());
        }
        check("queries", q.vectors().download(), doubles(steps.vectors().download(), 0, 4 * n * D), 4 * D);
        check("keys", k.vectors().download(), doubles(keySteps.vectors().download(), 0, 4 * (first + n) * D), 8 * D);
        BlockMask wanted = backend.select(steps.vectors(), keySteps.vectors(), first, n, first + n + 1, 8, 0.25, rule,
                ForcedBlocks.DEFAULT, arena);
        assertArrayEquals(wanted.start(), whole.start());
        assertArrayEquals(Arrays.copyOf(wanted.index(), (int) wanted.kept()),
                Arrays.copyOf(whole.index(), (int) whole.kept()));
    }

    /// One score of row 30 and later is broken. Rows before it, and rows that keep every block whatever the scores, are
    /// chosen as ever; where a row depends on it there is no choice, only an error with the first such row's place.
    Stream<Arguments> aScoreThatIsNotFiniteEndsTheChoice() {
        return Stream.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY).map(Arguments::arguments);
    }

    @ParameterizedTest
    @MethodSource
    void aScoreThatIsNotFiniteEndsTheChoice(float broken) {
        int n = 40;
        float[] k = new Draw(1).normal(2 * n);
        k[n + 30] = broken;
        for (SelectionRule rule : List.of(new TopBlocks(0.3), new Threshold(0.1f, GateActivation.SOFTMAX),
                new Threshold(0.1f, GateActivation.SIGMOID))) {
            var e = assertThrows(NotFiniteException.class, () -> select(ones(2 * n), k, 2, 2, n, rule,
                    new ForcedBlocks(9, true)).kept());
            assertEquals("head 1, query block 30: a block's score is NaN or infinite, wanted a finite number",
                    e.getMessage());
            select(ones(2 * n), k, 2, 2, n, rule, new ForcedBlocks(10, true)); // the rows that see it are dense
        }
        select(ones(2 * n), k, 2, 2, n, new TopBlocks(1), ForcedBlocks.NONE);
    }
}
