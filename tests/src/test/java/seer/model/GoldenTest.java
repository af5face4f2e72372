package seer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import seer.gate.GoldenGate;
import seer.support.Demo;
import seer.support.Probe;

/// The shipped model against an independent 32-bit implementation on 1,024 held-out tokens.
class GoldenTest {
    private static final int LAYER = 3;
    private static final double THRESHOLD = 0.04;

    private final int[] tokens = Demo.goldenInts("tokens");

    private PrefillReport read(BlockSelector selector, Probe probe) {
        try (var session = Demo.model().session(tokens.length)) {
            return session.prefill(PrefillRequest.of(tokens, selector).scored(-1).observedBy(probe));
        }
    }

    @Test
    void denseForwardEqualsTheGoldenOne() {
        var probe = new Probe(LAYER);
        var report = read(BlockSelector.dense(), probe);
        assertWithin(Demo.golden("logits_last"), report.logits(), 2e-3, "last logits");
        float[] nll = report.scores().negativeLogLikelihood();
        assertWithin(Demo.golden("nll"), Arrays.copyOf(nll, nll.length - 1), 1e-3, "negative log-likelihood");
        assertWithin(Demo.golden("q_pre_rope"), probe.rawQueries, 1e-3, "queries before rotation");
        assertWithin(Demo.golden("k_pre_rope"), probe.rawKeys, 1e-3, "keys before rotation");
        assertWithin(Demo.golden("v"), probe.values, 1e-3, "values");
        assertWithin(Demo.golden("attn_out"), probe.attention, 1e-4, "attention output");
    }

    @Test
    void lastPositionHasNoSuccessor() {
        var report = read(BlockSelector.dense(), new Probe(LAYER));
        assertTrue(Float.isNaN(report.scores().negativeLogLikelihood()[tokens.length - 1]));
    }

    @Test
    void gateScoresEqualTheGoldenOnes() {
        var scores = new GoldenGate(LAYER, THRESHOLD);
        read(scores, new Probe(LAYER));
        float[] wanted = Demo.golden("gate_scores");
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = wanted[i] < -1e29f ? Float.NEGATIVE_INFINITY : wanted[i];
        }
        assertWithin(wanted, scores.scores(), 1e-3, "gate scores");
    }

    @Test
    void blockMaskEqualsTheGoldenOneAwayFromTheThreshold() {
        var probe = new Probe(LAYER);
        read(new GoldenGate(LAYER, THRESHOLD), probe);
        int[] wanted = Demo.goldenInts("block_mask");
        float[] probability = Demo.golden("gate_probs");
        int[] got = probe.denseMask();
        int compared = 0;
        for (int i = 0; i < wanted.length; i++) {
            if (Math.abs(probability[i] - THRESHOLD) > 1e-4) {
                assertEquals(wanted[i], got[i], "block " + i + " with probability " + probability[i]);
                compared++;
            }
        }
        assertTrue(compared > wanted.length * 0.99);
    }

    @Test
    void sparseAttentionEqualsTheGoldenOne() {
        var probe = new Probe(LAYER);
        read(new GoldenGate(LAYER, THRESHOLD), probe);
        assertWithin(Demo.golden("sparse_out"), probe.attention, 1e-4, "sparse attention output");
    }
}
