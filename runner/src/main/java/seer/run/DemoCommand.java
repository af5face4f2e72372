package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.gate.SelectorSpec;
import seer.model.BlockSelector;
import seer.model.LayerObserver;
import seer.model.Perplexity;
import seer.model.Sampling;
import seer.model.Session;
import seer.model.attention.ForcedBlocks;
import seer.model.load.AtomicFile;
import seer.run.demo.FactPrompt;
import seer.run.demo.Haystack;
import seer.run.demo.LayerMaps;
import seer.run.demo.MapPicture;

/// Hides facts in a novel, reads it dense and sparse, asks for them, and shows time and quality side by side.
@Command(name = "demo", mixinStandardHelpOptions = true,
        description = "Hides facts in a long text, reads it dense and sparse, and asks for them.")
final class DemoCommand implements Callable<Integer> {
    private static final int NEEDLES = 4;
    private static final int ANSWER_TOKENS = 40;
    private static final String DENSE = "dense";
    private static final String CALIBRATED = "gate";
    private static final String UNCALIBRATED = "gate:threshold=0.005"; // of an adapter that stores no threshold
    private static final String PICTURED = "gate:density=0.1";

    @Mixin private ModelOptions modelOptions;
    @Spec private CommandSpec spec;

    @Option(names = "--text", paramLabel = "FILE",
            description = "The text the facts are hidden in (default: thursday.txt beside the model).")
    private Path text;

    @Option(names = "--tokens", paramLabel = "N", defaultValue = "32000",
            description = "Length of the prompt (default: ${DEFAULT-VALUE}).")
    private int tokens;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
            description = "Of the hidden facts (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--picture", paramLabel = "FILE", defaultValue = "seer-masks.png",
            description = "Where to draw the block masks (default: ${DEFAULT-VALUE}).")
    private Path picture;

    @Option(names = "--layer", paramLabel = "N", defaultValue = "3",
            description = "The layer whose masks are drawn (default: ${DEFAULT-VALUE}).")
    private int layer;

    @Option(names = "--json", description = "Print JSON instead of tables.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (spec.commandLine().getParseResult().hasMatchedOption("--picture")) {
            Desktop.require("--picture");
        }
        try (var bench = modelOptions.openWithGates("")) {
            check(bench);
            Path story = text == null ? bench.model().folder().resolve("thursday.txt") : text;
            var haystack = new Haystack(bench.model().tokenizer(), TextInput.read(story));
            int[] plain = beginning(haystack.text(), story);
            var needles = haystack.needles(tokens, NEEDLES, seed);
            var chain = haystack.chain(tokens, seed);
            String own = bench.gate().config().thresholds() == null ? UNCALIBRATED : CALIBRATED;
            var selectors = List.of(DENSE, own, "gate:density=0.2", PICTURED);
            var conditions = Conditions.of(selectors.stream().map(each -> selector(bench, each)).toList(), tokens,
                    true);
            var maps = new Maps(bench, layer, tokens);
            try (var session = bench.model().session(Math.min(tokens + ANSWER_TOKENS,
                    bench.model().config().contextLength()), bench.backend().chunk())) {
                conditions = conditions.keeping(bench.model(), List.of(session.capacity()));
                introduce(bench, conditions, out);
                var rows = read(bench, session, needles, selectors, maps, plain, out);
                rows.addAll(read(bench, session, chain, List.of(DENSE, own), null, null, out));
                if (json) {
                    Printer.print(Result.of("demo", bench, tokens, null, rows).under(conditions), true, out);
                }
                summary(bench, rows.getFirst(), rows.get(1), out);
            }
            draw(maps, out);
        }
        return 0;
    }

    /// The tokens that perplexity is measured on, and the one after them.
    private int[] beginning(int[] story, Path file) {
        if (story.length <= tokens) {
            throw new IllegalArgumentException(file + " has " + story.length + " tokens, wanted more than --tokens, "
                    + tokens);
        }
        return Arrays.copyOf(story, tokens + 1);
    }

    /// Reads the prompt with every selector; where `plain` is given, also measures how well the model predicts it.
    private List<Row> read(Workbench bench, Session session, FactPrompt prompt, List<String> selectors, Maps maps,
                           int[] plain, PrintWriter out) {
        var trial = new Trial(session, bench.model(), ANSWER_TOKENS, Sampling.GREEDY, false, true);
        var rows = new ArrayList<Row>();
        for (String each : selectors) {
            var selector = selector(bench, each);
            try (var progress = Progress.of(selector.label())) {
                var observer = maps == null ? LayerObserver.NONE : maps.observer(each);
                var row = trial.run(prompt.tokens(), selector, prompt.answer(), observer, progress, token -> { }).row();
                rows.add(plain == null ? row : row.withPerplexity(
                        Perplexity.measure(session, plain, tokens, 1, selector, progress).value()));
            }
        }
        if (!json) {
            out.println("Asked for " + prompt.asked() + ":");
            out.println(Printer.table(firstLines(rows)));
            out.println();
        }
        return rows;
    }

    /// The model goes on writing after its answer: people want to see the answer.
    private static List<Row> firstLines(List<Row> rows) {
        return rows.stream().map(row -> row.withAnswer(row.answer().strip().lines().findFirst().orElse("")
                .replaceFirst("(?<=\\d)\\..*", ""))).toList();
    }

    private static BlockSelector selector(Workbench bench, String written) {
        return bench.selector(SelectorSpec.parse(written), ForcedBlocks.DEFAULT);
    }

    private void introduce(Workbench bench, Conditions conditions, PrintWriter out) {
        if (!json) {
            Printer.header(Result.of("demo", bench, tokens, null, List.of()).under(conditions), out);
            out.printf(Locale.ROOT, "%d magic numbers are hidden in %,d tokens of a novel; then a chain of variables."
                    + "%nPerplexity is that of the novel's first %,d tokens, read without questions.%n%n", NEEDLES,
                    tokens, tokens);
            out.flush();
        }
    }

    private void summary(Workbench bench, Row dense, Row sparse, PrintWriter out) {
        if (json) {
            return;
        }
        Printer.kernels(bench.backend().rungs(), out);
        out.printf(Locale.ROOT, "%s: first token %.1f times faster than dense at density %.3f; perplexity %.3f "
                        + "instead of %.3f (%+.1f %%).%n", sparse.selector(), dense.ttftMs() / sparse.ttftMs(),
                sparse.density(), sparse.perplexity(), dense.perplexity(),
                100 * (sparse.perplexity() / dense.perplexity() - 1));
    }

    private void draw(Maps maps, PrintWriter out) {
        String obstacle = Desktop.obstacle();
        boolean captions = obstacle == null && maps.write(picture);
        if (json) {
            return;
        }
        if (obstacle == null) {
            out.printf("Block masks of layer %d and its true attention: %s%s%n", layer, picture,
                    captions ? "" : " (without captions: this JDK found no fonts)");
        } else {
            out.println("No picture of the block masks: " + obstacle + ".");
        }
        out.printf("%nNext:%n");
        out.println("  bin/seer prefill --text FILE --question TEXT --compare dense");
        out.println("  bin/seer perplexity --text FILE --select gate --compare dense");
        out.println("  bin/seer --help");
    }

    private void check(Workbench bench) {
        OutputOptions.checkFolder("--picture", picture);
        if (Desktop.obstacle() == null) {
            AtomicFile.prepare(picture);
        }
        var config = bench.model().config();
        if (layer < 0 || layer >= config.layers()) {
            throw new UsageException("--layer is " + layer + ", wanted 0 to " + (config.layers() - 1));
        }
        if (tokens < 1 || tokens > config.contextLength()) {
            throw new UsageException("--tokens is " + tokens + ", wanted 1 to " + config.contextLength()
                    + ", the model's context");
        }
    }

    /// The maps that the demo draws, filled while it reads.
    private static final class Maps {
        private final int layer;
        private final LayerMaps masks;
        private final LayerMaps attention;

        Maps(Workbench bench, int layer, int tokens) {
            int heads = bench.model().config().heads();
            int block = bench.gate().config().block();
            this.layer = layer;
            this.masks = new LayerMaps(layer, heads, block, tokens);
            this.attention = new LayerMaps(layer, heads, block, tokens);
        }

        LayerObserver observer(String selector) {
            return switch (selector) {
                case DENSE -> attention.trueAttention();
                case PICTURED -> masks.masks();
                default -> LayerObserver.NONE;
            };
        }

        boolean write(Path file) {
            return new MapPicture(masks.blocks(), masks.maps(), attention.maps())
                    .write(file, "computed at " + PICTURED + ", layer " + layer, "true attention, block maximum");
        }
    }
}
