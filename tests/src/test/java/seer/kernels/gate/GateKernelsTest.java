package seer.kernels.gate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.KernelRun;
import seer.kernels.attention.BlockLists;
import seer.kernels.layer.Rope;
import seer.model.backend.Rotary;
import seer.support.Conformance;
import seer.support.WarpOperations;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gate's kernels, from pooling to lists, against their references.
@Conformance
class GateKernelsTest {
    /// Of the scores: exact in either precision.
    private static final float SCALE = 0.5f;

    @ParameterizedTest
    @CsvSource({"1, 1, 64, 16", "5, 2, 8, 16", "65, 1, 64, 64", "130, 2, 16, 16", "257, 1, 128, 128"})
    void poolingSeesRealTokensOnly(int T, int H, int B, int D) {
        float[] x = KernelRun.random(T, H * T * D, 3);
        int N = (T + B - 1) / B;
        FloatArray in = KernelRun.padded(x, 4);
        for (int pools = 1; pools < 8; pools += 2) {
            boolean max = (pools & 4) != 0;
            boolean min = (pools & 2) != 0;
            int count = Integer.bitCount(pools);
            FloatArray pooled = KernelRun.padded(new float[H * N * count * D], 3);
            var p = KernelRun.places(BlockPooling.P_HEADS, H, BlockPooling.P_ROWS, T, BlockPooling.P_D, D,
                    BlockPooling.P_BLOCK, B, BlockPooling.P_X, 4, BlockPooling.P_X_STRIDE, T * D,
                    BlockPooling.P_POOLED, 3, BlockPooling.P_POOLED_STRIDE, N * count * D,
                    BlockPooling.P_POOLINGS, count, BlockPooling.P_MAX, max ? 0 : -1,
                    BlockPooling.P_MIN, min ? (max ? 1 : 0) : -1, BlockPooling.P_AVERAGE, count - 1);
            KernelRun.of(KernelRun.items(H * N * D, 64)).in(in, p).out(pooled)
                    .run(graph -> graph.task(KernelRun.TASK, BlockPooling::naive, new KernelContext(), in, pooled, p));
            KernelRun.assertClose("pooled", BlockPooling.reference(x, H, T, D, B, max, min, true), pooled, 3, B);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 4, 2, 192, 64", "17, 8, 1, 48, 16", "63, 7, 1, 30, 16", "9, 2, 2, 128, 128"})
    void headsAreProjectedByTheirOwnWeights(int N, int H, int G, int I, int E) {
        float[] pooled = KernelRun.random(N, G * N * I, 1);
        float[] w = KernelRun.random(I, H * I * E, 1);
        double[] wanted = GateProjection.reference(pooled, w, H, G, N, I, E);
        FloatArray in = KernelRun.padded(pooled, 2);
        FloatArray weights = KernelRun.padded(w, 3);
        FloatArray y = KernelRun.padded(new float[H * N * E], 4);
        var p = KernelRun.places(GateProjection.P_HEADS, H, GateProjection.P_ROWS, N, GateProjection.P_INPUTS, I,
                GateProjection.P_WIDTH, E, GateProjection.P_SHARE, H / G, GateProjection.P_POOLED, 2,
                GateProjection.P_POOLED_STRIDE, N * I, GateProjection.P_W, 3, GateProjection.P_Y, 4,
                GateProjection.P_Y_STRIDE, N * E);
        KernelRun.of(KernelRun.items(H * N * E, 64)).in(in, weights, p).out(y).run(graph ->
                graph.task(KernelRun.TASK, GateProjection::naive, new KernelContext(), in, weights, y, p));
        KernelRun.assertClose("naive", wanted, y, 4, I);
        y.init(Float.NaN);
        int tiles = (N + GateProjection.ROWS - 1) / GateProjection.ROWS;
        KernelRun.of(KernelRun.items(H * tiles * E, 64)).in(in, weights, p).out(y).run(graph ->
                graph.task(KernelRun.TASK, GateProjection::rows, new KernelContext(), in, weights, y, p));
        KernelRun.assertClose("rows", wanted, y, 4, I);
    }

    /// All three steps at once equal the three references one after another, for projected and for plain queries.
    @ParameterizedTest
    @CsvSource({"1, 2, 1, 8, 16, 16, 16, true", "37, 4, 2, 8, 16, 16, 12, false", "130, 2, 2, 16, 80, 100, 96, true",
            "300, 1, 1, 64, 64, 64, 64, true", "65, 2, 1, 32, 128, 128, 128, false", "21, 4, 2, 4, 16, 16, 16, false"})
    void vectorsAreThoseOfTheStepsOneByOne(int T, int H, int G, int B, int D, int E, int rotary, boolean projected) {
        int N = (T + B - 1) / B;
        int Q = projected ? E : 2 * D;
        float[] keys = KernelRun.random(T, G * T * D, 1);
        float[] queries = KernelRun.random(D, H * T * D, 1);
        float[] keyWeights = KernelRun.random(E, H * 3 * D * E, 0.3f);
        float[] queryWeights = KernelRun.random(B, H * 2 * D * E, 0.3f);
        double[] frequency = Rotary.plain(Math.min(rotary, Q), 10_000).inverseFrequency();
        double[] wantedKeys = GateVectors.reference(keys, keyWeights, H, G, T, D, E, B, true, true, true, frequency,
                SCALE_OF_TURNS, FIRST * B);
        double[] wantedQueries = GateVectors.reference(queries, projected ? queryWeights : null, H, H, T, D, Q, B,
                true, false, true, frequency, SCALE_OF_TURNS, FIRST * B);

        var raw = KernelRun.padded(join(keys, queries), 2);
        var weights = KernelRun.padded(join(keyWeights, queryWeights), 1);
        var turns = new IntArray(frequency.length + 2);
        var rest = new FloatArray(frequency.length + 2);
        for (int i = 0; i < frequency.length; i++) {
            turns.set(2 + i, Rope.turns(frequency[i]));
            rest.set(1 + i, Rope.rest(frequency[i]));
        }
        rest.set(1 + frequency.length, SCALE_OF_TURNS);
        FloatArray y = KernelRun.padded(new float[H * N * (E + Q) + 3], 4);
        int second = 4 + H * N * E + 3;
        var p = KernelRun.places(GateVectors.P_TOKENS, T, GateVectors.P_D, D, GateVectors.P_BLOCK, B,
                GateVectors.P_FIRST, FIRST * B, GateVectors.P_HALF, frequency.length, GateVectors.P_TURNS, 2,
                GateVectors.P_REST, 1, GateVectors.P_SIZE - 1, 0);
        side(p, GateVectors.P_KEYS, G, H / G, 2, T * D, 3, 0, 1, 2, 1, E, 4, N * E);
        side(p, GateVectors.P_QUERIES, H, 1, 2 + keys.length, T * D, 2, 0, -1, 1,
                projected ? 1 + keyWeights.length : -1, Q, second, N * Q);
        KernelRun.of(KernelRun.groups((N + GateVectors.BLOCKS - 1) / GateVectors.BLOCKS, G + H, 1, GateVectors.ITEMS))
                .in(raw, weights, turns, rest, p).out(y).run(graph -> graph.task(KernelRun.TASK, GateVectors::fused,
                        new KernelContext(), raw, weights, turns, rest, y, p));
        KernelRun.assertClose("keys", wantedKeys, y, 4, 3 * D);
        KernelRun.assertClose("queries", wantedQueries, y, second, 3 * D);
    }

    /// The first block of the chunk; cosines and sines are half again as long.
    static final int FIRST = 100_000;
    static final float SCALE_OF_TURNS = 1.5f;

    static void side(IntArray p, int at, int heads, int share, int raw, int rawStride, int poolings, int max,
                             int min, int average, int weights, int width, int y, int yStride) {
        p.set(at + GateVectors.SIDE_HEADS, heads);
        p.set(at + GateVectors.SIDE_SHARE, share);
        p.set(at + GateVectors.SIDE_RAW, raw);
        p.set(at + GateVectors.SIDE_RAW_STRIDE, rawStride);
        p.set(at + GateVectors.SIDE_POOLINGS, poolings);
        p.set(at + GateVectors.SIDE_MAX, max);
        p.set(at + GateVectors.SIDE_MIN, min);
        p.set(at + GateVectors.SIDE_AVERAGE, average);
        p.set(at + GateVectors.SIDE_WEIGHTS, weights);
        p.set(at + GateVectors.SIDE_WIDTH, width);
        p.set(at + GateVectors.SIDE_Y, y);
        p.set(at + GateVectors.SIDE_Y_STRIDE, yStride);
    }

    static float[] join(float[] a, float[] b) {
        float[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    @ParameterizedTest
    @CsvSource({"1, 16, 1, 0", "65, 16, 1, 64", "33, 128, 1, 32", "9, 16, 4, 33", "5, 8, 3, 12"})
    void scoresOfOneHeadAreThoseOfTheReference(int N, int E, int fold, int last) {
        float[] q = KernelRun.random(N, 2 * N * E, 1);
        float[] k = KernelRun.random(E, (last + 1) * E, 1);
        double[] wanted = GateScore.reference(q, k, 2, 1, N, E, 0.25, fold, last);
        FloatArray queries = FloatArray.fromArray(q);
        FloatArray keys = FloatArray.fromArray(k);
        FloatArray score = KernelRun.padded(new float[N * N], 2);
        var p = KernelRun.places(GateScore.P_ROWS, N, GateScore.P_FIRST_ROW, 0, GateScore.P_WIDTH, E,
                GateScore.P_Q, N * E, GateScore.P_K, 0, GateScore.P_SCORE, 2, GateScore.P_FOLD, fold,
                GateScore.P_LAST_KEY, last);
        var f = FloatArray.fromElements(0.25f);
        KernelRun.of(KernelRun.items(N * N, 64)).in(queries, keys, p, f).out(score).run(graph ->
                graph.task(KernelRun.TASK, GateScore::naive, new KernelContext(), queries, keys, score, p, f));
        KernelRun.assertClose("score", Arrays.copyOfRange(wanted, N * N, 2 * N * N), score, 2, E);
    }

    /// Scores are whole numbers from 0 to 3, so that ties abound: one-wide keys, queries of 1.
    @ParameterizedTest
    @CsvSource({"1, 1, 1, 0, false", "5, 2, 2, 0, true", "63, 4, 7, 2, false", "65, 1, 20, 1, true",
            "130, 2, 33, 2, false", "257, 1, 13, 0, false", "40, 1, 40, 0, false"})
    void tiesGoToTheLowerIndex(int N, int H, int k, int denseLastRows, boolean keepFirst) {
        var keys = new float[H * N];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = i * 7 % 11 % 4;
        }
        check(ones(H * N), keys, H, H, N, 1, true, k, 0, denseLastRows, keepFirst);
    }

    @ParameterizedTest
    @CsvSource({"1, 16, 4, 2", "17, 16, 7, 1", "64, 64, 2, 1", "130, 16, 2, 2"})
    void theLargestScoresAreKept(int N, int E, int H, int K) {
        check(KernelRun.random(N, H * N * E, 1), KernelRun.random(E, K * N * E, 1), H, K, N, E, true,
                Math.max(1, N / 5), 0, 1, false);
    }

    /// Rows whose scores do not fit into local memory; three blocks at a time have the same score, the first ones
    /// the largest.
    @ParameterizedTest
    @CsvSource({"1100, 33, 5", "1030, 2, 300"})
    void longRowsAreReadFromScratch(int N, int E, int k) {
        var q = new float[N * E];
        var keys = new float[N * E];
        var wanted = new boolean[N * N];
        for (int row = 0; row < N; row++) {
            q[row * E] = 1;
            keys[row * E] = -row / 3;
            Arrays.fill(keys, row * E + 1, row * E + E, 7);
            Arrays.fill(wanted, row * N, row * N + Math.min(k, row + 1), true);
            wanted[row * N + row] = true;
        }
        chunk(q, keys, 1, 1, N, E, true, k, 0, 0, false, wanted, N - 5, 5);
    }

    /// Several vectors to a block, of which the last block lacks some.
    @ParameterizedTest
    @CsvSource({"1, 16, 4, 0, true, 1, 0", "17, 33, 4, 65, true, 4, 0", "40, 16, 3, 119, true, 9, 30",
        "17, 33, 4, 66, false, 0, 0", "270, 8, 2, 538, false, 0, 265"})
    void theBestVectorOfABlockCounts(int N, int E, int fold, int last, boolean top, int k, int first) {
        float[] q = KernelRun.random(N, 2 * N * E, 1);
        float[] keys = KernelRun.random(E, (last + 1) * E, 1);
        double[] scores = GateScore.reference(q, keys, 2, 1, N, E, SCALE, fold, last);
        boolean[] wanted = top ? TopSelection.reference(floats(scores), 2, N, k, 1, true)
                : ThresholdSelection.reference(floats(GateScore.softmax(scores, 2 * N, N)), 2, N, ofHeads(0.02f, 2), 1,
                        true);
        chunk(q, keys, 2, 1, N, E, top, k, 0.02f, 1, true, wanted, first, N - first, fold, last);
    }

    @ParameterizedTest
    @CsvSource({"1, 16, 0.1, 0, true", "17, 16, 0.05, 1, false", "130, 64, 0.01, 2, true", "40, 16, 0, 0, false"})
    void probabilitiesAboveTheThresholdAreKept(int N, int E, float threshold, int denseLastRows, boolean keepFirst) {
        check(KernelRun.random(N, 2 * N * E, 1), KernelRun.random(E, N * E, 1), 2, 1, N, E, false, 0, threshold,
                denseLastRows, keepFirst);
    }

    /// Four equal scores have a probability of exactly a quarter, which is not above a quarter.
    @ParameterizedTest
    @CsvSource({"0.25", "0.24999999"})
    void theThresholdIsStrict(float threshold) {
        check(ones(4), ones(4), 1, 1, 4, 1, false, 0, threshold, 0, false);
    }

    /// The exponential of a score of 200 alone is beyond fp32.
    @Test
    void largeScoresDoNotOverflow() {
        float[] keys = ones(5);
        keys[0] = 200 / SCALE;
        check(ones(5), keys, 1, 1, 5, 1, false, 0, 0.1f, 0, false);
    }

    /// A row that is chosen by a score which is NaN or infinite gets no list. Rows before it, rows that keep everything
    /// and the rows of the other head get theirs.
    @ParameterizedTest
    @CsvSource({"true, 0, NaN", "true, 0, Infinity", "true, 0, -Infinity", "false, 0, NaN", "false, 0, Infinity",
        "false, 0, -Infinity", "false, 1, NaN"})
    void aRowWithAScoreThatIsNotFiniteGetsNoList(boolean top, int sigmoid, float broken) {
        int N = 37;
        int k = top ? 9 : sigmoid;
        float[] keys = KernelRun.random(3, 2 * N, 1);
        double[] scores = GateScore.reference(ones(2 * N), keys, 2, 2, N, 1, SCALE);
        double[] probabilities = sigmoid == 0 ? GateScore.softmax(scores, 2 * N, N) : sigmoid(scores);
        boolean[] wanted = top ? TopSelection.reference(floats(scores), 2, N, k, 2, true)
                : ThresholdSelection.reference(floats(probabilities), 2, N, ofHeads(0.1f, 2), 2, true);
        keys[N + 12] = broken;
        for (int row = 12; row < N - 2; row++) {
            Arrays.fill(wanted, (N + row) * N, (N + row + 1) * N, false);
        }
        chunk(ones(2 * N), keys, 2, 2, N, 1, top, k, 0.1f, 2, true, wanted, 0, N);
        chunk(ones(2 * N), keys, 2, 2, N, 1, top, k, 0.1f, 2, true, wanted, 15, N - 15);
    }

    /// Every head has another threshold, the first one the lowest.
    private static float[] ofHeads(float threshold, int H) {
        var each = new float[H];
        for (int head = 0; head < H; head++) {
            each[head] = Math.min(0.9f, threshold * (1 + head));
        }
        return each;
    }

    private static float[] ones(int count) {
        var values = new float[count];
        Arrays.fill(values, 1);
        return values;
    }

    @ParameterizedTest
    @CsvSource({"1, 16, 0.1, 0, true", "17, 16, 0.5, 1, false", "40, 64, 0.7, 2, true"})
    void sigmoidsAboveTheThresholdAreKept(int N, int E, float threshold, int denseLastRows, boolean keepFirst) {
        check(KernelRun.random(N, 4 * N * E, 1), KernelRun.random(E, 2 * N * E, 1), 4, 2, N, E, false, 1, threshold,
                denseLastRows, keepFirst);
    }

    private static double[] sigmoid(double[] scores) {
        return Arrays.stream(scores).map(score -> 1 / (1 + Math.exp(-score))).toArray();
    }

    /// Marks and lists at once, on few groups so that each takes several rows, and as two chunks.
    ///
    /// @param k blocks of the largest scores; for a threshold 0 means softmax and 1 sigmoid
    private static void check(float[] q, float[] keys, int H, int K, int N, int E, boolean top, int k,
                              float threshold, int denseLastRows, boolean keepFirst) {
        double[] scores = GateScore.reference(q, keys, H, K, N, E, SCALE);
        double[] probabilities = k == 0 ? GateScore.softmax(scores, H * N, N) : sigmoid(scores);
        boolean[] wanted = top ? TopSelection.reference(floats(scores), H, N, k, denseLastRows, keepFirst)
                : ThresholdSelection.reference(floats(probabilities), H, N, ofHeads(threshold, H), denseLastRows,
                        keepFirst);
        int cut = N / 2;
        chunk(q, keys, H, K, N, E, top, k, threshold, denseLastRows, keepFirst, wanted, 0, N);
        if (cut > 0) {
            chunk(q, keys, H, K, N, E, top, k, threshold, denseLastRows, keepFirst, wanted, cut, N - cut);
        }
    }

    private static void chunk(float[] q, float[] keys, int H, int K, int N, int E, boolean top, int k,
                              float threshold, int denseLastRows, boolean keepFirst, boolean[] wanted, int first,
                              int rows) {
        chunk(q, keys, H, K, N, E, top, k, threshold, denseLastRows, keepFirst, wanted, first, rows, 1,
                first + rows - 1);
    }

    private static void chunk(float[] q, float[] keys, int H, int K, int N, int E, boolean top, int k,
                              float threshold, int denseLastRows, boolean keepFirst, boolean[] wanted, int first,
                              int rows, int fold, int last) {
        int groups = 3;
        FloatArray queries = KernelRun.padded(q, 0);
        FloatArray pooled = KernelRun.padded(keys, 1);
        int columns = first + rows;
        var scratch = new FloatArray(groups * BlockSelection.WARP_ROWS * columns + 2);
        int most = Math.min(N, top ? k + 2 : k == 1 || threshold == 0 ? N : (int) (1 / threshold) + 3);
        int room = BlockSelection.room(first, first + rows, N - denseLastRows, most);
        var start = new IntArray(3 + 2 * H * rows);
        var index = new IntArray(2 + H * room);
        var p = KernelRun.places(BlockSelection.P_HEADS, H, BlockSelection.P_ROWS, rows,
                BlockSelection.P_FIRST_ROW, first, BlockSelection.P_BLOCKS, N, BlockSelection.P_WIDTH, E,
                BlockSelection.P_Q, first * E, BlockSelection.P_Q_STRIDE, N * E, BlockSelection.P_K, 1,
                BlockSelection.P_K_STRIDE, keys.length / K, BlockSelection.P_SHARE, H / K,
                BlockSelection.P_FOLD, fold, BlockSelection.P_LAST_KEY, last,
                top ? BlockSelection.P_TOP : BlockSelection.P_SIGMOID, k,
                BlockSelection.P_DENSE_LAST, denseLastRows, BlockSelection.P_KEEP_FIRST, keepFirst ? 1 : 0,
                BlockSelection.P_SCRATCH, 2, BlockSelection.P_SCRATCH_STRIDE, columns, BlockSelection.P_START, 3,
                BlockSelection.P_INDEX, 2, BlockSelection.P_MOST, most, BlockSelection.P_ROOM, room,
                BlockSelection.P_GROUPS, groups, BlockSelection.P_NUMBERS, 1);
        var numbers = KernelRun.padded(ofHeads(threshold, H), 2);
        numbers.set(1, SCALE);
        KernelRun.of(KernelRun.groups(groups, 1, 1, BlockSelection.ITEMS)).in(queries, pooled, p, numbers)
                .out(scratch, start, index).run(graph -> top
                ? graph.task(KernelRun.TASK, TopSelection::list, new KernelContext(), queries, pooled, numbers,
                        scratch, start, index, p)
                : graph.task(KernelRun.TASK, ThresholdSelection::list, new KernelContext(), queries, pooled, numbers,
                        scratch, start, index, p));
        same(wanted, H, N, first, rows, start, 3, 3 + H * rows, index, 2);
        // Several vectors to a block: the kernels above alone. Keys may begin where four are read at once, or not.
        for (int at = 1; WarpOperations.here() && fold == 1 && at <= (E % 4 == 0 ? 4 : 1); at += 3) {
            FloatArray placed = KernelRun.padded(keys, at);
            p.set(BlockSelection.P_K, at);
            start.init(-7);
            index.init(-7);
            scratch.init(Float.NaN);
            KernelRun.of(KernelRun.groups(groups, 1, 1, BlockSelection.WARP_ITEMS)).in(queries, placed, p, numbers)
                    .out(scratch, start, index).run(graph -> top
                    ? graph.task(KernelRun.TASK, TopSelectionWarps::list, new KernelContext(), queries, placed,
                            numbers, scratch, start, index, p)
                    : graph.task(KernelRun.TASK, ThresholdSelectionWarps::list, new KernelContext(), queries, placed,
                            numbers, scratch, start, index, p));
            same(wanted, H, N, first, rows, start, 3, 3 + H * rows, index, 2);
        }
    }

    /// @param wanted a row of none, not even its diagonal, stands for one that gets no list
    private static void same(boolean[] wanted, int H, int N, int first, int rows, IntArray start, int from, int to,
                             IntArray index, int at0) {
        int[] lists = BlockLists.reference(wanted, H, N);
        for (int r = 0; r < H * rows; r++) {
            int row = r / rows * N + first + r % rows;
            int[] list = Arrays.copyOfRange(lists, H * N + 1 + lists[row], H * N + 1 + lists[row + 1]);
            assertEquals(list.length == 0 ? -1 : list.length, start.get(to + r) - start.get(from + r),
                    "blocks of row " + r);
            assertArrayEquals(list, Arrays.copyOfRange(index.toHeapArray(), at0 + start.get(from + r),
                    at0 + start.get(from + r) + list.length), "row " + r);
        }
    }

    private static float[] floats(double[] values) {
        var result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (float) values[i];
        }
        return result;
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 1", "3, 0, 7", "2, 5, 9"})
    void denseListsHoldEveryCausalBlock(int H, int first, int rows) {
        int N = first + rows;
        var wanted = new boolean[H * N * N];
        for (int at = 0; at < wanted.length; at++) {
            wanted[at] = at % N <= at / N % N;
        }
        var start = new IntArray(4 + H * rows + 1);
        var index = new IntArray(2 + H * N * N);
        var p = IntArray.fromElements(H * rows, 4, rows, first, 2);
        KernelRun.of(KernelRun.items(H * rows, 32)).in(p).out(start, index).run(graph ->
                graph.task(KernelRun.TASK, BlockLists::dense, new KernelContext(), start, index, p));
        same(wanted, H, N, first, rows, start, 4, 5, index, 2);
        assertEquals(BlockSelection.room(0, N, 0, 0) - BlockSelection.room(0, first, 0, 0),
                start.get(4 + rows), "entries of a head");
    }
}
