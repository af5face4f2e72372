package seer.verify;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import seer.gate.SelectorSpec;
import seer.model.Perplexity;
import seer.model.attention.ForcedBlocks;
import seer.support.Demo;
import seer.support.ResultsFile;

/// Perplexities and densities that an independent implementation measured: windows of 8,192 tokens of Emma, block 64,
/// no dense last rows, reference gates.
class PerplexityTest {
    private static final int WINDOW = 8192;

    /// A selector and what was measured with it.
    private record Published(String selector, double perplexity, double density) { }

    private static final List<Published> PUBLISHED = List.of(new Published("dense", 22.88, 1),
            new Published("gate:density=0.3", 23.42, 0.287), new Published("gate:density=0.1", 24.92, 0.091),
            new Published("gate:threshold=0.005", 23.06, 0.308), new Published("gate:threshold=0.02", 24.07, 0.088));

    private static Perplexity measure(String selector) throws IOException {
        int[] tokens = Demo.model().tokenizer().encode(Files.readString(Demo.DATA.resolve("emma-excerpt.txt")));
        try (var session = Demo.model().session(WINDOW)) {
            return Perplexity.measure(session, tokens, WINDOW, 2,
                    SelectorSpec.parse(selector).selector(Demo::gate, ForcedBlocks.NONE), share -> { });
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
        assertAll(checks(wanted, measure(wanted.selector())));
    }

    @Tag("slow")
    @Test
    void everySelectorHasThePublishedPerplexityAndDensity() throws IOException {
        var all = new ArrayList<Executable>();
        var table = new StringBuilder("| selector | perplexity | published | density | published |\n"
                + "|---|--:|--:|--:|--:|\n");
        for (Published wanted : PUBLISHED) {
            var got = measure(wanted.selector());
            all.addAll(checks(wanted, got));
            table.append(String.format(Locale.ROOT, "| %s | %.3f | %.2f | %.4f | %.3f |%n", wanted.selector(),
                    got.value(), wanted.perplexity(), got.density(), wanted.density()));
        }
        ResultsFile.replace("perplexity", table.toString());
        assertAll(all);
    }
}
