package seer.verify;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import seer.gate.SelectorSpec;
import seer.model.BlockSelector;
import seer.model.PrefillRequest;
import seer.model.Session;
import seer.model.attention.ForcedBlocks;
import seer.support.Demo;
import seer.support.ResultsFile;

/// The rivals' perplexities and densities beside those that an independent implementation measured, and what choosing
/// costs: two windows of 8,192 tokens of Emma, block 64, no dense last rows.
class RivalPerplexityTest {
    private static final int WINDOW = 8192;
    private static final int WINDOWS = 2;

    /// A selector and what was measured with it; NaN where nothing was.
    private record Published(String selector, double perplexity, double density) {
        Published(String selector) {
            this(selector, Double.NaN, Double.NaN);
        }
    }

    private static final List<Published> PUBLISHED = List.of(
            new Published("oracle:density=0.3", 23.017, 0.287), new Published("oracle:density=0.1", 23.635, 0.092),
            new Published("oracle:threshold=0.004", 23.01, 0.287),
            new Published("oracle:threshold=0.015", 23.29, 0.106),
            new Published("oracle:threshold=0.02", 23.42, 0.085),
            new Published("ashape:density=0.3", 23.616, 0.287), new Published("ashape:density=0.1", 25.188, 0.091),
            new Published("meanpool:density=0.3", 23.422, 0.287),
            new Published("meanpool:density=0.1", 25.329, 0.091),
            new Published("antidiagonal:density=0.3", 23.357, 0.288),
            new Published("antidiagonal:density=0.1", 25.479, 0.093),
            new Published("antidiagonal:mass=0.9"), new Published("minmax:density=0.3"),
            new Published("minmax:density=0.1"), new Published("verticalslash:density=0.3"),
            new Published("verticalslash:density=0.1"), new Published("flex:density=0.3"),
            new Published("flex:density=0.1"), new Published("flex:mass=0.9"), new Published("random:density=0.3"),
            new Published("random:density=0.1"));

    /// What two windows gave and cost.
    private record Measured(double perplexity, double density, double selection, double attention) { }

    private static Measured measure(Session session, int[] tokens, BlockSelector selector) {
        double sum = 0;
        double density = 0;
        double selection = 0;
        double attention = 0;
        for (int w = 0; w < WINDOWS; w++) {
            int[] window = Arrays.copyOfRange(tokens, w * WINDOW, (w + 1) * WINDOW);
            var report = session.prefill(PrefillRequest.of(window, selector).scored(tokens[(w + 1) * WINDOW]));
            for (float nll : report.scores().negativeLogLikelihood()) {
                sum += nll;
            }
            density += report.density() / WINDOWS;
            selection += report.selectionNanos() * 1e-9 / WINDOWS;
            attention += report.attentionNanos() * 1e-9 / WINDOWS;
        }
        return new Measured(Math.exp(sum / (WINDOWS * WINDOW)), density, selection, attention);
    }

    @Tag("slow")
    @Test
    void rivalsHaveThePublishedPerplexityAndDensity() throws IOException {
        var all = new ArrayList<Executable>();
        var table = new StringBuilder("| selector | perplexity | published | density | published | chosen on the host "
                + "| choosing, s | attention, s |\n|---|--:|--:|--:|--:|---|--:|--:|\n");
        int[] tokens = Demo.model().tokenizer().encode(Files.readString(Demo.DATA.resolve("emma-excerpt.txt")));
        try (var session = Demo.model().session(WINDOW)) {
            session.prefill(PrefillRequest.of(Arrays.copyOf(tokens, 2048), BlockSelector.dense()));
            for (Published wanted : PUBLISHED) {
                var selector = SelectorSpec.parse(wanted.selector()).selector(Demo::gate, ForcedBlocks.NONE);
                var got = measure(session, tokens, selector);
                if (!Double.isNaN(wanted.perplexity())) {
                    all.add(() -> assertEquals(wanted.perplexity(), got.perplexity(), 0.003 * wanted.perplexity(),
                            wanted.selector()));
                    all.add(() -> assertEquals(wanted.density(), got.density(), 0.001, wanted.selector()));
                }
                table.append(String.format(Locale.ROOT, "| %s | %.3f | %s | %.4f | %s | %s | %.2f | %.2f |%n",
                        wanted.selector(), got.perplexity(), written(wanted.perplexity()), got.density(),
                        written(wanted.density()), selector.onHost() ? "yes" : "no", got.selection(),
                        got.attention()));
            }
        }
        ResultsFile.replace("rivals-perplexity", table.toString());
        assertAll(all);
    }

    private static String written(double published) {
        return Double.isNaN(published) ? "-" : String.format(Locale.ROOT, published < 1 ? "%.3f" : "%.2f", published);
    }
}
