package seer.verify;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import seer.gate.AttnGate;
import seer.gate.SelectorSpec;
import seer.model.BlockSelector;
import seer.model.attention.ForcedBlocks;
import seer.support.Demo;
import seer.support.ResultsFile;
import seer.support.Retrieval;

/// The published retrieval scores, on the very prompts they were measured on.
class RetrievalTest {
    private static final int PROMPTS = 24;

    private static Retrieval.Score score(String family, int prompts, BlockSelector selector) throws IOException {
        var all = Retrieval.prompts(family);
        int length = all.getFirst().tokens().length;
        try (var session = Demo.model().session(length)) {
            return Retrieval.score(session, all.subList(0, Math.min(prompts, all.size())), selector);
        }
    }

    /// What the tables were made with: the first block is not kept.
    private static final ForcedBlocks LAST_ROWS = new ForcedBlocks(2, false);

    private static BlockSelector gate(Supplier<AttnGate> gate, ForcedBlocks forced) {
        return SelectorSpec.parse("gate:density=0.1").selector(gate, forced);
    }

    @Tag("slow")
    @Test
    void denseAttentionFindsSingleNeedles() throws IOException {
        assertEquals(1.0, score("single_4096", 4, BlockSelector.dense()).mean());
    }

    @Test
    void theGateFindsSingleNeedlesWithTheLastRowsDense() throws IOException {
        assertEquals(1.0, score("single_4096", 4, gate(Demo::gate, LAST_ROWS)).mean());
    }

    /// A family and the scores that an independent implementation gave it.
    private record Published(String family, double dense, double gate) { }

    @Tag("slow")
    @Test
    void at4096TokensScoresAreThePublishedOnesWithinOnePrompt() throws IOException {
        var checks = new ArrayList<Executable>();
        var table = new StringBuilder("| family | dense | published | reference gates, density 0.1 | published "
                + "| shipped gates |\n|---|--:|--:|--:|--:|--:|\n");
        for (var p : List.of(new Published("single_4096", 1.00, 0.96), new Published("multikey_4096", 1.00, 0.96),
                new Published("multivalue_4096", 0.79, 0.49), new Published("track_4096", 1.00, 0.22))) {
            double dense = score(p.family(), PROMPTS, BlockSelector.dense()).mean();
            double gate = score(p.family(), PROMPTS, gate(Demo::referenceGate, ForcedBlocks.NONE)).mean();
            double shipped = score(p.family(), PROMPTS, gate(Demo::gate, ForcedBlocks.NONE)).mean();
            table.append(String.format(Locale.ROOT, "| %s x %d | %.3f | %.2f | %.3f | %.2f | %.3f |%n", p.family(),
                    PROMPTS, dense, p.dense(), gate, p.gate(), shipped));
            checks.add(() -> assertEquals(p.dense(), dense, 1.0 / PROMPTS + 0.005, p.family() + ", dense"));
            checks.add(() -> assertEquals(p.gate(), gate, 1.0 / PROMPTS + 0.005, p.family() + ", gate"));
        }
        ResultsFile.replace("retrieval", table.toString());
        assertAll(checks);
    }

    @Tag("slow")
    @Test
    void at32000TokensTheGateFindsWhatDenseAttentionFinds() throws IOException {
        int denseFound = 0;
        int gateFound = 0;
        var table = new StringBuilder("| family | values | dense found | gate found |\n|---|--:|--:|--:|\n");
        for (String family : List.of("single_32000", "multikey16_32000", "track_32000")) {
            var dense = score(family, 6, BlockSelector.dense());
            var gate = score(family, 6, gate(Demo::gate, LAST_ROWS));
            denseFound += dense.found();
            gateFound += gate.found();
            table.append(String.format(Locale.ROOT, "| %s x 6 | %d | %d | %d |%n", family, dense.values(),
                    dense.found(), gate.found()));
        }
        ResultsFile.replace("retrieval32k", table.toString());
        assertTrue(gateFound >= 0.95 * denseFound, "dense found " + denseFound + ", the gate " + gateFound);
    }
}
