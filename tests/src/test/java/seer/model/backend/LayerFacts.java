package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import seer.kernels.gate.BlockPooling;
import seer.kernels.gate.GateProjection;
import seer.kernels.layer.MatMul;
import seer.kernels.layer.RmsNorm;
import seer.kernels.layer.Rope;
import seer.kernels.layer.SwiGlu;
import seer.model.attention.Pooling;

/// The layer's and the gate's operations against their references.
abstract class LayerFacts extends BackendFacts {
    private static final double EPSILON = 1e-5;

    Stream<Arguments> projectionsLandInTheirHeads() {
        return within(arguments(1, 256, 4, 2, 64), arguments(5, 40, 2, 1, 16), arguments(16, 96, 7, 1, 16),
                arguments(130, 200, 8, 1, 64), arguments(65, 64, 3, 3, 80));
    }

    @ParameterizedTest
    @MethodSource
    void projectionsLandInTheirHeads(int T, int C, int H, int G, int D) {
        var draw = new Draw(T);
        int N = (H + 2 * G) * D;
        float[] x = draw.normal(T * C);
        float[] norm = draw.normal(C);
        float[] w = draw.normal(N * C, 1 / Math.sqrt(C));
        float[] bias = draw.normal(N);
        Matrix qkv = arena.matrix(List.of(
                Draw.weights(Arrays.copyOf(w, H * D * C), H * D, C),
                Draw.weights(Arrays.copyOfRange(w, H * D * C, (H + G) * D * C), G * D, C),
                Draw.weights(Arrays.copyOfRange(w, (H + G) * D * C, N * C), G * D, C)));
        double[] wanted = MatMul.reference(floats(RmsNorm.reference(x, norm, EPSILON, T, C)), w, T, N, C);
        for (boolean shifted : new boolean[] {false, true}) {
            Tensor q = arena.allocate(H, T + 2, D);
            Tensor k = arena.allocate(G, T + 2, D);
            Tensor v = arena.allocate(G, T + 9, D);
            backend.project(arena.upload(x, T, C), T, arena.upload(norm, C), EPSILON, qkv,
                    shifted ? arena.upload(bias, N) : null, q, k, v);
            float[] queries = q.download();
            float[] keys = k.download();
            float[] values = v.download();
            for (int t = 0; t < T; t++) {
                for (int n = 0; n < N; n++) {
                    int head = n / D;
                    float got = head < H ? queries[(head * (T + 2) + t) * D + n % D]
                            : head < H + G ? keys[((head - H) * (T + 2) + t) * D + n % D]
                            : values[((head - H - G) * (T + 9) + t) * D + n % D];
                    check("head " + head, got, wanted[t * N + n] + (shifted ? bias[n] : 0), 4 * C);
                    n += T > 20 ? 12 : 0; // a sample is enough of the large ones
                }
                t += T > 20 ? 6 : 0;
            }
        }
    }

    Stream<Arguments> projectedIsAdded() {
        return within(arguments(1, 768, 256), arguments(5, 100, 30), arguments(64, 65, 130), arguments(257, 128, 64),
                arguments(21, 2500, 70));
    }

    @ParameterizedTest
    @MethodSource
    void projectedIsAdded(int T, int K, int N) {
        var draw = new Draw(T);
        float[] y = draw.normal(T * K);
        float[] w = draw.normal(N * K, 1 / Math.sqrt(K));
        float[] x = draw.normal(T * N);
        Tensor stream = arena.upload(x, T, N);
        backend.addProjected(arena.upload(y, T, K), T, arena.matrix(List.of(Draw.weights(w, N, K))), stream);
        double[] wanted = MatMul.reference(y, w, T, N, K);
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] += x[i];
        }
        check("sum", stream.download(), wanted, 4 * K);
    }

    Stream<Arguments> feedForwardEqualsTheReference() {
        return within(arguments(1, 64, 192), arguments(15, 24, 40), arguments(16, 64, 100), arguments(130, 32, 96));
    }

    @ParameterizedTest
    @MethodSource
    void feedForwardEqualsTheReference(int T, int C, int F) {
        var draw = new Draw(T);
        float[] x = draw.normal(T * C);
        float[] norm = draw.normal(C);
        float[] gateUp = draw.normal(2 * F * C, 0.3);
        float[] down = draw.normal(C * F, 0.1);
        double[] hidden = SwiGlu.reference(floats(
                MatMul.reference(floats(RmsNorm.reference(x, norm, EPSILON, T, C)), gateUp, T, 2 * F, C)), T, F);
        double[] wanted = MatMul.reference(floats(hidden), down, T, C, F);
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] += x[i];
        }
        Tensor stream = arena.upload(x, T, C);
        backend.feedForward(stream, T, arena.upload(norm, C), EPSILON,
                arena.matrix(List.of(Draw.weights(Arrays.copyOf(gateUp, F * C), F, C),
                        Draw.weights(Arrays.copyOfRange(gateUp, F * C, 2 * F * C), F, C))),
                arena.matrix(List.of(Draw.weights(down, C, F))));
        check("stream", stream.download(), wanted, 16 * (F + C));
    }

    @Test
    void extremeGatesNeitherOverflowNorLeak() {
        float[] x = {1, 1};
        Matrix gateUp = arena.matrix(List.of(Draw.weights(new float[] {-500, -500, 500, 500, 1, 0, 1, 0}, 4, 2)));
        Matrix down = arena.matrix(List.of(Draw.weights(new float[] {1, 0, 0, 1}, 2, 2)));
        Tensor stream = arena.upload(x, 1, 2);
        backend.feedForward(stream, 1, arena.upload(new float[] {1, 1}, 2), 0, gateUp, down);
        assertArrayEquals(new float[] {1, 1001}, stream.download(), 1e-4f);
    }

    Stream<Arguments> scoresAreThoseOfTheFullLogits() {
        return within(1, 5, 65, 130);
    }

    @ParameterizedTest
    @MethodSource
    void scoresAreThoseOfTheFullLogits(int T) {
        var draw = new Draw(T);
        int C = 48;
        int V = 333;
        float[] x = draw.normal(T * C);
        float[] norm = draw.normal(C);
        float[] w = draw.normal(V * C);
        var targets = new int[T];
        for (int t = 0; t < T; t++) {
            targets[t] = t % 4 == 3 ? -1 : t * 31 % V;
        }
        Matrix head = arena.matrix(List.of(Draw.weights(w, V, C)));
        Tensor stream = arena.upload(x, T, C);
        Tensor weight = arena.upload(norm, C);
        TokenScores got = backend.score(stream, T, weight, EPSILON, head, targets);
        double[] wanted = MatMul.reference(floats(RmsNorm.reference(x, norm, EPSILON, T, C)), w, T, V, C);
        for (int t = 0; t < T; t++) {
            double[] logits = Arrays.copyOfRange(wanted, t * V, (t + 1) * V);
            check("logits", backend.logits(stream, t, weight, EPSILON, head), logits, 16 * C);
            double max = Arrays.stream(logits).max().orElseThrow();
            double sum = Arrays.stream(logits).map(l -> Math.exp(l - max)).sum();
            assertEquals(max, logits[got.best()[t]], 1e-5);
            if (targets[t] < 0) {
                assertTrue(Float.isNaN(got.negativeLogLikelihood()[t]));
            } else {
                check("likelihood", got.negativeLogLikelihood()[t],
                        max + Math.log(sum) - logits[targets[t]], 64 * C);
            }
        }
    }

    @Test
    void embeddingsAreRowsOfTheTable() {
        float[] w = new Draw(1).normal(100 * 24);
        Matrix table = arena.matrix(List.of(Draw.weights(w, 100, 24)));
        Tensor x = arena.allocate(3, 24);
        backend.embed(table, new int[] {7, 99, 0, 64}, 1, 3, x);
        for (int t = 0; t < 3; t++) {
            int token = new int[] {99, 0, 64}[t];
            assertArrayEquals(Arrays.copyOfRange(w, token * 24, (token + 1) * 24),
                    Arrays.copyOfRange(x.download(), t * 24, (t + 1) * 24));
        }
        assertThrows(IllegalArgumentException.class, () -> backend.embed(table, new int[] {100}, 0, 1, x));
    }

    Stream<Arguments> rotationStaysExactAtFarPositions() {
        return within(arguments(1, 0, 1), arguments(130, 0, 1), arguments(65, 1000000, 1), arguments(70, 0, 64),
                arguments(200, 999, 64));
    }

    @ParameterizedTest
    @MethodSource
    void rotationStaysExactAtFarPositions(int T, int first, int step) {
        int H = 3;
        int D = 64;
        float[] x = new Draw(T).normal(H * T * D);
        Rotary rotary = Rotary.plain(D, 500_000);
        double[] wanted = Rope.reference(x, H, T, D, rotary.inverseFrequency(), 1, first, step);
        Tensor target = arena.allocate(H, T + 4, D);
        backend.rotate(arena.upload(x, H, T, D), 0, T, rotary, first, step, target, 2);
        for (int h = 0; h < H; h++) {
            int at = (h * (T + 4) + 2) * D;
            check("rotated", Arrays.copyOfRange(target.download(), at, at + T * D),
                    Arrays.copyOfRange(wanted, h * T * D, (h + 1) * T * D), 4);
        }
        Tensor inPlace = arena.upload(x, H, T, D);
        backend.rotate(inPlace, 0, T, rotary, first, step, inPlace, 0);
        check("in place", inPlace.download(), wanted, 4);
    }

    @Test
    void rotationOfLaterRowsIsThatOfTheirPositions() {
        float[] x = new Draw(6).normal(2 * 100 * 16);
        Rotary rotary = new Rotary(Rotary.plain(16, 10_000).inverseFrequency(), 1.25);
        Tensor all = arena.upload(x, 2, 100, 16);
        backend.rotate(all, 0, 100, rotary, 0, 64, all, 0);
        Tensor rest = arena.upload(x, 2, 100, 16);
        backend.rotate(rest, 30, 70, rotary, 30 * 64, 64, rest, 30);
        for (int h = 0; h < 2; h++) {
            check("rows", Arrays.copyOfRange(rest.download(), (h * 100 + 30) * 16, (h + 1) * 1600),
                    doubles(all.download(), (h * 100 + 30) * 16, (h + 1) * 1600), 4);
        }
    }

    Stream<Arguments> keysAreTurnedAndValuesCopiedBehindThoseThatAreThere() {
        return within(arguments(1, 0, 16), arguments(65, 3, 16), arguments(70, 64, 10), arguments(130, 257, 16));
    }

    /// Rows that were there before, and the room behind, stay as they are.
    @ParameterizedTest
    @MethodSource
    void keysAreTurnedAndValuesCopiedBehindThoseThatAreThere(int T, int first, int width) {
        int G = 3;
        int D = 16;
        var draw = new Draw(T);
        float[] before = draw.normal(G * first * D);
        float[] k = draw.normal(G * T * D);
        float[] v = draw.normal(G * T * D);
        Rotary rotary = new Rotary(Rotary.plain(width, 500_000).inverseFrequency(), 1.25);
        int S = first + T + 2;
        KeyValueCache cache = arena.cache(G, S, D);
        if (first > 0) {
            Tensor old = arena.upload(before, G, first, D);
            backend.append(old, old, first, null, 0, cache);
        }
        backend.append(arena.upload(k, G, T, D), arena.upload(v, G, T, D), T, rotary, first, cache);
        double[] turned = Rope.reference(narrowed(k, D, width), G, T, width, rotary.inverseFrequency(), 1.25, first, 1);
        float[] keys = cache.keys().download();
        float[] values = cache.values().download();
        for (int g = 0; g < G; g++) {
            for (int i = 0; i < S * D; i++) {
                int row = i / D - first;
                int at = (g * T + row) * D + i % D;
                boolean there = row >= 0 && row < T;
                double old = row < 0 ? before[g * first * D + i] : 0;
                check("key", keys[g * S * D + i], !there ? old : i % D >= width ? k[at]
                        : turned[(g * T + row) * width + i % D], 4);
                check("value", values[g * S * D + i], there ? v[at] : old, 1);
            }
        }
    }

    /// The first `width` columns.
    private static float[] narrowed(float[] x, int D, int width) {
        var narrow = new float[x.length / D * width];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = x[i / width * D + i % width];
        }
        return narrow;
    }

    Stream<Arguments> poolingSeesRealTokensOnly() {
        return within(arguments(1, 64, 16), arguments(5, 8, 16), arguments(65, 64, 64), arguments(130, 16, 20),
                arguments(1000, 64, 128), arguments(257, 128, 80));
    }

    @ParameterizedTest
    @MethodSource
    void poolingSeesRealTokensOnly(int T, int B, int D) {
        var draw = new Draw(T);
        int H = 2;
        int N = (T + B - 1) / B;
        float[] x = draw.normal(H * T * D);
        var spare = new float[H * (T + 5) * D];
        Arrays.fill(spare, Float.NaN);
        for (int h = 0; h < H; h++) {
            System.arraycopy(x, h * T * D, spare, h * (T + 5) * D, T * D);
        }
        Tensor source = arena.upload(spare, H, T + 5, D);
        for (List<Pooling> poolings : List.of(List.of(Pooling.AVG), List.of(Pooling.MAX, Pooling.MIN, Pooling.AVG),
                List.of(Pooling.MIN, Pooling.AVG), List.of(Pooling.MAX))) {
            Tensor pooled = arena.allocate(H, N, poolings.size() * D);
            backend.pool(source, 0, T, B, poolings, pooled, 0);
            check("pooled " + poolings, pooled.download(), BlockPooling.reference(x, H, T, D, B,
                    poolings.contains(Pooling.MAX), poolings.contains(Pooling.MIN), poolings.contains(Pooling.AVG)), B);
        }
    }

    @Test
    void poolingByChunksEqualsPoolingAtOnce() {
        int T = 150;
        int D = 32;
        List<Pooling> poolings = List.of(Pooling.MAX, Pooling.AVG);
        Tensor x = arena.upload(new Draw(2).normal(2 * T * D), 2, T, D);
        Tensor whole = arena.allocate(2, 10, 2 * D);
        Tensor parts = arena.allocate(2, 10, 2 * D);
        backend.pool(x, 0, T, 16, poolings, whole, 0);
        backend.pool(x, 0, 64, 16, poolings, parts, 0);
        backend.pool(x, 64, T - 64, 16, poolings, parts, 4);
        assertArrayEquals(whole.download(), parts.download());
    }

    Stream<Arguments> headsAreProjectedByTheirOwnWeights() {
        return within(arguments(1, 4, 2, 192, 64), arguments(70, 8, 1, 48, 16), arguments(130, 7, 1, 30, 80),
                arguments(65, 2, 2, 128, 128));
    }

    @ParameterizedTest
    @MethodSource
    void headsAreProjectedByTheirOwnWeights(int n, int H, int G, int in, int E) {
        var draw = new Draw(n);
        float[] pooled = draw.normal(G * n * in);
        float[] w = draw.normal(H * in * E, 1 / Math.sqrt(in));
        Tensor y = arena.allocate(H, n, E);
        Tensor source = arena.upload(pooled, G, n, in);
        Tensor weights = arena.upload(w, H, in, E);
        int first = n / 3;
        backend.projectHeads(source, weights, 0, first, y);
        backend.projectHeads(source, weights, first, n - first, y);
        check("projected", y.download(), GateProjection.reference(pooled, w, H, G, n, in, E), 4 * in);
        backend.rotate(y, 0, n, Rotary.plain(E, 10_000), 0, 32, y, 0);
        check("rotated", y.download(), GateProjection.reference(pooled, w, H, G, n, in, E,
                Rotary.plain(E, 10_000).inverseFrequency(), 1, 32), 4 * in);
    }

    @Test
    void foreignTensorsAreRefused() {
        Tensor foreign = new Tensor() {
            @Override
            public Arena arena() {
                return null;
            }

            @Override
            public int[] shape() {
                return new int[] {1, 2, 4};
            }

            @Override
            public float[] download() {
                return new float[8];
            }
        };
        assertThrows(IllegalArgumentException.class,
                () -> backend.pool(foreign, 0, 2, 2, List.of(Pooling.AVG), foreign, 0));
    }

    @Test
    void theYardstickIsPositive() {
        assertTrue(backend.peakFlops() > 1e5);
    }
}
