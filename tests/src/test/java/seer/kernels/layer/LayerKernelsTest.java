package seer.kernels.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.kernels.KernelRun;
import seer.kernels.Move;
import seer.kernels.MultiplyAdd;
import seer.support.Conformance;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/// The kernels around attention against their references, in the middle of larger buffers.
@Conformance
class LayerKernelsTest {
    private static final float EPSILON = 1e-5f;

    @ParameterizedTest
    @CsvSource({"1, 256", "5, 16", "63, 100", "65, 130", "130, 64"})
    void rowsAreNormed(int T, int C) {
        float[] x = KernelRun.random(T, T * C, 2);
        float[] weight = KernelRun.random(C, C, 1);
        double[] wanted = RmsNorm.reference(x, weight, EPSILON, T, C);
        FloatArray in = KernelRun.padded(x, 7);
        FloatArray w = KernelRun.padded(weight, 2);
        FloatArray y = KernelRun.padded(new float[T * C], 5);
        var p = IntArray.fromElements(T, C, 7, 2, 5);
        var f = FloatArray.fromElements(EPSILON);
        KernelRun.of(KernelRun.items(T, 64)).in(in, w, p, f).out(y)
                .run(graph -> graph.task(KernelRun.TASK, RmsNorm::naive, new KernelContext(), in, w, y, p, f));
        KernelRun.assertClose("naive", wanted, y, 5, C);
        y.init(Float.NaN);
        KernelRun.of(KernelRun.groups(T, 1, 1, RmsNorm.GROUP)).in(in, w, p, f).out(y)
                .run(graph -> graph.task(KernelRun.TASK, RmsNorm::grouped, new KernelContext(), in, w, y, p, f));
        KernelRun.assertClose("grouped", wanted, y, 5, C);
    }

    @ParameterizedTest
    @CsvSource({"1, 64", "5, 40", "130, 96"})
    void gatesOpenTheirHalf(int T, int F) {
        float[] gateUp = KernelRun.random(T, T * 2 * F, 4);
        gateUp[0] = -500;
        gateUp[1] = 500;
        FloatArray in = KernelRun.padded(gateUp, 3);
        FloatArray y = KernelRun.padded(new float[T * F], 1);
        var p = IntArray.fromElements(T, F, 3, 1);
        KernelRun.of(KernelRun.items(T * F, 64)).in(in, p).out(y)
                .run(graph -> graph.task(KernelRun.TASK, SwiGlu::naive, new KernelContext(), in, y, p));
        KernelRun.assertClose("y", SwiGlu.reference(gateUp, T, F), y, 1, 9);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 16, 0, 1", "63, 4, 64, 0, 64", "65, 7, 128, 1000000, 1", "130, 2, 64, 999, 64"})
    void rotationStaysExactAtFarPositions(int T, int H, int D, int first, int step) {
        float[] x = KernelRun.random(T, H * T * D, 1);
        double[] frequency = frequencies(D, 500_000);
        double[] wanted = Rope.reference(x, H, T, D, frequency, 1.25, first, step);
        FloatArray in = KernelRun.padded(x, 4);
        FloatArray y = KernelRun.padded(new float[H * T * D], 9);
        IntArray turns = turns(frequency);
        FloatArray rest = rest(frequency, 1.25f);
        var p = KernelRun.places(Rope.P_HEADS, H, Rope.P_ROWS, T, Rope.P_D, D, Rope.P_HALF, D / 2, Rope.P_FIRST, first,
                Rope.P_STEP, step, Rope.P_X, 4, Rope.P_X_STRIDE, T * D, Rope.P_Y, 9, Rope.P_Y_STRIDE, T * D,
                Rope.P_TURNS, 2, Rope.P_REST, 1);
        KernelRun.of(KernelRun.items(H * T * D / 2, 64)).in(in, turns, rest, p).out(y)
                .run(graph -> graph.task(KernelRun.TASK, Rope::naive, new KernelContext(), in, turns, rest, y, p));
        KernelRun.assertClose("y", wanted, y, 9, 4);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 14})
    void whatIsBehindTheRotaryWidthIsCopied(int R) {
        int D = 16;
        int T = 5;
        float[] x = KernelRun.random(R, T * D, 1);
        double[] frequency = frequencies(R, 10_000);
        FloatArray y = KernelRun.padded(x, 0);
        IntArray turns = turns(frequency);
        FloatArray rest = rest(frequency, 1);
        var p = KernelRun.places(Rope.P_HEADS, 1, Rope.P_ROWS, T, Rope.P_D, D, Rope.P_HALF, R / 2, Rope.P_FIRST, 3,
                Rope.P_STEP, 1, Rope.P_X, 0, Rope.P_X_STRIDE, T * D, Rope.P_Y, 0, Rope.P_Y_STRIDE, T * D,
                Rope.P_TURNS, 2, Rope.P_REST, 1);
        KernelRun.of(KernelRun.items(T * (D - R / 2), 32)).in(turns, rest, p).out(y)
                .run(graph -> graph.task(KernelRun.TASK, Rope::naive, new KernelContext(), y, turns, rest, y, p));
        for (int t = 0; t < T; t++) {
            double[] wanted = Rope.reference(Arrays.copyOfRange(x, t * D, t * D + R), 1, 1, R, frequency, 1, 3 + t, 1);
            KernelRun.assertClose("turned", wanted, y, t * D, 4);
            for (int d = R; d < D; d++) {
                assertEquals(x[t * D + d], y.get(t * D + d));
            }
        }
    }

    private static double[] frequencies(int width, double theta) {
        var frequency = new double[width / 2];
        for (int i = 0; i < frequency.length; i++) {
            frequency[i] = Math.pow(theta, -2.0 * i / width);
        }
        return frequency;
    }

    /// From element 2 on.
    private static IntArray turns(double[] frequency) {
        var turns = new IntArray(2 + frequency.length);
        for (int i = 0; i < frequency.length; i++) {
            turns.set(2 + i, Rope.turns(frequency[i]));
        }
        return turns;
    }

    /// From element 1 on.
    private static FloatArray rest(double[] frequency, float scale) {
        var rest = new FloatArray(1 + frequency.length + 1);
        for (int i = 0; i < frequency.length; i++) {
            rest.set(1 + i, Rope.rest(frequency[i]));
        }
        rest.set(1 + frequency.length, scale);
        return rest;
    }

    @ParameterizedTest
    @CsvSource({"1, 16", "65, 33"})
    void sumsAndCopiesStayInTheirPlace(int T, int C) {
        float[] y = KernelRun.random(T, T * C, 1);
        float[] x = KernelRun.random(C, T * C, 1);
        FloatArray from = KernelRun.padded(y, 3);
        FloatArray to = KernelRun.padded(x, 4);
        var p = IntArray.fromElements(T * C, 3, 4);
        KernelRun.of(KernelRun.items(T * C, 64)).in(from, p).out(to)
                .run(graph -> graph.task(KernelRun.TASK, Residual::naive, new KernelContext(), from, to, p));
        KernelRun.assertClose("sum", Residual.reference(y, x), to, 4, 1);
        double[] copied = Move.reference(from.toHeapArray(), 3, to.toHeapArray(), 4, T * C);
        KernelRun.of(KernelRun.items(T * C, 64)).in(from, p).out(to)
                .run(graph -> graph.task(KernelRun.TASK, Move::copy, new KernelContext(), from, to, p));
        assertSame(copied, to);
        double[] cleared = Move.reference(null, 0, to.toHeapArray(), 5, T * C - 1);
        var q = IntArray.fromElements(T * C - 1, 0, 5);
        KernelRun.of(KernelRun.items(T * C, 64)).in(q).out(to)
                .run(graph -> graph.task(KernelRun.TASK, Move::clear, new KernelContext(), to, q));
        assertSame(cleared, to);
        assertEquals(y[0], to.get(4));
        assertEquals(Float.NaN, to.get(4 + T * C));
    }

    private static void assertSame(double[] wanted, FloatArray got) {
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], got.get(i), "[" + i + "]");
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 16", "65, 40"})
    void tokensBecomeTheirRows(int T, int C) {
        int V = 50;
        float[] table = KernelRun.random(T, V * C, 1);
        var tokens = new int[T];
        Arrays.setAll(tokens, t -> t * 31 % V);
        FloatArray w = KernelRun.padded(table, 3);
        FloatArray x = KernelRun.padded(new float[T * C], 2);
        IntArray ids = IntArray.fromArray(tokens);
        var p = IntArray.fromElements(T, C, 3, 2);
        KernelRun.of(KernelRun.items(T * C, 64)).in(w, ids, p).out(x)
                .run(graph -> graph.task(KernelRun.TASK, Embedding::naive, new KernelContext(), w, ids, x, p));
        KernelRun.assertClose("x", Embedding.reference(table, tokens, C), x, 2, 1);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 64, false", "5, 4, 2, 16, true", "63, 7, 1, 16, true", "65, 8, 1, 16, false"})
    void headsAreTakenApart(int T, int H, int G, int D, boolean shifted) {
        int heads = H + 2 * G;
        float[] y = KernelRun.random(T, T * heads * D, 1);
        float[] bias = KernelRun.random(D, heads * D, 1);
        double[] wanted = HeadSplit.reference(y, shifted ? bias : null, T, heads, D);
        FloatArray in = KernelRun.padded(y, 1);
        FloatArray b = KernelRun.padded(bias, 2);
        FloatArray q = KernelRun.padded(new float[H * T * D], 3);
        FloatArray k = KernelRun.padded(new float[G * T * D], 4);
        int S = T + 9; // longer than there are rows
        FloatArray v = KernelRun.padded(new float[G * S * D], 5);
        var p = KernelRun.places(HeadSplit.P_ROWS, T, HeadSplit.P_HEADS, H, HeadSplit.P_GROUPS, G, HeadSplit.P_D, D,
                HeadSplit.P_Y, 1, HeadSplit.P_BIAS, shifted ? 2 : -1, HeadSplit.P_Q, 3, HeadSplit.P_Q_STRIDE, T * D,
                HeadSplit.P_K, 4, HeadSplit.P_K_STRIDE, T * D, HeadSplit.P_V, 5 + 6 * D, HeadSplit.P_V_STRIDE, S * D);
        KernelRun.of(KernelRun.items(T * heads * D, 64)).in(in, b, p).out(q, k, v)
                .run(graph -> graph.task(KernelRun.TASK, HeadSplit::naive, new KernelContext(), in, b, q, k, v, p));
        KernelRun.assertClose("q", Arrays.copyOf(wanted, H * T * D), q, 3, 2);
        KernelRun.assertClose("k", Arrays.copyOfRange(wanted, H * T * D, (H + G) * T * D), k, 4, 2);
        for (int g = 0; g < G; g++) {
            int from = (H + G + g) * T * D;
            KernelRun.assertClose("v", Arrays.copyOfRange(wanted, from, from + T * D), v, 5 + (g * S + 6) * D, 2);
        }
    }

    /// Heads of the cache are longer than those of the chunk; without a rotation keys are copied.
    @ParameterizedTest
    @CsvSource({"1, 1, 16, 16, 0", "5, 2, 16, 12, 3", "65, 3, 10, 10, 40", "5, 2, 12, 0, 7"})
    void keysAreTurnedAndValuesCopiedIntoTheCache(int T, int G, int D, int width, int first) {
        float[] k = KernelRun.random(T, G * T * D, 1);
        float[] v = KernelRun.random(D, G * T * D, 1);
        double[] frequency = new double[width / 2];
        Arrays.setAll(frequency, i -> Math.pow(500_000, -2.0 * i / Math.max(width, 1)));
        int S = first + T + 4;
        FloatArray key = KernelRun.padded(k, 1);
        FloatArray value = KernelRun.padded(v, 2);
        FloatArray keys = KernelRun.padded(new float[G * S * D], 3);
        FloatArray values = KernelRun.padded(new float[G * S * D], 4);
        var turns = new IntArray(width / 2 + 5);
        var rest = new FloatArray(width / 2 + 7);
        for (int i = 0; i < width / 2; i++) {
            turns.set(5 + i, Rope.turns(frequency[i]));
            rest.set(6 + i, Rope.rest(frequency[i]));
        }
        rest.set(6 + width / 2, 1.25f);
        var p = new IntArray(CacheAppend.P_SIZE);
        p.set(CacheAppend.P_HEADS, G);
        p.set(CacheAppend.P_ROWS, T);
        p.set(CacheAppend.P_D, D);
        p.set(CacheAppend.P_HALF, width / 2);
        p.set(CacheAppend.P_FIRST, first);
        p.set(CacheAppend.P_K, 1);
        p.set(CacheAppend.P_K_STRIDE, T * D);
        p.set(CacheAppend.P_V, 2);
        p.set(CacheAppend.P_V_STRIDE, T * D);
        p.set(CacheAppend.P_KEYS, 3 + first * D);
        p.set(CacheAppend.P_VALUES, 4 + first * D);
        p.set(CacheAppend.P_ROOM, S * D);
        p.set(CacheAppend.P_TURNS, 5);
        p.set(CacheAppend.P_REST, 6);
        KernelRun.of(KernelRun.items(G * T * (D - width / 2), 64)).in(key, value, turns, rest, p).out(keys, values)
                .run(graph -> graph.task(KernelRun.TASK, CacheAppend::naive, new KernelContext(), key, value, turns,
                        rest, keys, values, p));
        double[] wanted = CacheAppend.reference(k, G, T, D, frequency, 1.25, first);
        for (int g = 0; g < G; g++) {
            KernelRun.assertClose("keys", Arrays.copyOfRange(wanted, g * T * D, (g + 1) * T * D), keys,
                    3 + (g * S + first) * D, 4);
            assertArrayEquals(Arrays.copyOfRange(v, g * T * D, (g + 1) * T * D), Arrays.copyOfRange(
                    values.toHeapArray(), 4 + (g * S + first) * D, 4 + (g * S + first + T) * D));
        }
    }

    /// Whole floats come of halves, as BF16 keeps them.
    @ParameterizedTest
    @ValueSource(ints = {1, 130})
    void halvesAreWidened(int count) {
        var halves = new ShortArray(count + 3);
        var wanted = new int[count];
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToRawIntBits(i % 3 == 0 ? -i / 7f : (float) Math.exp(i - 60)) >>> 16;
            halves.set(3 + i, (short) bits);
            wanted[i] = bits << 16;
        }
        var whole = new IntArray(count + 2);
        var p = IntArray.fromElements(count, 3, 2);
        KernelRun.of(KernelRun.items(count, 64)).in(halves, p).out(whole).run(graph ->
                graph.task(KernelRun.TASK, Move::widen, new KernelContext(), halves, whole, p));
        assertArrayEquals(wanted, Arrays.copyOfRange(whole.toHeapArray(), 2, 2 + count));
    }

    @ParameterizedTest
    @CsvSource({"1, 333", "5, 1000", "65, 100"})
    void surpriseAndBestAreThoseOfTheLogits(int T, int V) {
        float[] logits = KernelRun.random(T, T * V, 5);
        logits[V / 2] = 9;
        logits[V - 1] = 9;
        var targets = new int[T];
        Arrays.setAll(targets, t -> t % 4 == 3 ? -1 : t * 31 % V);
        FloatArray in = KernelRun.padded(logits, 6);
        IntArray ids = IntArray.fromArray(targets);
        var negative = new FloatArray(T);
        var best = new IntArray(T);
        var p = IntArray.fromElements(T, V, 6, 0);
        KernelRun.of(KernelRun.groups(T, 1, 1, TokenScore.GROUP)).in(in, ids, p).out(negative, best)
                .run(graph -> graph.task(KernelRun.TASK, TokenScore::grouped, new KernelContext(), in, ids, negative,
                        best, p));
        KernelRun.assertClose("negative", TokenScore.reference(logits, targets, V), negative, 0, V);
        for (int t = 0; t < T; t++) {
            assertEquals(TokenScore.best(logits, t, V), best.get(t));
        }
    }

    /// Few groups, so that each takes several rows; the padding around the rows is NaN.
    @ParameterizedTest
    @CsvSource({"1, 16, 0, 0, NaN", "5, 130, 3, 129, Infinity", "65, 100, 64, 1, -Infinity", "65, 257, 40, 128, 1.1",
        "130, 64, -1, 0, 0", "7, 300, 2, 299, -1.1"})
    void theFirstRowThatIsBrokenIsFound(int T, int C, int row, int column, float value) {
        float[] x = KernelRun.random(T, T * C, 1);
        if (row >= 0) {
            x[row * C + column] = value;
            x[T * C - 1] = Float.NaN; // a later one does not matter
        }
        int groups = Math.min(T, 4);
        FloatArray in = KernelRun.padded(x, 5);
        var first = new IntArray(groups);
        first.init(-7);
        var p = IntArray.fromElements(T, C, 5, groups);
        var f = FloatArray.fromElements(1);
        KernelRun.of(KernelRun.groups(groups, 1, 1, BrokenRows.GROUP)).in(in, p, f).out(first)
                .run(graph -> graph.task(KernelRun.TASK, BrokenRows::grouped, new KernelContext(), in, first, p, f));
        int wanted = BrokenRows.reference(x, T, C, 1);
        assertEquals(row < 0 ? T : row, wanted);
        assertEquals(wanted, Arrays.stream(first.toHeapArray()).min().orElseThrow());
        for (int group = 0; group < groups; group++) {
            assertTrue(first.get(group) == T || first.get(group) % groups == group, "group " + group);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void chainsAreMultipliedAndAdded(int rounds) {
        var y = new FloatArray(128);
        var p = IntArray.fromElements(rounds);
        var f = FloatArray.fromElements(0.99f, 0.01f);
        KernelRun.of(KernelRun.items(128, 64)).in(p, f).out(y)
                .run(graph -> graph.task(KernelRun.TASK, MultiplyAdd::chains, new KernelContext(), y, p, f));
        for (int i = 0; i < 128; i++) {
            assertEquals(MultiplyAdd.reference(i, rounds, 0.99f, 0.01f), y.get(i), 1e-4);
        }
    }
}
