package seer.verify;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import seer.gate.AttnGate;
import seer.gate.SelectorSpec;
import seer.model.Perplexity;
import seer.model.attention.ForcedBlocks;
import seer.support.Demo;
import seer.support.ResultsFile;

/// Perplexities and densities that an independent implementation measured with the reference gates, and those of the
/// shipped gates beside them: windows of 8,192 tokens of Emma, block 64, no dense last rows.
class PerplexityTest {
    private static final int WINDOW = 8192;

    /// A selector and what was measured with it.
    private record Published(String selector, double perplexity, double density) { }

    private static final List<Published> PUBLISHED = List.of(new Published("dense", 22.88, 1),
            new Published("gate:density=0.3", 23.42, 0.287), new Published("gate:density=0.1", 24.92, 0.091),
            new Published("gate:threshold=0.005", 23.06, 0.308), new Published("gate:threshold=0.02", 24.07, 0.088));

    private static Perplexity measure(String selector, Supplier<AttnGate> gate) throws IOException {
        int[] tokens = Demo.model().tokenizer().encode(Files.readString(Demo.DATA.resolve("emma-excerpt.txt")));
        try (var session = Demo.model().session(WINDOW)) {
            return Perplexity.measure(session, tokens, WINDOW, 2,
                    SelectorSpec.parse(selector).selector(gate, ForcedBlocks.NONE), share -> { });
        }
    }

    private static List<Executable> checks(Published wanted, Perplexity got) {
        return List.of(() -> assertEquals(2, got.windows()),
                () -> assertEquals(wanted.perplexity(), got.value(), 0.002 * wanted.perplexity(), wanted.selector()),
                () -> assertEquals(wanted.density(), got.density(), 0.002, wanted.selector()));
    }

    @Test
    void theSparsestSelectionHasThePublishedPerplexity() throws IOException {
        var wanted = PUBLISHED.get(2);
        assertAll(checks(wanted, measure(wanted.selector(), Demo::referenceGate)));
    }

    /// What gates have to reach to be shipped: docs/lab-book.md, "What was fixed before any gate was trained".
    @Tag("slow")
    @Test
    void theShippedGatesAreAsGoodAsTheReferenceGates() throws IOException {
        var checks = new ArrayList<Executable>();
        for (int i : new int[] {1, 2, 4}) {
            var wanted = PUBLISHED.get(i);
            var got = measure(wanted.selector(), Demo::gate);
            checks.add(() -> assertTrue(got.value() <= 1.002 * wanted.perplexity(), wanted + ", got " + got));
            checks.add(() -> assertTrue(got.density() <= Math.max(0.09, wanted.density() + 0.001),
                    wanted + ", got " + got));
        }
        assertAll(checks);
    }

    @Tag("slow")
    @Test
    void everySelectorHasThePublishedPerplexityAndDensity() throws IOException {
        var all = new ArrayList<Executable>();
        var table = new StringBuilder("| selector | reference gates | published | density | published | shipped gates "
                + "| density |\n|---|--:|--:|--:|--:|--:|--:|\n");
        for (Published wanted : PUBLISHED) {
            var got = measure(wanted.selector(), Demo::referenceGate);
            var shipped = measure(wanted.selector(), Demo::gate);
            all.addAll(checks(wanted, got));
            table.append(String.format(Locale.ROOT, "| %s | %.3f | %.2f | %.4f | %.3f | %.3f | %.4f |%n",
                    wanted.selector(), got.value(), wanted.perplexity(), got.density(), wanted.density(),
                    shipped.value(), shipped.density()));
        }
        ResultsFile.replace("perplexity", table.toString());
        assertAll(all);
    }
}
