package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.gate.SelectorSpec;
import seer.model.BlockSelector;
import seer.model.Perplexity;

/// Perplexity of a text, window by window.
@Command(name = "perplexity", mixinStandardHelpOptions = true,
        description = "Perplexity of a text in windows, each read afresh; no token is put in front.")
final class PerplexityCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Mixin private SelectorOptions selectorOptions;
    @Spec private CommandSpec spec;

    @Option(names = "--text", paramLabel = "FILE", required = true,
            description = "The text to read, UTF-8; - is standard input.")
    private Path text;

    @Option(names = "--window", paramLabel = "L", defaultValue = "8192",
            description = "Tokens in a window (default: ${DEFAULT-VALUE}).")
    private int window;

    @Option(names = "--windows", paramLabel = "N",
            description = "Windows to read from the beginning of the text (default: all that fit).")
    private Integer windows;

    @Option(names = "--compare", paramLabel = "SELECTOR", converter = SelectorOptions.Converter.class,
            description = "Also measure this selector; may be given several times.")
    private List<SelectorSpec> compare = List.of();

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (window < 1) {
            throw new UsageException("--window is " + window + ", wanted at least 1");
        }
        if (windows != null && windows < 1) {
            throw new UsageException("--windows is " + windows + ", wanted at least 1");
        }
        String read = TextInput.read(text);
        var specs = selectorOptions.with(compare);
        try (var bench = modelOptions.open(specs); var session = bench.model().session(window, chunk(specs, bench))) {
            var tokenizer = bench.model().tokenizer();
            int[] tokens = tokenizer.whole(tokenizer.encode(read));
            int available = Perplexity.windows(tokens.length, window);
            if (available == 0) {
                throw new IllegalArgumentException(text + " is " + tokens.length
                        + " tokens long, wanted at least one window of " + window + " and the token after it");
            }
            int count = windows == null ? available : Math.min(windows, available);
            var rows = new ArrayList<Row>();
            var selectors = specs.stream().map(each -> bench.selector(each, selectorOptions.forced())).toList();
            for (BlockSelector selector : selectors) {
                PeakMemory.reset();
                long compiled = bench.backend().compileNanos();
                try (var progress = Progress.of(selector.label())) {
                    var measured = Perplexity.measure(session, tokens, window, count, selector, progress);
                    rows.add(Row.of(selector, measured, PeakMemory.mebibytes())
                            .withCompiling(bench.backend().compileNanos() - compiled));
                }
            }
            var conditions = Conditions.of(selectors, window, false)
                    .keeping(bench.model(), List.of(session.capacity()));
            Printer.print(Result.of("perplexity", bench, window, count, rows).under(conditions), json, out);
        }
        return 0;
    }

    private int chunk(List<SelectorSpec> specs, Workbench bench) {
        return specs.stream().anyMatch(SelectorSpec::wholePrompt) ? window : bench.backend().chunk();
    }
}
