package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.gate.AttnGate;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.support.Conformance;
import seer.support.OnTensorCores;
import seer.support.TinyGate;
import seer.support.TinyModel;
import seer.support.Tornado;
import seer.support.WatchedRanges;

/// What a layer does before attention, at once and step by step, in bf16; and a gate on what was pooled on the way.
@Conformance
@OnTensorCores
class LayerEntryTest {
    private static final int C = 96;
    private static final int H = 3;
    private static final int G = 1;
    private static final int D = 64;
    private static final int BLOCKS = 5; // room of the gate
    private static final List<Pooling> ALL = List.of(Pooling.MAX, Pooling.MIN, Pooling.AVG);
    private static final WatchedRanges WATCHED = new WatchedRanges();

    private static Backend backend;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() {
        WATCHED.open();
        backend = Tornado.open(ElementType.BF16);
    }

    @AfterAll
    static void close() {
        backend.close();
        WATCHED.close();
    }

    private static GatePools pools(Arena arena, int block, List<Pooling> keys, int at) {
        arena.reserve((long) BLOCKS * D * (H + G * keys.size()));
        return new GatePools(block, List.of(Pooling.AVG), arena.allocate(H, BLOCKS, D), keys,
                arena.allocate(G, BLOCKS, keys.size() * D), at);
    }

    private static LayerEntry entry(Arena arena, int rows, int offset, int rotary, boolean normed, GatePools pools) {
        var draw = new Draw(rows);
        int outputs = (H + 2 * G) * D;
        Matrix qkv = arena.matrix(List.of(Draw.weights(draw.normal(outputs * C, 0.1), outputs, C)));
        Tensor[] heads = {arena.activations(H, rows, D), arena.activations(G, rows, D), arena.activations(G, rows, D),
            arena.activations(H, rows, D)};
        return new LayerEntry(arena.upload(draw.normal(rows * C), rows, C), rows, offset,
                arena.upload(draw.normal(C), C), 1e-5, qkv, arena.upload(draw.normal(outputs), outputs),
                normed ? arena.upload(draw.normal(D), D) : null, normed ? arena.upload(draw.normal(D), D) : null,
                Rotary.plain(rotary, 10_000), heads[0], heads[1], heads[2], heads[3], arena.cache(G, offset + rows, D),
                pools);
    }

    private static float[][] left(LayerEntry entry) {
        return new float[][] {entry.rawQueries().download(), entry.rawKeys().download(), entry.values().download(),
            entry.queries().download(), behind(entry.cache().keys(), entry), behind(entry.cache().values(), entry)};
    }

    private static float[] behind(Tensor cache, LayerEntry entry) {
        float[] all = cache.download();
        return Arrays.copyOfRange(all, all.length - entry.rows() * D, all.length);
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 64, false", "1, 130, 64, true", "70, 64, 24, true", "129, 0, 64, true", "200, 7, 64, false"})
    void atOnceIsStepByStep(int rows, int offset, int rotary, boolean normed) {
        try (Arena arena = backend.arena("the test", 0)) {
            LayerEntry steps = entry(arena, rows, offset, rotary, normed, null);
            LayerEntry once = entry(arena, rows, offset, rotary, normed, null);
            steps.stepByStep(backend);
            assertTrue(!backend.enter(once), "nothing was to be pooled");
            float[][] wanted = left(steps);
            float[][] got = left(once);
            for (int i = 0; i < wanted.length; i++) {
                assertAgree("result " + i, wanted[i], got[i]);
            }
        }
    }

    /// To the bit on the simulator. Squares of a row are added in another order at once, since an item has other
    /// columns then; on a device, whose compiler joins products and sums, one of thousands is rounded the other way.
    private static void assertAgree(String what, float[] wanted, float[] got) {
        assertEquals(wanted.length, got.length, what);
        int others = 0;
        for (int i = 0; i < wanted.length; i++) {
            others += wanted[i] == got[i] ? 0 : 1;
            float apart = Tornado.onDevice() ? Math.max(1, Math.abs(wanted[i])) / 64 : 0;
            assertTrue(Math.abs(wanted[i] - got[i]) <= apart,
                    what + " [" + i + "] is " + got[i] + ", not " + wanted[i]);
        }
        assertTrue(others <= wanted.length / 1000, others + " of " + wanted.length + " differ in " + what);
    }

    @ParameterizedTest
    @CsvSource({"64, 0, 130", "64, 128, 192", "128, 128, 200"})
    void whatAGateWantsIsPooledOnTheWay(int block, int offset, int rows) {
        try (Arena arena = backend.arena("the test", 0)) {
            LayerEntry once = entry(arena, rows, offset, D, true, pools(arena, block, ALL, offset / block));
            GatePools wanted = pools(arena, block, ALL, offset / block);
            assertTrue(backend.enter(once));
            backend.pool(once.rawQueries(), 0, rows, block, wanted.queryPoolings(), wanted.queries(), 0);
            backend.pool(once.rawKeys(), 0, rows, block, ALL, wanted.keys(), offset / block);
            assertArrayEquals(wanted.queries().download(), once.pools().queries().download(), 1e-5f);
            assertArrayEquals(wanted.keys().download(), once.pools().keys().download(), 1e-5f);
        }
    }

    /// Where the kernel cannot, the gate pools by itself.
    @ParameterizedTest
    @CsvSource({"16, 0, true", "64, 32, true", "64, 0, false"})
    void otherBlocksAreNotPooledOnTheWay(int block, int offset, boolean inOrder) {
        try (Arena arena = backend.arena("the test", 0)) {
            var keys = inOrder ? ALL : List.of(Pooling.AVG, Pooling.MAX);
            assertTrue(!backend.enter(entry(arena, 65, offset, D, false, pools(arena, block, keys, 0))));
        }
    }

    /// A gate's lists, of queries and keys that it pools itself and of those pooled before.
    @ParameterizedTest
    @CsvSource({"40, false", "64, true", "160, true"})
    void listsAreThoseOfAGateThatPoolsItself(int width, boolean projected) {
        int rows = 300;
        int Q = projected ? width : D;
        try (Arena arena = backend.arena("the test", 0)) {
            LayerEntry entry = entry(arena, rows, 0, D, false, pools(arena, 64, ALL, 0));
            assertTrue(backend.enter(entry));
            var draw = new Draw(width);
            Tensor keyWeights = arena.upload(draw.normal(H * 3 * D * Q, 0.2), H, 3 * D, Q);
            Tensor queryWeights = projected ? arena.upload(draw.normal(H * D * Q, 0.2), H, D, Q) : null;
            BlockMask[] masks = new BlockMask[2];
            for (int i = 0; i < 2; i++) {
                Tensor pooled = i == 1 ? entry.pools().queries() : arena.allocate(H, BLOCKS, D);
                Tensor pooledKeys = i == 1 ? entry.pools().keys() : arena.allocate(G, BLOCKS, 3 * D);
                Tensor vectors = projected ? arena.allocate(H, BLOCKS, Q) : pooled;
                masks[i] = backend.gate(
                        new GateSide(entry.rawQueries(), List.of(Pooling.AVG), queryWeights, pooled, i == 1, vectors,
                                0),
                        new GateSide(entry.rawKeys(), ALL, keyWeights, pooledKeys, i == 1,
                                arena.allocate(H, BLOCKS, Q), 0),
                        new GateChunk(rows, 64, 0, BLOCKS), Rotary.plain(16, 1e4), 0.1,
                        new SelectionRule.TopBlocks(0.4), new ForcedBlocks(0, false), arena);
            }
            assertArrayEquals(masks[0].start(), masks[1].start());
            assertArrayEquals(masks[0].index(), masks[1].index());
        }
    }

    /// A model that norms the heads of queries and keys, in bf16 beside fp32, dense and through a gate.
    @Test
    void qwen3RunsOnTensorCores() throws IOException {
        var path = TinyModel.random("qwen3", 64, 64, 2, 1, 64, true).write(folder.resolve("m"));
        try (var cpu = Backends.cpu(2); var exact = LanguageModel.open(path, cpu);
                var rounded = LanguageModel.open(path, backend)) {
            int[] prompt = new SplittableRandom(3).ints(130, 0, 4096).toArray();
            float[] wanted = logits(exact, BlockSelector.dense(), prompt);
            float[] got = logits(rounded, BlockSelector.dense(), prompt);
            double apart = 0;
            double size = 0;
            for (int i = 0; i < wanted.length; i++) {
                apart += Math.pow(got[i] - wanted[i], 2);
                size += wanted[i] * wanted[i];
            }
            assertTrue(Math.sqrt(apart / size) < 0.05, "apart by " + Math.sqrt(apart / size));
            var adapter = new TinyGate("Qavg_Kmaxminavg", 64, 64, false, "softmax").write(folder.resolve("g"), rounded);
            try (var gate = AttnGate.open(adapter, rounded)) {
                assertEquals(wanted.length, logits(rounded, gate.density(0.5), prompt).length);
            }
        }
    }

    /// Whoever chooses blocks of another size is told what to do, before anything is computed with them.
    @ParameterizedTest
    @CsvSource({"8", "16", "32"})
    void otherBlocksAreRefusedInOneSentence(int block) throws IOException {
        var path = TinyModel.random("llama", 64, 64, 2, 1, 64, true).write(folder.resolve("m"));
        try (var model = LanguageModel.open(path, backend)) {
            var adapter = new TinyGate("Qavg_Kavg", block, 64, false, "softmax").write(folder.resolve("g"), model);
            try (var gate = AttnGate.open(adapter, model)) {
                int[] prompt = new SplittableRandom(4).ints(block + 3, 0, 4096).toArray();
                var e = assertThrows(IllegalArgumentException.class, () -> logits(model, gate.density(0.5), prompt));
                assertEquals("blocks have " + block + " tokens, tensor cores are used for 64 and 128: take --precision "
                        + "f32", e.getMessage());
            }
        }
    }

    private static float[] logits(LanguageModel model, BlockSelector selector, int[] prompt) {
        try (var session = model.session(prompt.length)) {
            return session.prefill(PrefillRequest.of(prompt, selector)).logits();
        }
    }
}
