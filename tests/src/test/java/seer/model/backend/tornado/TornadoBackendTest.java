package seer.model.backend.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;
import seer.model.backend.tornado.sdk.TornadoDevices;
import seer.support.Conformance;
import seer.support.Tornado;

/// Every operation of the tornado backend against the processor's, one backend for all tests.
@Conformance
class TornadoBackendTest {
    private static final double EPSILON = 1e-5;
    private static Both both;

    @BeforeAll
    static void open() {
        both = new Both();
    }

    @AfterAll
    static void close() {
        both.close();
    }

    @Test
    void tokensBecomeVectors() {
        both.agree("embedded", 1, 0, in -> {
            Matrix table = in.matrix(50, 24);
            Tensor x = in.arena().allocate(7, 24);
            in.backend().embed(table, new int[] {0, 49, 7, 3, 3, 8}, 1, 5, x);
            assertThrows(IllegalArgumentException.class, () -> in.backend().embed(table, new int[] {50}, 0, 1, x));
            return x.download();
        });
    }

    @ParameterizedTest
    @CsvSource({"1, 64, 4, 2, 16", "65, 40, 2, 1, 16", "130, 48, 7, 1, 16", "5, 64, 8, 1, 64"})
    void projectionsLandInTheirHeads(int T, int C, int H, int G, int D) {
        for (boolean shifted : new boolean[] {false, true}) {
            both.agree("projected", T, 1e-4, in -> {
                Backend b = in.backend();
                Tensor q = in.arena().allocate(H, T + 2, D);
                Tensor k = in.arena().allocate(G, T + 2, D);
                Tensor v = in.arena().allocate(G, T + 9, D);
                Tensor bias = in.tensor((H + 2 * G) * D);
                b.project(in.tensor(T, C), T, in.tensor(C), EPSILON, in.matrix((H + 2 * G) * D, C),
                        shifted ? bias : null, q, k, v);
                return join(q, k, v);
            });
        }
    }

    static float[] join(Tensor... tensors) {
        return join(Arrays.stream(tensors).map(Tensor::download).toArray(float[][]::new));
    }

    private static float[] join(float[]... parts) {
        float[] all = {};
        for (float[] part : parts) {
            int at = all.length;
            all = Arrays.copyOf(all, at + part.length);
            System.arraycopy(part, 0, all, at, part.length);
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 1", "65, 100000, 1", "70, 0, 64"})
    void rotationsAgree(int T, int first, int step) {
        both.agree("rotated", T, 1e-5, in -> {
            Rotary rotary = new Rotary(Rotary.plain(16, 500_000).inverseFrequency(), 1.25);
            Tensor x = in.tensor(3, T + 1, 24);
            Tensor target = in.arena().allocate(3, T + 4, 24);
            in.backend().rotate(x, 1, T, rotary, first, step, target, 2);
            in.backend().rotate(x, 0, T, Rotary.plain(24, 10_000), first, step, x, 0);
            return join(x, target);
        });
    }

    /// A rotation and the one back have the same hash.
    @Test
    void frequenciesAreBroughtOverOnce() {
        try (Backend backend = Tornado.open(); Arena arena = backend.arena("the test", 0)) {
            var rotary = Rotary.plain(16, 10_000);
            Tensor x = arena.allocate(2, 5, 16);
            for (int i = 0; i < 4; i++) {
                backend.rotate(x, 0, 5, rotary, 3, 1, x, 0);
                backend.rotate(x, 0, 5, rotary.transposed(), 3, 1, x, 0);
                if (i == 0) {
                    backend.operationMillis();
                }
            }
            assertEquals(Set.of("rotate"), backend.operationMillis().keySet());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 16, 64, 0", "5, 4, 2, 16, 8, 0", "65, 2, 1, 64, 64, 64", "130, 7, 1, 16, 16, 32",
            "70, 2, 2, 128, 128, 0"})
    void sparseAttentionAgrees(int T, int H, int G, int D, int B, int offset) {
        both.agree("attention", T, 1e-5, in -> {
            Backend b = in.backend();
            int first = offset / B;
            int rows = Math.ceilDiv(T, B);
            Tensor q = in.tensor(H, T + 1, D);
            KeyValueCache cache = in.cache(G, offset + T + 3, D);
            Tensor dense = in.arena().allocate(T, H * D);
            Tensor sparse = in.arena().allocate(T, H * D);
            Tensor lse = in.arena().allocate(H, T);
            Tensor one = in.arena().allocate(1, H * D);
            b.attend(q, T, offset, cache, BlockMask.dense(H, B, first, rows), dense, lse);
            b.attend(q, T, offset, cache, everyOther(H, B, first, rows), sparse, null);
            b.attendOne(q, offset + T - 1, cache, one);
            return join(dense, lse, sparse, one);
        });
    }

    /// Blocks 0, 2, 4, ... and the diagonal; the first row keeps nothing.
    static BlockMask everyOther(int heads, int block, int firstRow, int rows) {
        var start = new int[heads * rows + 1];
        var index = new int[heads * rows * (firstRow + rows)];
        int at = 0;
        for (int r = 0; r < heads * rows; r++) {
            int row = firstRow + r % rows;
            for (int j = 0; j <= row && r > 0; j++) {
                if (j % 2 == 0 || j == row) {
                    index[at++] = j;
                }
            }
            start[r + 1] = at;
        }
        return new BlockMask(heads, block, firstRow, rows, start, index);
    }

    @ParameterizedTest
    @CsvSource({"5, 4, 2, 16, 8", "65, 2, 1, 64, 64", "100, 2, 2, 16, 32"})
    void pooledMapsAgree(int T, int H, int G, int D, int B) {
        both.agree("map", T, 1e-5, in -> {
            Backend b = in.backend();
            Tensor q = in.tensor(H, T, D);
            KeyValueCache cache = in.cache(G, T, D);
            Tensor lse = in.arena().allocate(H, T);
            b.attend(q, T, 0, cache, BlockMask.dense(H, B, 0, Math.ceilDiv(T, B)), in.arena().allocate(T, H * D), lse);
            return b.pooledAttention(q, T, 0, cache, lse, B, H - 1);
        });
    }

    @ParameterizedTest
    @CsvSource({"1, 64, 48", "65, 40, 24"})
    void residualAndFeedForwardAgree(int T, int C, int F) {
        both.agree("stream", T, 1e-4, in -> {
            Tensor x = in.tensor(T, C);
            in.backend().addProjected(in.tensor(T, F), T, in.matrix(C, F), x);
            in.backend().feedForward(x, T, in.tensor(C), EPSILON, in.matrix(2 * F, C), in.matrix(C, F));
            return x.download();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 65})
    void logitsAndScoresAgree(int T) {
        var targets = new int[T];
        Arrays.setAll(targets, t -> t % 4 == 3 ? -1 : t * 31 % 100);
        both.agree("scores", T, 1e-4, in -> {
            Tensor x = in.tensor(T, 48);
            Tensor norm = in.tensor(48);
            Matrix head = in.matrix(100, 48);
            var scores = in.backend().score(x, T, norm, EPSILON, head, targets);
            float[] logits = in.backend().logits(x, T - 1, norm, EPSILON, head);
            var all = new float[2 * T + 100];
            for (int t = 0; t < T; t++) {
                float nll = scores.negativeLogLikelihood()[t];
                assertEquals(targets[t] < 0, Float.isNaN(nll));
                all[t] = Float.isNaN(nll) ? 0 : nll;
                all[T + t] = scores.best()[t];
            }
            System.arraycopy(logits, 0, all, 2 * T, 100);
            return all;
        });
    }

    @ParameterizedTest
    @CsvSource({"1, 64", "130, 16", "257, 128"})
    void gateInputsAgree(int T, int B) {
        both.agree("pooled and projected", T, 1e-4, in -> {
            Backend b = in.backend();
            int N = Math.ceilDiv(T, B);
            Tensor x = in.tensor(2, T + 5, 16);
            Tensor pooled = in.arena().allocate(2, N + 1, 48);
            b.pool(x, 2, T, B, List.of(Pooling.MAX, Pooling.MIN, Pooling.AVG), pooled, 1);
            Tensor average = in.arena().allocate(2, N, 16);
            b.pool(x, 0, T, B, List.of(Pooling.AVG), average, 0);
            Tensor y = in.arena().allocate(4, N + 1, 16);
            b.projectHeads(pooled, in.tensor(4, 48, 16), 1, N, y);
            return join(pooled, average, y);
        });
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 1", "40, 0, 40", "40, 15, 20", "100, 60, 40"})
    void selectionsAgree(int total, int first, int rows) {
        for (SelectionRule rule : List.of(new SelectionRule.TopBlocks(0.2),
                new SelectionRule.Threshold(0.03f, GateActivation.SOFTMAX),
                new SelectionRule.Threshold(List.of(0.04f, 0.02f, 0.3f, 0.01f), GateActivation.SOFTMAX),
                new SelectionRule.Threshold(0.6f, GateActivation.SIGMOID))) {
            for (ForcedBlocks forced : List.of(ForcedBlocks.NONE, new ForcedBlocks(2, true))) {
                both.agree("lists of " + rule, total, 0, in -> {
                    Tensor q = in.tensor(4, rows, 16);
                    Tensor k = in.tensor(2, total, 16);
                    BlockMask mask = in.backend().select(q, k, first, rows, total, 64, 0.25, rule, forced,
                            in.arena());
                    assertTrue(mask.keeps(3, first + rows - 1, first + rows - 1));
                    assertEquals((double) mask.kept() / mask.causal(), mask.density());
                    return lists(mask);
                });
            }
        }
    }

    /// In two chunks, so that the second finds the keys of the first; with pooled and with projected queries, and with
    /// heads so wide that the tornado backend takes the steps one by one.
    @ParameterizedTest
    @CsvSource({"16, 16, 12, false", "16, 32, 32, true", "272, 16, 16, true"})
    void gatesAgree(int D, int E, int rotary, boolean projected) {
        for (SelectionRule rule : List.of(new SelectionRule.TopBlocks(0.3),
                new SelectionRule.Threshold(0.05f, GateActivation.SOFTMAX),
                new SelectionRule.Threshold(List.of(0.05f, 0.2f, 0.1f, 0.02f), GateActivation.SOFTMAX),
                new SelectionRule.Threshold(0.5f, GateActivation.SIGMOID))) {
            both.agree("gate, " + rule, D + E, 1e-4, in -> {
                Backend b = in.backend();
                int Q = projected ? E : D;
                Tensor keys = in.arena().allocate(4, 12, Q);
                Tensor keyWeights = in.tensor(4, 3 * D, Q);
                Tensor queryWeights = projected ? in.tensor(4, D, Q) : null;
                var results = new float[0];
                for (int first = 0; first < 12; first += 9) {
                    int tokens = first == 0 ? 72 : 21;
                    Tensor pooled = in.arena().allocate(4, 9, D);
                    Tensor queries = projected ? in.arena().allocate(4, 9, Q) : pooled;
                    BlockMask mask = b.gate(
                            new GateSide(in.tensor(4, 75, D), List.of(Pooling.AVG), queryWeights, pooled, false,
                                    queries, 0),
                            new GateSide(in.tensor(2, 72, D), List.of(Pooling.MAX, Pooling.MIN, Pooling.AVG),
                                    keyWeights, in.arena().allocate(2, 12, 3 * D), false, keys, first),
                            new GateChunk(tokens, 8, first, 12), Rotary.plain(rotary, 1e4), 0.1, rule,
                            new ForcedBlocks(1, true), in.arena());
                    results = join(results, keys.download(), Arrays.copyOf(queries.download(), 2 * Q), lists(mask));
                }
                return results;
            });
        }
    }

    private static float[] lists(BlockMask mask) {
        var lists = new float[mask.start().length + (int) mask.kept()];
        for (int i = 0; i < lists.length; i++) {
            lists[i] = i < mask.start().length ? mask.start()[i] : mask.index()[i - mask.start().length];
        }
        return lists;
    }

    @Test
    void blockScoresAgree() {
        both.agree("block scores", 3, 1e-5, in ->
                in.backend().blockScores(in.tensor(4, 9, 16), in.tensor(2, 20, 16), 3, 11, 9, 0.25));
    }

    @Test
    void aMaskOfTheDeviceGoesStraightToAttention() {
        both.agree("attention", 4, 1e-5, in -> {
            Backend b = in.backend();
            BlockMask mask = b.select(in.tensor(2, 5, 16), in.tensor(1, 5, 16), 0, 5, 5, 16, 1,
                    new SelectionRule.TopBlocks(0.5), ForcedBlocks.NONE, in.arena());
            Tensor out = in.arena().allocate(70, 32);
            b.attend(in.tensor(2, 70, 16), 70, 0, in.cache(1, 70, 16), mask, out, null);
            return out.download();
        });
    }

    @Test
    void whatIsThereStaysWhenBanksAreAdded() {
        try (var backend = new TornadoBackend(); Arena arena = backend.arena("the test", 0)) {
            float[] values = new Both.Inputs(arena, 5).values(1000, 1);
            Tensor early = arena.upload(values, 10, 100);
            long before = arena.bytes();
            Tensor large = arena.allocate(TornadoDevices.present() ? 1 << 23 : 1 << 18);
            assertTrue(arena.bytes() > before);
            Tensor later = arena.upload(values, 1000);
            assertArrayEquals(values, early.download());
            assertArrayEquals(values, later.download());
            assertEquals(0, large.download()[200_000]);
        }
    }

    @Test
    void aShortageOfDeviceMemoryIsOneSentence() {
        String before = System.setProperty("tornado.device.memory", "64MB");
        try (var backend = new TornadoBackend(); Arena arena = backend.arena("its session", 0)) {
            Tensor small = arena.upload(new float[] {1, 2}, 2);
            var e = assertThrows(BackendUnavailableException.class, () -> arena.allocate(1 << 25));
            assertTrue(e.getMessage().contains("its session needs 128 MiB more device memory than the ")
                    && e.getMessage().contains(" MiB that are taken, and 64 MiB may be used")
                    && e.getMessage().contains("-Dtornado.device.memory")
                    && e.getMessage().contains("--chunk"), e.getMessage());
            assertArrayEquals(new float[] {1, 2}, small.download());
        } finally {
            if (before == null) {
                System.clearProperty("tornado.device.memory");
            } else {
                System.setProperty("tornado.device.memory", before);
            }
        }
    }

    @Test
    void theYardstickIsPositiveAndTheNameTellsWhereItRan() {
        assertTrue(both.tornado.peakFlops() > 1e5);
        var info = both.tornado.info();
        assertEquals(TornadoDevices.present() ? "tornado" : "simulator", info.backend());
    }
}
