package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import seer.support.PlainLayer;
import seer.support.Slopes;

/// Gradients of the layer's operations against finite differences of plain double-precision ones.
abstract class GradientFacts extends BackendFacts {
    private static final double EPSILON = 1e-5;
    /// Largest relative error of a gradient.
    private static final double SHARE = 1e-4;

    private Gradients gradients;

    @BeforeAll
    void askForGradients() {
        gradients = backend.gradients().orElseThrow();
    }

    private static void close(String what, double[] wanted, Tensor got) {
        Slopes.assertClose(what, wanted, got.download(), SHARE);
    }

    private Matrix matrix(float[] w, int outputs, int inputs) {
        return arena.matrix(List.of(Draw.weights(w, outputs, inputs)));
    }

    Stream<Arguments> ofAProduct() {
        return within(arguments(1, 12, 20), arguments(5, 70, 9), arguments(35, 17, 70));
    }

    @ParameterizedTest
    @MethodSource
    void ofAProduct(int T, int K, int N) {
        var draw = new Draw(T);
        float[] y = draw.normal(T * K);
        float[] w = draw.normal(N * K);
        float[] dx = draw.normal(T * N);
        Tensor dy = arena.allocate(T, K);
        Tensor dW = arena.allocate(N, K);
        gradients.addProjected(arena.upload(y, T, K), T, matrix(w, N, K), arena.upload(dx, T, N), dy, dW);
        double[] ys = Slopes.doubles(y);
        double[] ws = Slopes.doubles(w);
        close("dy", Slopes.of(ys, () -> PlainLayer.dot(dx, PlainLayer.product(ys, ws, T, N, K))), dy);
        close("dW", Slopes.of(ws, () -> PlainLayer.dot(dx, PlainLayer.product(ys, ws, T, N, K))), dW);
    }

    /// Long enough for several slices of rows, panels of outputs and tiles of inputs.
    @Test
    void ofALongProduct() {
        int T = rows(1100);
        int K = 300;
        int N = 333;
        var draw = new Draw(3);
        float[] y = draw.normal(T * K);
        float[] dx = draw.normal(T * N);
        float[] w = draw.normal(N * K);
        Tensor dy = arena.allocate(T, K);
        Tensor dW = arena.allocate(N, K);
        gradients.addProjected(arena.upload(y, T, K), T, matrix(w, N, K), arena.upload(dx, T, N), dy, dW);
        var wantedY = new double[T * K];
        var wantedW = new double[N * K];
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < N; n++) {
                for (int k = 0; k < K; k++) {
                    wantedY[t * K + k] += (double) dx[t * N + n] * w[n * K + k];
                    wantedW[n * K + k] += (double) dx[t * N + n] * y[t * K + k];
                }
            }
        }
        close("dy", wantedY, dy);
        close("dW", wantedW, dW);
    }

    Stream<Arguments> ofTheFeedForwardLayer() {
        return within(arguments(1, 12, 20), arguments(7, 20, 33), arguments(67, 8, 12));
    }

    @ParameterizedTest
    @MethodSource
    void ofTheFeedForwardLayer(int T, int C, int F) {
        var draw = new Draw(T);
        float[] x = draw.normal(T * C);
        float[] norm = draw.normal(C);
        float[] gateUp = draw.normal(2 * F * C, 0.5);
        float[] down = draw.normal(C * F, 0.5);
        float[] slope = draw.normal(T * C);
        Tensor dx = arena.upload(slope, T, C);
        Tensor dNorm = arena.allocate(C);
        Tensor dGateUp = arena.allocate(2 * F, C);
        Tensor dDown = arena.allocate(C, F);
        gradients.feedForward(arena.upload(x, T, C), T, arena.upload(norm, C), EPSILON,
                arena.pair(Draw.weights(Arrays.copyOf(gateUp, F * C), F, C),
                        Draw.weights(Arrays.copyOfRange(gateUp, F * C, 2 * F * C), F, C)),
                matrix(down, C, F), dx, dNorm, dGateUp, dDown);
        double[][] p = {Slopes.doubles(x), Slopes.doubles(norm), Slopes.doubles(gateUp), Slopes.doubles(down)};
        Tensor[] got = {dx, dNorm, dGateUp, dDown};
        for (int i = 0; i < p.length; i++) {
            close("derivative " + i, Slopes.of(p[i], () -> {
                double[] m = PlainLayer.swiGlu(PlainLayer.product(PlainLayer.norm(p[0], p[1], EPSILON), p[2], T, 2 * F,
                        C), T, F);
                return PlainLayer.dot(slope, p[0]) + PlainLayer.dot(slope, PlainLayer.product(m, p[3], T, C, F));
            }), got[i]);
        }
    }

    Stream<Arguments> ofTheProjection() {
        return within(arguments(1, 12, 2, 1, 4), arguments(6, 20, 4, 2, 8), arguments(66, 8, 3, 1, 4));
    }

    @ParameterizedTest
    @MethodSource
    void ofTheProjection(int T, int C, int H, int G, int D) {
        var draw = new Draw(T);
        int N = (H + 2 * G) * D;
        float[] x = draw.normal(T * C);
        float[] norm = draw.normal(C);
        float[] qkv = draw.normal(N * C);
        float[] slope = draw.normal(T * N);
        float[] behind = draw.normal(T * C);
        Tensor dx = arena.upload(behind, T, C);
        Tensor dNorm = arena.allocate(C);
        Tensor dQkv = arena.allocate(N, C);
        Tensor dBias = arena.allocate(N);
        gradients.project(arena.upload(x, T, C), T, arena.upload(norm, C), EPSILON, matrix(qkv, N, C), null,
                heads(slope, T, N, 0, H, D), heads(slope, T, N, H, G, D), heads(slope, T, N, H + G, G, D), dx, dNorm,
                dQkv, dBias);
        double[][] p = {Slopes.doubles(x), Slopes.doubles(norm), Slopes.doubles(qkv)};
        Tensor[] got = {dx, dNorm, dQkv};
        for (int i = 0; i < p.length; i++) {
            close("derivative " + i, Slopes.of(p[i], () -> PlainLayer.dot(behind, p[0]) + PlainLayer.dot(slope,
                    PlainLayer.product(PlainLayer.norm(p[0], p[1], EPSILON), p[2], T, N, C))), got[i]);
        }
        var wanted = new double[N];
        for (int i = 0; i < T * N; i++) {
            wanted[i % N] += slope[i];
        }
        close("bias", wanted, dBias);
    }

    /// Columns of `[T, N]` as heads `[heads, T + 3, D]`, with rows that are not in use.
    private Tensor heads(float[] slope, int T, int N, int first, int heads, int D) {
        var values = new float[heads * (T + 3) * D];
        Arrays.fill(values, Float.NaN);
        for (int h = 0; h < heads; h++) {
            for (int t = 0; t < T; t++) {
                System.arraycopy(slope, t * N + (first + h) * D, values, (h * (T + 3) + t) * D, D);
            }
        }
        return arena.upload(values, heads, T + 3, D);
    }

    @Test
    void ofNormedHeads() {
        int H = 3;
        int T = rows(70);
        int D = 8;
        var draw = new Draw(5);
        float[] x = draw.normal(H * T * D);
        float[] norm = draw.normal(D);
        float[] slope = draw.normal(H * T * D);
        Tensor dy = arena.upload(slope, H, T, D);
        Tensor dNorm = arena.allocate(D);
        gradients.normHeads(arena.upload(x, H, T, D), T, arena.upload(norm, D), EPSILON, dy, dNorm);
        double[] xs = Slopes.doubles(x);
        double[] w = Slopes.doubles(norm);
        close("dx", Slopes.of(xs, () -> PlainLayer.dot(slope, PlainLayer.norm(xs, w, EPSILON))), dy);
        close("dNorm", Slopes.of(w, () -> PlainLayer.dot(slope, PlainLayer.norm(xs, w, EPSILON))), dNorm);
    }

    /// Back through a rotation is the rotation the other way: `rotate(x) . y = x . back(y)`.
    @Test
    void ofARotation() {
        int T = rows(40);
        var draw = new Draw(8);
        float[] x = draw.normal(2 * T * 16);
        float[] y = draw.normal(2 * T * 16);
        var rotary = new Rotary(Rotary.plain(16, 100).inverseFrequency(), 1.3);
        Tensor turned = arena.upload(x, 2, T, 16);
        Tensor back = arena.upload(y, 2, T, 16);
        backend.rotate(turned, 0, T, rotary, 5, 1, turned, 0);
        backend.rotate(back, 0, T, rotary.transposed(), 5, 1, back, 0);
        assertEquals(PlainLayer.dot(y, Slopes.doubles(turned.download())),
                PlainLayer.dot(x, Slopes.doubles(back.download())), 1e-3);
    }

    Stream<Arguments> ofLikelihoods() {
        return within(arguments(1, 12, 20), arguments(5, 8, 70), arguments(66, 6, 131));
    }

    @ParameterizedTest
    @MethodSource
    void ofLikelihoods(int T, int C, int V) {
        var draw = new Draw(T);
        float[] x = draw.normal(T * C);
        float[] norm = draw.normal(C);
        float[] head = draw.normal(V * C);
        var targets = new int[T];
        for (int t = 0; t < T; t++) {
            targets[t] = t % 3 == 2 ? -1 : t * 37 % V;
        }
        Tensor dx = arena.allocate(T, C);
        Tensor dNorm = arena.allocate(C);
        Tensor dHead = arena.allocate(V, C);
        Tensor stream = arena.upload(x, T, C);
        Matrix weights = matrix(head, V, C);
        var scores = gradients.score(stream, T, arena.upload(norm, C), EPSILON, weights, targets, 0.5, dx, dNorm,
                dHead);
        assertArrayEquals(backend.score(stream, T, arena.upload(norm, C), EPSILON, weights, targets)
                .negativeLogLikelihood(), scores.negativeLogLikelihood());
        double[][] p = {Slopes.doubles(x), Slopes.doubles(norm), Slopes.doubles(head)};
        Tensor[] got = {dx, dNorm, dHead};
        for (int i = 0; i < p.length; i++) {
            close("derivative " + i, Slopes.of(p[i], () -> 0.5 * PlainLayer.likelihood(PlainLayer.product(
                    PlainLayer.norm(p[0], p[1], EPSILON), p[2], T, V, C), targets)), got[i]);
        }
    }

    @Test
    void ofTheEmbedding() {
        Tensor table = arena.upload(new float[] {0, 0, 1, 1, 0, 0}, 3, 2);
        gradients.embed(new int[] {2, 1, 2}, arena.upload(new float[] {1, 2, 3, 4, 5, 6}, 3, 2), table);
        assertArrayEquals(new float[] {0, 0, 4, 5, 6, 8}, table.download());
    }

    /// Rows do not know of each other: those of a long text give what its parts give one after the other, whatever the
    /// slices that they pass in.
    @Test
    void partsAddUpToTheWhole() {
        int T = rows(1300);
        int half = T * 4 / 7;
        int C = 8;
        var draw = new Draw(12);
        float[] x = draw.normal(T * C);
        float[] slope = draw.normal(T * C);
        var targets = new int[T];
        Arrays.setAll(targets, t -> t * 31 % 70);
        Tensor norm = arena.upload(draw.normal(C), C);
        Matrix gateUp = arena.pair(Draw.weights(draw.normal(12 * C), 12, C), Draw.weights(draw.normal(12 * C), 12, C));
        Matrix down = matrix(draw.normal(C * 12), C, 12);
        Matrix head = matrix(draw.normal(70 * C), 70, C);
        Tensor[] whole = sums(C);
        Tensor[] parts = sums(C);
        Tensor dx = arena.upload(slope, T, C);
        Tensor ds = arena.allocate(T, C);
        gradients.feedForward(arena.upload(x, T, C), T, norm, EPSILON, gateUp, down, dx, whole[0], whole[1], whole[2]);
        gradients.score(arena.upload(x, T, C), T, norm, EPSILON, head, targets, 0.5, ds, whole[0], whole[3]);
        for (int[] part : new int[][] {{0, half}, {half, T}}) {
            int rows = part[1] - part[0];
            Tensor some = arena.upload(Arrays.copyOfRange(x, part[0] * C, part[1] * C), rows, C);
            Tensor back = arena.upload(Arrays.copyOfRange(slope, part[0] * C, part[1] * C), rows, C);
            gradients.feedForward(some, rows, norm, EPSILON, gateUp, down, back, parts[0], parts[1], parts[2]);
            close("feed-forward of a part", doubles(dx.download(), part[0] * C, part[1] * C), back);
            gradients.score(some, rows, norm, EPSILON, head, Arrays.copyOfRange(targets, part[0], part[1]), 0.5, back,
                    parts[0], parts[3]);
            close("scores of a part", doubles(ds.download(), part[0] * C, part[1] * C), back);
        }
        for (int i = 0; i < whole.length; i++) {
            close("sum " + i, Slopes.doubles(whole[i].download()), parts[i]);
        }
    }

    private Tensor[] sums(int C) {
        return new Tensor[] {arena.allocate(C), arena.allocate(24, C), arena.allocate(C, 12), arena.allocate(70, C)};
    }

    /// What is frozen is left out, and the rest stays as it is.
    @Test
    void frozenWeightsChangeNoOther() {
        var draw = new Draw(2);
        int T = 9;
        float[] x = draw.normal(T * 8);
        float[] slope = draw.normal(T * 8);
        Matrix gateUp = arena.pair(Draw.weights(draw.normal(96), 12, 8), Draw.weights(draw.normal(96), 12, 8));
        Matrix down = matrix(draw.normal(96), 8, 12);
        Tensor norm = arena.upload(draw.normal(8), 8);
        Tensor all = arena.upload(slope, T, 8);
        Tensor few = arena.upload(slope, T, 8);
        Tensor dDown = arena.allocate(8, 12);
        Tensor alone = arena.allocate(8, 12);
        gradients.feedForward(arena.upload(x, T, 8), T, norm, EPSILON, gateUp, down, all, arena.allocate(8),
                arena.allocate(24, 8), dDown);
        gradients.feedForward(arena.upload(x, T, 8), T, norm, EPSILON, gateUp, down, few, null, null, alone);
        assertArrayEquals(all.download(), few.download());
        assertArrayEquals(dDown.download(), alone.download());
    }

    @Test
    void newWeightsAreComputedWith() {
        var draw = new Draw(4);
        float[] w = draw.normal(70 * 10);
        Matrix old = matrix(draw.normal(70 * 10), 70, 10);
        Tensor y = arena.upload(draw.normal(30), 3, 10);
        Tensor got = arena.allocate(3, 70);
        Tensor wanted = arena.allocate(3, 70);
        gradients.load(old, w);
        backend.addProjected(y, 3, old, got);
        backend.addProjected(y, 3, matrix(w, 70, 10), wanted);
        assertArrayEquals(wanted.download(), got.download());
        gradients.load(old, new float[70 * 10]);
        gradients.load(old, arena.upload(w, 70, 10));
        Tensor again = arena.allocate(3, 70);
        backend.addProjected(y, 3, old, again);
        assertArrayEquals(wanted.download(), again.download());
        Tensor vector = arena.upload(new float[3], 3);
        gradients.load(vector, new float[] {1, 2, 3});
        assertArrayEquals(new float[] {1, 2, 3}, vector.download());
        gradients.load(vector, arena.upload(new float[] {4, 5, 6}, 3));
        assertArrayEquals(new float[] {4, 5, 6}, vector.download());
    }

    /// AdamW by the formula; what is not named stays, its slopes too. A stretch of many chunks, and two short ones.
    @Test
    void weightsTakeAStep() {
        var draw = new Draw(8);
        int n = 9000;
        float[][] before = {draw.normal(n), draw.normal(n), draw.normal(n), draw.normal(n)};
        for (int i = 0; i < n; i++) {
            before[2][i] *= before[2][i];
        }
        Tensor[] held = Arrays.stream(before).map(values -> arena.upload(values, n)).toArray(Tensor[]::new);
        Tensor[] few = Arrays.stream(before).map(values -> arena.upload(Arrays.copyOf(values, 40), 5, 8))
                .toArray(Tensor[]::new);
        var learned = List.of(new Gradients.Learned(held[0], held[1], held[2], held[3], 3, n - 10),
                new Gradients.Learned(few[0], few[1], few[2], few[3], 0, 8),
                new Gradients.Learned(few[0], few[1], few[2], few[3], 20, 5));
        double squares = 0;
        for (int i = 3; i < n - 7; i++) {
            squares += (double) before[3][i] * before[3][i];
        }
        for (int i = 0; i < 40; i++) {
            squares += i < 8 || i >= 20 && i < 25 ? (double) before[3][i] * before[3][i] : 0;
        }
        assertEquals(1, gradients.squares(learned) / squares, SHARE);
        var change = WeightChange.of(0.3, 0.01, 0.1, 4);
        gradients.change(learned, change);
        assertStepped(before, held, change, n, i -> i >= 3 && i < n - 7);
        assertStepped(before, few, change, 40, i -> i < 8 || i >= 20 && i < 25);
    }

    private static void assertStepped(float[][] before, Tensor[] held, WeightChange change, int n, IntPredicate named) {
        var wanted = new double[4][n];
        for (int i = 0; i < n; i++) {
            double g = (double) before[3][i] * change.shorten();
            double mean = 0.9 * before[1][i] + 0.1 * g;
            double square = 0.999 * before[2][i] + 0.001 * g * g;
            double x = before[0][i] * (double) change.keep()
                    - change.size() * mean / (Math.sqrt(square) * change.root() + 1e-8);
            double[] after = {x, mean, square, 0};
            for (int k = 0; k < 4; k++) {
                wanted[k][i] = named.test(i) ? after[k] : before[k][i];
            }
        }
        for (int k = 0; k < 4; k++) {
            Slopes.assertClose("tensor " + k, wanted[k], held[k].download(), 1e-6);
        }
    }

    @Test
    void streamsAreCopiedAndCleared() {
        Tensor x = arena.upload(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Tensor to = arena.upload(new float[] {9, 9, 9, 9, 9, 9}, 3, 2);
        gradients.copy(x, 2, to);
        assertArrayEquals(new float[] {1, 2, 3, 4, 9, 9}, to.download());
        gradients.clear(to);
        assertArrayEquals(new float[6], to.download());
    }

    @Test
    void operandsThatDoNotFitAreNamed() {
        Tensor x = arena.allocate(4, 8);
        Matrix w = matrix(new float[80], 8, 10);
        Tensor y = arena.allocate(4, 10);
        var wrong = assertThrows(IllegalArgumentException.class,
                () -> gradients.addProjected(y, 4, w, x, y, arena.allocate(10, 8)));
        assertTrue(wrong.getMessage().startsWith("dW is [10, 8]"), wrong.getMessage());
        var few = assertThrows(IllegalArgumentException.class, () -> gradients.load(w, new float[8]));
        assertEquals("values of a matrix: got 8, wanted 80", few.getMessage());
    }
}
