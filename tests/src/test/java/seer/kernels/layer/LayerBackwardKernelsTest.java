package seer.kernels.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.KernelRun;
import seer.support.Conformance;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The kernels of the gradients around attention against their references, in the middle of larger buffers.
@Conformance
class LayerBackwardKernelsTest {
    private static final float EPSILON = 1e-5f;

    private static float[] floats(double[] values) {
        var result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = (float) values[i];
        }
        return result;
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "5, 7, 16", "65, 33, 128"})
    void axesAreExchangedAndFilledUp(int T, int C, int P) {
        float[] values = KernelRun.random(T, T * C, 2);
        FloatArray x = KernelRun.padded(values, 3);
        FloatArray y = KernelRun.padded(new float[C * P], 2);
        y.init(Float.NaN);
        var p = IntArray.fromElements(T, C, P, 3, 2);
        KernelRun.of(KernelRun.items(C * P, 64)).in(x, p).out(y)
                .run(graph -> graph.task(KernelRun.TASK, Transpose::naive, new KernelContext(), x, y, p));
        KernelRun.assertClose("y", Transpose.reference(values, T, C, P), y, 2, 1);
    }

    /// With the weights' slopes, a strip of rows at a time, and without.
    @ParameterizedTest
    @CsvSource({"1, 256, 0, true", "5, 16, 1, true", "67, 100, 1, true", "130, 300, 0, true", "70, 33, 1, false"})
    void normsGoBack(int T, int C, int add, boolean weights) {
        float[] x = KernelRun.random(T, T * C, 2);
        float[] weight = KernelRun.random(C, C, 1);
        float[] dy = KernelRun.random(7, T * C, 1);
        float[] before = KernelRun.random(8, T * C, 1);
        double[] wanted = RmsNormBackward.reference(x, weight, dy, EPSILON, T, C);
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] += add * before[i];
        }
        int strips = Math.ceilDiv(T, RmsNormBackward.STRIP);
        FloatArray in = KernelRun.padded(x, 7);
        FloatArray w = KernelRun.padded(weight, 2);
        FloatArray slope = KernelRun.padded(dy, 4);
        FloatArray dx = KernelRun.padded(before, 5);
        FloatArray parts = KernelRun.padded(new float[strips * C], 6);
        var p = KernelRun.places(RmsNormBackward.P_C, C, RmsNormBackward.P_X, 7, RmsNormBackward.P_WEIGHT, 2,
                RmsNormBackward.P_DY, 4, RmsNormBackward.P_DX, 5, RmsNormBackward.P_PARTS, weights ? 6 : -1,
                RmsNormBackward.P_ADD, add, RmsNormBackward.P_ROWS, T);
        var f = FloatArray.fromElements(EPSILON);
        KernelRun.of(KernelRun.groups(strips, 1, 1, RmsNormBackward.GROUP)).in(in, w, slope, p, f).out(dx, parts)
                .run(graph -> graph.task(KernelRun.TASK, RmsNormBackward::strips, new KernelContext(), in, w, slope,
                        dx, parts, p, f));
        KernelRun.assertClose("dx", wanted, dx, 5, 4 * C);
        var byStrip = new double[strips * C];
        for (int t = 0; weights && t < T; t++) {
            double r = 0;
            for (int c = 0; c < C; c++) {
                r += (double) x[t * C + c] * x[t * C + c] / C;
            }
            for (int c = 0; c < C; c++) {
                byStrip[t / RmsNormBackward.STRIP * C + c] += (double) dy[t * C + c] * x[t * C + c]
                        / Math.sqrt(r + EPSILON);
            }
        }
        KernelRun.assertClose("parts", byStrip, parts, 6, C + RmsNormBackward.STRIP);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 20", "65, 70", "8, 33"})
    void partsAreAddedUp(int T, int C) {
        float[] a = KernelRun.random(T, T * C, 1);
        float[] before = KernelRun.random(4, C, 1);
        double[] wanted = ColumnSum.reference(a, T, C);
        for (int c = 0; c < C; c++) {
            wanted[c] += before[c];
        }
        FloatArray in = KernelRun.padded(a, 9);
        FloatArray y = KernelRun.padded(before, 7);
        var p = KernelRun.places(ColumnSum.P_ROWS, T, ColumnSum.P_C, C, ColumnSum.P_A, 9, ColumnSum.P_Y, 7);
        KernelRun.of(KernelRun.groups(Math.ceilDiv(C, ColumnSum.COLUMNS), 1, 1, ColumnSum.GROUP)).in(in, p).out(y)
                .run(graph -> graph.task(KernelRun.TASK, ColumnSum::total, new KernelContext(), in, y, p));
        KernelRun.assertClose("y", wanted, y, 7, T);
    }

    /// Parts first, then their sum.
    @ParameterizedTest
    @CsvSource({"1, 1, 4", "7, 20, 3", "65, 70, 16", "8, 5, 8"})
    void columnsAreSummed(int T, int C, int span) {
        float[] a = KernelRun.random(T, T * C, 1);
        float[] before = KernelRun.random(4, C, 1);
        double[] wanted = ColumnSum.reference(a, T, C);
        for (int c = 0; c < C; c++) {
            wanted[c] += before[c];
        }
        int parts = (T + span - 1) / span;
        FloatArray in = KernelRun.padded(a, 9);
        FloatArray sums = KernelRun.padded(new float[parts * C], 6);
        sums.init(Float.NaN);
        FloatArray y = KernelRun.padded(before, 7);
        var first = KernelRun.places(ColumnSum.P_ROWS, T, ColumnSum.P_C, C, ColumnSum.P_SPAN, span, ColumnSum.P_A, 9,
                ColumnSum.P_Y, 6, ColumnSum.P_ADD, 0);
        KernelRun.of(KernelRun.groups((C + 15) / 16, parts, 1, 16)).in(in, first).out(sums).run(graph ->
                graph.task(KernelRun.TASK, ColumnSum::parts, new KernelContext(), in, sums, first));
        var last = KernelRun.places(ColumnSum.P_ROWS, parts, ColumnSum.P_C, C, ColumnSum.P_SPAN, parts, ColumnSum.P_A,
                6, ColumnSum.P_Y, 7, ColumnSum.P_ADD, 1);
        KernelRun.of(KernelRun.groups((C + 15) / 16, 1, 1, 16)).in(sums, last).out(y).run(graph ->
                graph.task(KernelRun.TASK, ColumnSum::parts, new KernelContext(), sums, y, last));
        KernelRun.assertClose("y", wanted, y, 7, T);
    }

    @ParameterizedTest
    @CsvSource({"1, 64", "5, 40", "33, 96"})
    void gatesGoBack(int T, int F) {
        float[] gateUp = KernelRun.random(T, T * 2 * F, 4);
        gateUp[0] = -500;
        gateUp[1] = 500;
        float[] dy = KernelRun.random(5, T * F, 1);
        FloatArray both = KernelRun.padded(gateUp, 3);
        FloatArray slope = KernelRun.padded(dy, 2);
        FloatArray y = KernelRun.padded(new float[T * F], 1);
        var p = IntArray.fromElements(T, F, 3, 2, 1);
        KernelRun.of(KernelRun.items(T * F, 64)).in(slope, p).out(both, y)
                .run(graph -> graph.task(KernelRun.TASK, SwiGluBackward::naive, new KernelContext(), both, slope, y,
                        p));
        KernelRun.assertClose("product", SwiGlu.reference(gateUp, T, F), y, 1, 9);
        KernelRun.assertClose("slopes", SwiGluBackward.reference(gateUp, dy, T, F), both, 3, 25);
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "3, 300", "5, 1000"})
    void logitsBecomeSlopes(int T, int V) {
        float[] logits = KernelRun.random(V, T * V, 90);
        var targets = new int[T];
        for (int t = 0; t < T; t++) {
            targets[t] = t == 1 ? -1 : t * 7 % V;
        }
        FloatArray in = KernelRun.padded(logits, 3);
        IntArray wanted = IntArray.fromArray(targets);
        var p = IntArray.fromElements(T, V, 3);
        var f = FloatArray.fromElements(0.25f);
        KernelRun.of(KernelRun.groups(T, 1, 1, TokenSlope.GROUP)).in(wanted, p, f).out(in)
                .run(graph -> graph.task(KernelRun.TASK, TokenSlope::grouped, new KernelContext(), in, wanted, p, f));
        KernelRun.assertClose("slopes", TokenSlope.reference(logits, targets, 0.25, V), in, 3, 100);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "9, 5", "40, 70"})
    void rowsAreAddedToTheirTokens(int T, int C) {
        int V = 6;
        float[] dx = KernelRun.random(T, T * C, 1);
        float[] before = KernelRun.random(2, V * C, 1);
        var tokens = new int[T];
        Arrays.setAll(tokens, t -> t * 4 % V);
        double[] wanted = EmbeddingBackward.reference(dx, tokens, V, C);
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] += before[i];
        }
        int[] lists = EmbeddingBackward.lists(tokens);
        FloatArray in = KernelRun.padded(dx, 3);
        FloatArray table = KernelRun.padded(before, 5);
        var places = new IntArray(2 + lists.length);
        for (int i = 0; i < lists.length; i++) {
            places.set(2 + i, lists[i]);
        }
        var p = IntArray.fromElements(2, C, 3, 5);
        int different = (int) Arrays.stream(tokens).distinct().count();
        KernelRun.of(KernelRun.groups(different, Math.ceilDiv(C, EmbeddingBackward.COLUMNS), 1,
                EmbeddingBackward.GROUP)).in(in, places, p).out(table)
                .run(graph -> graph.task(KernelRun.TASK, EmbeddingBackward::listed, new KernelContext(), in, places,
                        table, p));
        KernelRun.assertClose("table", wanted, table, 5, T);
    }

    /// In parts, and added to what is there.
    @ParameterizedTest
    @CsvSource({"1, 1, 1, 16, 0", "17, 130, 5, 100, 1", "65, 33, 129, 32, 0", "40, 128, 128, 40, 1"})
    void weightsGetTheirSlopes(int T, int N, int K, int span, int add) {
        float[] dy = KernelRun.random(T, T * N, 1);
        float[] x = KernelRun.random(N, T * K, 1);
        int parts = (T + span - 1) / span;
        float[] before = KernelRun.random(4, parts * N * K, 1);
        var wanted = new double[parts * N * K];
        for (int part = 0; part < parts; part++) {
            int end = Math.min(T, (part + 1) * span);
            double[] sum = WeightSlope.reference(Arrays.copyOfRange(dy, part * span * N, end * N),
                    Arrays.copyOfRange(x, part * span * K, end * K), end - part * span, N, K);
            for (int i = 0; i < N * K; i++) {
                wanted[part * N * K + i] = sum[i] + add * before[i];
            }
        }
        FloatArray slopes = KernelRun.padded(dy, 3);
        FloatArray in = KernelRun.padded(x, 4);
        FloatArray dW = KernelRun.padded(before, 5);
        var p = KernelRun.places(WeightSlope.P_ROWS, T, WeightSlope.P_N, N, WeightSlope.P_K, K, WeightSlope.P_SPAN,
                span, WeightSlope.P_DY, 3, WeightSlope.P_X, 4, WeightSlope.P_DW, 5, WeightSlope.P_ADD, add);
        KernelRun.of(KernelRun.groups((K + 127) / 128, (N + 127) / 128, parts, WeightSlope.ITEMS)).in(slopes, in, p)
                .out(dW).run(graph -> graph.task(KernelRun.TASK, WeightSlope::tiled, new KernelContext(), slopes, in,
                        dW, p));
        KernelRun.assertClose("dW", wanted, dW, 5, T);
    }

    private static final int CHUNKS_AT = 2;

    /// Chunks of at most `most` of `n` weights, whose tensors begin at these elements.
    private static IntArray chunks(int n, int most, int... begins) {
        var chunks = new IntArray(CHUNKS_AT + Math.ceilDiv(n, most) * WeightStep.CHUNK);
        int at = CHUNKS_AT;
        for (int from = 0; from < n; from += most) {
            chunks.set(at++, Math.min(most, n - from));
            for (int begin : begins) {
                chunks.set(at++, begin + from);
            }
        }
        return chunks;
    }

    /// A slope of 0 among them.
    @ParameterizedTest
    @CsvSource({"1, 8, 0.5, 0.99", "700, 300, 1, 1"})
    void weightsTakeAStep(int n, int most, float shorten, float keep) {
        float[] x = KernelRun.random(1, n, 1);
        float[] mean = KernelRun.random(2, n, 0.1f);
        float[] square = KernelRun.random(3, n, 0.1f);
        float[] slope = KernelRun.random(4, n, 3);
        for (int i = 0; i < n; i++) {
            square[i] = Math.abs(square[i]);
        }
        slope[n / 2] = 0;
        float[] f = {shorten, keep, 0.03f, 1.7f};
        double[] wanted = WeightStep.reference(x, mean, square, slope, f);
        FloatArray weights = KernelRun.padded(x, 3);
        FloatArray means = KernelRun.padded(mean, 4);
        FloatArray squares = KernelRun.padded(square, 5);
        FloatArray slopes = KernelRun.padded(slope, 6);
        FloatArray numbers = FloatArray.fromArray(f);
        IntArray chunks = chunks(n, most, 2, 1, 4, 3);
        var p = KernelRun.places(WeightStep.P_CHUNKS, CHUNKS_AT, WeightStep.P_X, 1, WeightStep.P_MEAN, 3,
                WeightStep.P_SQUARE, 1, WeightStep.P_SLOPE, 3);
        KernelRun.of(KernelRun.groups(Math.ceilDiv(n, most), 1, 1, WeightStep.GROUP)).in(chunks, p, numbers)
                .out(weights, means, squares, slopes).run(graph -> graph.task(KernelRun.TASK, WeightStep::change,
                        new KernelContext(), weights, means, squares, slopes, chunks, p, numbers));
        KernelRun.assertClose("x", Arrays.copyOfRange(wanted, 0, n), weights, 3, 4);
        KernelRun.assertClose("mean", Arrays.copyOfRange(wanted, n, 2 * n), means, 4, 4);
        KernelRun.assertClose("square", Arrays.copyOfRange(wanted, 2 * n, 3 * n), squares, 5, 4);
        KernelRun.assertClose("slope", new double[n], slopes, 6, 1);
    }

    @ParameterizedTest
    @CsvSource({"1, 8", "300, 1000", "1000, 260"})
    void squaresAreAddedUp(int n, int most) {
        float[] slope = KernelRun.random(n, n, 3);
        int parts = Math.ceilDiv(n, most);
        var wanted = new double[parts];
        for (int i = 0; i < n; i++) {
            wanted[i / most] += (double) slope[i] * slope[i];
        }
        FloatArray slopes = KernelRun.padded(slope, 6);
        FloatArray sums = KernelRun.padded(new float[parts], 3);
        IntArray chunks = chunks(n, most, 9, 9, 9, 5);
        var p = KernelRun.places(WeightStep.P_CHUNKS, CHUNKS_AT, WeightStep.P_PARTS, 3, WeightStep.P_SLOPE, 1);
        KernelRun.of(KernelRun.groups(parts, 1, 1, WeightStep.GROUP)).in(slopes, chunks, p).out(sums).run(graph ->
                graph.task(KernelRun.TASK, WeightStep::squares, new KernelContext(), slopes, chunks, sums, p));
        KernelRun.assertClose("sums", wanted, sums, 3, n);
    }

    /// What was split is joined again.
    @ParameterizedTest
    @CsvSource({"1, 1, 1, 4", "5, 4, 2, 16", "33, 7, 1, 8"})
    void headsAreJoined(int T, int H, int G, int D) {
        int N = (H + 2 * G) * D;
        float[] y = KernelRun.random(T, T * N, 1);
        float[] heads = floats(HeadSplit.reference(y, null, T, H + 2 * G, D));
        double[] wanted = HeadJoin.reference(heads, T, H + 2 * G, D);
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(y[i], wanted[i]);
        }
        int stride = (T + 1) * D;
        FloatArray q = spread(heads, 0, H, T * D, stride, 2);
        FloatArray k = spread(heads, H, G, T * D, stride, 3);
        FloatArray v = spread(heads, H + G, G, T * D, stride, 4);
        FloatArray joined = KernelRun.padded(new float[T * N], 6);
        joined.init(Float.NaN);
        var p = KernelRun.places(HeadSplit.P_ROWS, T, HeadSplit.P_HEADS, H, HeadSplit.P_GROUPS, G, HeadSplit.P_D, D,
                HeadSplit.P_Y, 6, HeadSplit.P_Q, 2, HeadSplit.P_Q_STRIDE, stride, HeadSplit.P_K, 3,
                HeadSplit.P_K_STRIDE, stride, HeadSplit.P_V, 4, HeadSplit.P_V_STRIDE, stride);
        KernelRun.of(KernelRun.items(T * N, 64)).in(q, k, v, p).out(joined)
                .run(graph -> graph.task(KernelRun.TASK, HeadJoin::naive, new KernelContext(), q, k, v, joined, p));
        KernelRun.assertClose("y", wanted, joined, 6, 1);
    }

    private static FloatArray spread(float[] heads, int first, int count, int length, int stride, int before) {
        var result = new float[count * stride];
        Arrays.fill(result, Float.NaN);
        for (int h = 0; h < count; h++) {
            System.arraycopy(heads, (first + h) * length, result, h * stride, length);
        }
        return KernelRun.padded(result, before);
    }
}
