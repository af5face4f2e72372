package seer.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import seer.gate.AttnGate;
import seer.gate.AttnGateWriter;
import seer.gate.GateThresholds;
import seer.gate.CorrectionSpec;
import seer.gate.HeadSearch;
import seer.gate.SelectorSpec;
import seer.gate.ThresholdSearch;
import seer.gate.course.RetrievalSequences;
import seer.gate.prompt.PromptGenerator;
import seer.gate.prompt.RetrievalPrompt;
import seer.model.LanguageModel;
import seer.model.Session;
import seer.model.load.AtomicFile;

/// Finds the threshold that gives a wanted density and stores it in the adapter.
@Command(name = "calibrate", mixinStandardHelpOptions = true,
        description = "Finds the threshold of the gates that gives a wanted density on a text, the diagonal and the "
                + "first block counted, and stores it in the adapter's config.json: --select gate uses it. Of several "
                + "lengths each gets its own, and prompts in between what lies between.")
final class CalibrateCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Spec private CommandSpec spec;

    @Option(names = "--density", paramLabel = "R", required = true, split = ",",
            description = "Share of causal blocks to keep, one for all lengths or one for each.")
    private List<Double> densities;

    @Option(names = "--text", paramLabel = "FILE", required = true, description = "The text, UTF-8; - is standard "
            + "input.")
    private Path text;

    @Option(names = "--length", paramLabel = "L", defaultValue = "8192", split = ",",
            description = "Tokens of a window; of several lengths, rising, all are calibrated (default: "
                    + "${DEFAULT-VALUE}).")
    private List<Integer> lengths;

    @Option(names = "--windows", paramLabel = "N", defaultValue = "4",
            description = "Windows, spread evenly over the text (default: ${DEFAULT-VALUE}).")
    private int windows;

    @Option(names = "--per", paramLabel = "SCOPE", defaultValue = "model",
            description = "model: one threshold; layer or head: one for each, which keep the same density "
                    + "(default: ${DEFAULT-VALUE}).")
    private ScopeName per;

    @Option(names = "--keep-first", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "Every row keeps the first block; stored with the threshold (default: on).")
    private boolean keepFirst;

    @Option(names = "--select", paramLabel = "SELECTOR", defaultValue = "gate",
            description = "gate, or gate with a correction (gate+rest), which the density counts; stored with the "
                    + "threshold, so that --select gate has it too (default: ${DEFAULT-VALUE}).")
    private String selector;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "0", description = "Rounds by head.")
    private int rounds;

    @Option(names = "--prompts", paramLabel = "N", defaultValue = "0", description = "Prompts by head.")
    private int prompts;

    @Option(names = "--answers", paramLabel = "SHARE", defaultValue = "0.2", description = "Share of answers.")
    private double answers;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "5001", description = "Of the first prompt.")
    private long seed;

    @Option(names = "--dry-run", description = "Print what was found, store nothing.")
    private boolean dryRun;

    /// Where thresholds may differ.
    enum ScopeName { model, layer, head }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        check();
        String read = TextInput.read(text);
        int longest = lengths.getLast();
        try (var bench = modelOptions.openWithGates("gate", "");
                var session = bench.model().session(longest, longest)) {
            if (!dryRun) {
                AtomicFile.prepare(bench.gateFolder().resolve("config.json"));
            }
            int[] tokens = bench.model().tokenizer().encodeOrdinary(read);
            lengths.forEach(length -> requireWindows(tokens, length));
            var gate = bench.gate();
            Printer.machine(Result.Machine.of(bench.backend()), out);
            var found = new ArrayList<ThresholdSearch>();
            for (int length : lengths) {
                found.add(search(gate, bench.model(), session, tokens, length));
                print(found.getLast(), length, out);
            }
            if (!dryRun) {
                boolean own = bench.model().sha256().equalsIgnoreCase(gate.config().baseModelSha256());
                AttnGateWriter.calibrate(bench.gateFolder(), GateThresholds.of(lengths,
                        found.stream().map(ThresholdSearch::thresholds).toList()),
                        own ? bench.model().sketch() : null, provenance(found));
                out.println("Stored in " + bench.gateFolder().resolve("config.json") + "; --select gate uses it.");
            }
        }
        return 0;
    }

    private ThresholdSearch search(AttnGate gate, LanguageModel model, Session session, int[] tokens, int length) {
        try (var progress = Progress.of("calibrating")) {
            var goal = new ThresholdSearch.Goal(density(length), keepFirst, correction());
            var found = ThresholdSearch.run(gate, session, windows(tokens, length), goal,
                    ThresholdSearch.Scope.valueOf(per.name().toUpperCase(Locale.ROOT)), progress);
            return rounds == 0 ? found : byHead(gate, model, session, tokens, length, goal, found);
        }
    }

    private ThresholdSearch byHead(AttnGate gate, LanguageModel model, Session session, int[] tokens, int length,
                                   ThresholdSearch.Goal goal, ThresholdSearch found) {
        var generator = new PromptGenerator(model.tokenizer(), tokens);
        var facts = new ArrayList<RetrievalPrompt>();
        for (int i = 0; i < prompts; i++) {
            var families = RetrievalSequences.ALL;
            facts.add(generator.generate(families.get(i % families.size()), 4, length, seed + i));
        }
        var search = new HeadSearch(gate, session, new HeadSearch.Lessons(windows(tokens, length), facts,
                prompts == 0 ? 0 : answers), goal);
        var first = found.thresholds().values();
        int heads = model.config().layers() * model.config().heads();
        try (var progress = Progress.of("weighing heads")) {
            var best = search.run(first, heads, rounds, progress, this::print);
            return new ThresholdSearch(search.thresholds(best), best.density(), found.passes());
        }
    }

    private void print(HeadSearch.Reading reading) {
        var out = spec.commandLine().getOut();
        out.printf(Locale.ROOT, "by head: text %.5f, answers %.5f nats, density %.4f: %s%n", reading.text(),
                reading.answers(), reading.density(),
                shown(Arrays.stream(reading.logs()).map(Math::exp).boxed().toList()));
        out.flush();
    }

    private CorrectionSpec correction() {
        return switch (SelectorSpec.parse(selector)) {
            case SelectorSpec.Calibrated _ -> null;
            case SelectorSpec.Corrected(SelectorSpec.Calibrated _, CorrectionSpec correction) -> correction;
            default -> throw new UsageException("--select is " + selector + ", wanted gate, or gate with "
                    + CorrectionSpec.grammar());
        };
    }

    private void print(ThresholdSearch found, int length, PrintWriter out) {
        out.printf(Locale.ROOT, "threshold %s: density %.4f in a sparse prefill of %s of %,d tokens, "
                        + "wanted %.4f, %s the first block%n", shown(found.thresholds().values()),
                found.density(), Count.of(windows, "window"), length, density(length),
                keepFirst ? "with" : "without");
    }

    /// What is stored beside the thresholds: lists where there are several lengths.
    private ObjectNode provenance(List<ThresholdSearch> found) {
        var how = JsonNodeFactory.instance.objectNode();
        if (lengths.size() == 1) {
            how.put("density", densities.getFirst()).put("density_reached", found.getFirst().density());
        } else {
            lengths.forEach(length -> how.withArray("density").add(density(length)));
            found.forEach(one -> how.withArray("density_reached").add(one.density()));
        }
        how.put("text", String.valueOf(text.getFileName())).put("windows", windows);
        if (lengths.size() == 1) {
            how.put("length", lengths.getFirst());
        } else {
            lengths.forEach(how.withArray("length")::add);
        }
        return how.put("per", per.name()).put("keep_first", keepFirst).put("dense_last_rows", 0);
    }

    private double density(int length) {
        return densities.get(densities.size() == 1 ? 0 : lengths.indexOf(length));
    }

    private void requireWindows(int[] tokens, int length) {
        if (tokens.length < (long) length * windows) {
            throw new IllegalArgumentException(text + " is " + tokens.length + " tokens long, wanted " + windows
                    + " windows of " + length);
        }
    }

    private List<int[]> windows(int[] tokens, int length) {
        var parts = new ArrayList<int[]>();
        for (int w = 0; w < windows; w++) {
            int from = windows == 1 ? 0 : (int) ((long) (tokens.length - length) * w / (windows - 1));
            parts.add(Arrays.copyOfRange(tokens, from, from + length));
        }
        return parts;
    }

    private static String shown(List<Double> values) {
        return String.join(" ", values.stream().map(value -> String.format(Locale.ROOT, "%.6g", value)).toList());
    }

    private void check() {
        for (double density : densities) {
            if (!(density > 0 && density <= 1)) {
                throw new UsageException("--density is " + density + ", wanted above 0 and at most 1");
            }
        }
        int before = 0;
        for (int length : lengths) {
            if (length < 1) {
                throw new UsageException("--length is " + length + ", wanted at least 1");
            }
            if (length <= before) {
                throw new UsageException("--length is " + lengths + ", wanted rising lengths");
            }
            before = length;
        }
        if (densities.size() != 1 && densities.size() != lengths.size()) {
            throw new UsageException("--density has " + densities.size() + " numbers and --length " + lengths.size()
                    + ", wanted one density, or one for each length");
        }
        if (windows < 1) {
            throw new UsageException("--windows is " + windows + ", wanted at least 1");
        }
    }
}
