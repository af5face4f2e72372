package seer.model.backend.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static seer.support.Close.assertWithin;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import seer.gate.AttnGate;
import seer.gate.GoldenGate;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.PrefillReport;
import seer.model.PrefillRequest;
import seer.model.backend.tornado.sdk.TornadoDevices;
import seer.support.Conformance;
import seer.support.Demo;
import seer.support.Probe;
import seer.support.WatchedRanges;

/// The shipped model through the task graphs: on a device all 1,024 golden tokens, on the simulator the first 300,
/// whose values are the same, since every token only looks back.
@Conformance
class TornadoModelTest {
    private static final int LAYER = 3;
    private static final double TOLERANCE = 2e-3;
    private static final double THRESHOLD = 0.04;
    /// Races are looked for in the kernels' own tests.
    private static final WatchedRanges WATCHED = new WatchedRanges();

    private static TornadoBackend backend;
    private static LanguageModel model;

    private final int all = Demo.goldenInts("tokens").length;
    private final int count = TornadoDevices.present() ? all : 300;
    private final int[] tokens = Arrays.copyOf(Demo.goldenInts("tokens"), count);

    @BeforeAll
    static void open() {
        WATCHED.open();
        backend = new TornadoBackend();
        model = LanguageModel.open(Demo.MODEL, backend);
    }

    @AfterAll
    static void close() {
        model.close();
        backend.close();
        WATCHED.close();
    }

    private PrefillReport read(LanguageModel model, int chunk, BlockSelector selector, Probe probe) {
        try (var session = model.session(count, chunk)) {
            int successor = count < all ? Demo.goldenInts("tokens")[count] : -1;
            return session.prefill(PrefillRequest.of(tokens, selector).scored(successor).observedBy(probe));
        }
    }

    /// The first rows of each head of golden values `[heads, T, D]`.
    private float[] prefix(String name, int heads) {
        float[] values = Demo.golden(name);
        int stride = values.length / heads;
        int length = stride / all * count;
        var first = new float[heads * length];
        for (int head = 0; head < heads; head++) {
            System.arraycopy(values, head * stride, first, head * length, length);
        }
        return first;
    }

    @Test
    void denseForwardEqualsTheGoldenOne() {
        var config = model.config();
        var probe = new Probe(LAYER);
        var report = read(model, count, BlockSelector.dense(), probe);
        int scored = Math.min(count, all - 1);
        assertWithin(Arrays.copyOf(Demo.golden("nll"), scored),
                Arrays.copyOf(report.scores().negativeLogLikelihood(), scored), TOLERANCE, "negative log-likelihood");
        assertWithin(prefix("q_pre_rope", config.heads()), probe.rawQueries, TOLERANCE, "queries before rotation");
        assertWithin(prefix("k_pre_rope", config.groups()), probe.rawKeys, TOLERANCE, "keys before rotation");
        assertWithin(prefix("v", config.groups()), probe.values, TOLERANCE, "values");
        assertWithin(prefix("attn_out", config.heads()), probe.attention, TOLERANCE, "attention output");
        if (count == all) {
            assertWithin(Demo.golden("logits_last"), report.logits(), TOLERANCE, "last logits");
        }
        assertEquals(1, report.density());
    }

    /// In chunks, so that lists, pooled keys and caches of earlier chunks are used.
    @Test
    void gatedPrefillEqualsTheProcessors() {
        var probe = new Probe(LAYER);
        var wanted = read(Demo.model(), 128, AttnGate.open(Demo.GATE, Demo.model()).density(0.3), probe);
        var gated = new Probe(LAYER);
        var report = read(model, 128, AttnGate.open(Demo.GATE, model).density(0.3), gated);
        assertEquals(wanted.density(), report.density());
        assertWithin(probe.attention, gated.attention, TOLERANCE, "attention output of the last chunk");
        assertWithin(wanted.logits(), report.logits(), TOLERANCE, "last logits");
    }

    /// The golden gate, on the simulator for as many whole blocks as the 300 tokens have.
    @Test
    void goldenGateAndSparseAttentionEqualTheGoldenOnes() {
        int whole = count / GoldenGate.BLOCK;
        int rows = whole * GoldenGate.BLOCK;
        var probe = new Probe(LAYER);
        try (var session = model.session(rows, rows)) {
            session.prefill(PrefillRequest.of(Arrays.copyOf(tokens, rows), new GoldenGate(LAYER, THRESHOLD))
                    .observedBy(probe));
        }
        int heads = model.config().heads();
        int[] wanted = Demo.goldenInts("block_mask");
        float[] probability = Demo.golden("gate_probs");
        int[] got = probe.denseMask();
        int blocks = all / GoldenGate.BLOCK;
        for (int at = 0; at < got.length; at++) {
            int there = (at / whole / whole * blocks + at / whole % whole) * blocks + at % whole;
            if (Math.abs(probability[there] - THRESHOLD) > 1e-4) {
                assertEquals(wanted[there], got[at], "block " + at + " with probability " + probability[there]);
            }
        }
        float[] sparse = Demo.golden("sparse_out");
        int head = sparse.length / heads;
        int length = head / all * rows;
        var first = new float[heads * length];
        for (int h = 0; h < heads; h++) {
            System.arraycopy(sparse, h * head, first, h * length, length);
        }
        assertWithin(first, probe.attention, TOLERANCE, "sparse attention output");
    }
}
