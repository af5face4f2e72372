package seer.verify;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import seer.gate.SelectorSpec;
import seer.model.attention.ForcedBlocks;
import seer.support.Demo;
import seer.support.ResultsFile;
import seer.support.Retrieval;

/// The rivals' retrieval scores beside the published ones, on the very prompts they were measured on: 24 of 4,096
/// tokens in each family, without dense last rows and with two.
class RivalRetrievalTest {
    private static final int PROMPTS = 24;
    private static final List<String> FAMILIES = List.of("single", "multikey", "multivalue", "track");

    /// A selector and its scores.
    ///
    /// @param without by family, no dense last rows
    /// @param with    by family, two dense last rows
    private record Published(String selector, List<Double> without, List<Double> with) { }

    private static final List<Published> PUBLISHED = List.of(
            new Published("oracle:density=0.3", List.of(1.0, 1.0, 0.812, 1.0), List.of(1.0, 1.0, 0.719, 1.0)),
            new Published("oracle:density=0.1", List.of(1.0, 1.0, 0.510, 0.575), List.of(1.0, 1.0, 0.625, 1.0)),
            new Published("ashape:density=0.3", List.of(0.167, 0.292, 0.115, 0.142), List.of(1.0, 1.0, 0.469, 0.967)),
            new Published("ashape:density=0.1", List.of(0.0, 0.083, 0.010, 0.017), List.of(1.0, 1.0, 0.292, 0.925)),
            new Published("meanpool:density=0.3", List.of(0.583, 0.417, 0.146, 0.050),
                    List.of(0.833, 0.917, 0.469, 0.408)),
            new Published("meanpool:density=0.1", List.of(0.250, 0.208, 0.052, 0.017),
                    List.of(0.583, 0.917, 0.271, 0.192)),
            new Published("antidiagonal:density=0.3", List.of(0.875, 0.917, 0.677, 0.058),
                    List.of(0.917, 0.958, 0.688, 0.500)),
            new Published("antidiagonal:density=0.1", List.of(0.292, 0.333, 0.125, 0.017),
                    List.of(0.667, 0.917, 0.500, 0.250)));

    @Tag("slow")
    @Test
    void rivalsHaveThePublishedScoresWithinOnePrompt() throws IOException {
        var checks = new ArrayList<Executable>();
        var table = new StringBuilder("| selector | dense last rows | single | published | multikey | published "
                + "| multivalue | published | track | published |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        for (Published published : PUBLISHED) {
            row(published.selector(), 0, published.without(), table, checks);
            row(published.selector(), 2, published.with(), table, checks);
        }
        ResultsFile.replace("rivals-retrieval", table.toString());
        assertAll(checks);
    }

    private static void row(String selector, int denseRows, List<Double> published, StringBuilder table,
                            List<Executable> checks) throws IOException {
        table.append("| ").append(selector).append(" | ").append(denseRows).append(" |");
        for (int i = 0; i < FAMILIES.size(); i++) {
            double wanted = published.get(i);
            String what = FAMILIES.get(i) + ", " + selector + ", dense last rows " + denseRows;
            double got = score(FAMILIES.get(i), selector, new ForcedBlocks(denseRows, false));
            table.append(String.format(Locale.ROOT, " %.3f | %.3f |", got, wanted));
            checks.add(() -> assertEquals(wanted, got, 1.0 / PROMPTS + 0.0005, what));
        }
        table.append('\n');
    }

    private static double score(String family, String selector, ForcedBlocks forced) throws IOException {
        try (var session = Demo.model().session(4096)) {
            return Retrieval.score(session, Retrieval.prompts(family + "_4096"),
                    SelectorSpec.parse(selector).selector(Demo::gate, forced)).mean();
        }
    }
}
