package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.gate.SelectorSpec;
import seer.model.BlockSelector;
import seer.model.LayerObserver;
import seer.model.Session;
import seer.model.text.StreamDecoder;

/// Reads a long text with sparse attention and continues it.
@Command(name = "prefill", mixinStandardHelpOptions = true,
        description = "Reads a text with sparse attention, answers, and says what it cost.")
final class PrefillCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Mixin private SelectorOptions selectorOptions;
    @Mixin private SamplingOptions samplingOptions;
    @Spec private CommandSpec spec;

    @Option(names = "--text", paramLabel = "FILE", required = true,
            description = "The text to read, UTF-8; - is standard input.")
    private Path text;

    @Option(names = "--tokens", paramLabel = "N",
            description = "Read only the first N tokens of the text (default: all).")
    private Integer tokens;

    @Option(names = "--question", paramLabel = "TEXT", defaultValue = "",
            description = "Appended to the text.")
    private String question;

    @Option(names = "--compare", paramLabel = "SELECTOR", converter = SelectorOptions.Converter.class,
            description = "Also read it with this selector; may be given several times.")
    private List<SelectorSpec> compare = List.of();

    @Option(names = "--new-tokens", paramLabel = "N", defaultValue = "32",
            description = "Tokens to draw after the text (default: ${DEFAULT-VALUE}).")
    private int newTokens;

    @Option(names = "--perplexity", description = "Also score every token of the text.")
    private boolean perplexity;

    @Option(names = "--chunk", paramLabel = "N",
            description = "Tokens that pass through the layers together (default: what suits the backend, or "
                    + "all of them where a selector looks at the whole prompt before it chooses).")
    private Integer chunk;

    @Option(names = "--no-warm-up", negatable = false,
            description = "Measure the first prefill, JIT compilation included.")
    private boolean noWarmUp;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        var sampling = samplingOptions.sampling();
        if (newTokens < 0) {
            throw new UsageException("--new-tokens is " + newTokens + ", wanted at least 0");
        }
        if (chunk != null && chunk < 1) {
            throw new UsageException("--chunk is " + chunk + ", wanted at least 1");
        }
        String read = TextInput.read(text);
        try (var bench = modelOptions.open(selectorOptions.with(compare))) {
            int[] prompt = prompt(bench, read);
            var selectors = selectors(bench, prompt.length);
            var rows = new ArrayList<Row>();
            Conditions conditions;
            try (var session = session(bench, prompt.length, selectors)) {
                conditions = Conditions.of(selectors, prompt.length, !noWarmUp)
                        .keeping(bench.model(), List.of(session.capacity()));
                if (!json) {
                    Printer.header(Result.of("prefill", bench, prompt.length, null, rows).under(conditions), out);
                }
                var trial = new Trial(session, bench.model(), newTokens, sampling, perplexity, !noWarmUp);
                for (BlockSelector selector : selectors) {
                    rows.add(run(bench, trial, prompt, selector, selectors.size() == 1 && !json, out));
                }
            }
            if (json) {
                Printer.json(Result.of("prefill", bench, prompt.length, null, rows).under(conditions), out);
            } else {
                out.println(Printer.table(rows));
                Printer.kernels(bench.backend().rungs(), out);
            }
        }
        return 0;
    }

    private List<BlockSelector> selectors(Workbench bench, int prompt) {
        var selectors = selectorOptions.with(compare).stream()
                .map(each -> bench.selector(each, selectorOptions.forced())).toList();
        for (BlockSelector selector : selectors) {
            if (chunk != null && chunk < prompt && chunk < selector.block()) {
                throw new UsageException("--chunk is " + chunk + ", wanted at least one block of "
                        + selector.block() + " tokens");
            }
            if (chunk != null && chunk < prompt && selector.wholePrompt()) {
                throw new UsageException("--chunk is " + chunk + ", wanted at least " + prompt + ": "
                        + selector.label() + " looks at the whole prompt before it chooses");
            }
        }
        return selectors;
    }

    private Row run(Workbench bench, Trial trial, int[] prompt, BlockSelector selector, boolean stream,
                    PrintWriter out) {
        var decoder = new StreamDecoder(bench.model().tokenizer());
        IntConsumer print = token -> {
            out.print(decoder.add(token));
            StandardOutput.check(out);
        };
        try (var progress = Progress.of(selector.label())) {
            var outcome = trial.run(prompt, selector, null, LayerObserver.NONE, progress,
                    stream ? print : token -> { });
            if (stream && newTokens > 0) {
                out.println(decoder.finish());
                out.println();
            }
            return outcome.row();
        }
    }

    private Session session(Workbench bench, int prompt, List<BlockSelector> selectors) {
        long wanted = (long) prompt + newTokens;
        boolean whole = selectors.stream().anyMatch(BlockSelector::wholePrompt);
        int usual = whole ? prompt : bench.backend().chunk();
        int context = bench.model().config().contextLength();
        return bench.model().session(Math.max(prompt, (int) Math.min(wanted, context)),
                chunk == null ? usual : chunk);
    }

    private int[] prompt(Workbench bench, String read) {
        var tokenizer = bench.model().tokenizer();
        int[] encoded = tokenizer.encode(read);
        if (tokens != null) {
            if (tokens < 1) {
                throw new UsageException("--tokens is " + tokens + ", wanted at least 1");
            }
            encoded = Arrays.copyOf(encoded, Math.min(tokens, encoded.length));
        }
        if (!question.isEmpty()) {
            int[] asked = tokenizer.encode(question);
            int[] joined = Arrays.copyOf(encoded, encoded.length + asked.length);
            System.arraycopy(asked, 0, joined, encoded.length, asked.length);
            encoded = joined;
        }
        encoded = tokenizer.whole(encoded);
        int context = bench.model().config().contextLength();
        if (encoded.length > context) {
            throw new IllegalArgumentException(text + " is " + encoded.length + " tokens long, the model's context is "
                    + context + ": cut it with --tokens");
        }
        return encoded;
    }
}
