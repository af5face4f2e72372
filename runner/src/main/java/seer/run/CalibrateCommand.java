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
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.gate.CorrectionSpec;
import seer.gate.SelectorSpec;
import seer.gate.ThresholdSearch;
import seer.model.Session;
import seer.model.load.AtomicFile;
import seer.run.cluster.DeviceCrew;

/// Finds the threshold that gives a wanted density and stores it in the adapter.
@Command(name = "calibrate", mixinStandardHelpOptions = true,
        description = "Finds the threshold of the gates that gives a wanted density on a text, the diagonal and the "
                + "first block counted, and stores it in the adapter's config.json: --select gate uses it. Of several "
                + "lengths each gets its own, and prompts in between what lies between.")
final class CalibrateCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Mixin private WorthOptions worth;
    @Mixin private DeviceOptions devices;
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
            description = "model: one threshold; layer or head: one for each, which keep the same density; worth: one "
                    + "for each head, so that one block more is worth the same to the model in every head "
                    + "(default: ${DEFAULT-VALUE}).")
    private ScopeName per;

    @Option(names = "--keep-first", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "Every row keeps the first block; stored with the threshold (default: on).")
    private boolean keepFirst;

    @Option(names = "--dense-last-rows", paramLabel = "N", defaultValue = "0",
            description = "The last N rows of query blocks keep every block, which the density counts; for thresholds "
                    + "that will be used so (default: ${DEFAULT-VALUE}).")
    private int denseLastRows;

    @Option(names = "--select", paramLabel = "SELECTOR", defaultValue = "gate",
            description = "gate, or gate with a correction (gate+rest), which the density counts; stored with the "
                    + "threshold, so that --select gate has it too (default: ${DEFAULT-VALUE}).")
    private String selector;

    @Option(names = "--dry-run", description = "Print what was found, store nothing.")
    private boolean dryRun;

    /// Where thresholds may differ.
    enum ScopeName {
        model, layer, head, worth;

        ThresholdSearch.Scope scope() {
            return this == worth ? ThresholdSearch.Scope.MODEL
                    : ThresholdSearch.Scope.valueOf(name().toUpperCase(Locale.ROOT));
        }
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        check();
        String read = TextInput.read(text);
        int longest = lengths.getLast();
        try (var crew = modelOptions.crewOrAlone(devices.perhapsTwice()); var bench = modelOptions.openWithGates("");
                var session = bench.model().session(longest, longest)) {
            if (!dryRun) {
                AtomicFile.prepare(bench.gateFolder().resolve("config.json"));
            }
            int[] tokens = bench.model().tokenizer().encodeOrdinary(read);
            lengths.forEach(length -> requireWindows(tokens, length));
            crew.join(bench.library());
            var store = new CalibrationStore(bench, lengths);
            Printer.machine(Result.Machine.of(bench.backend()), out);
            Conditions.NONE.keeping(bench.model(), List.of(session.capacity())).print(out);
            search(bench, crew, session, tokens, store);
            Printer.kernels(bench.backend().rungs(), out);
        }
        return 0;
    }

    private void search(Workbench bench, DeviceCrew crew, Session session, int[] tokens, CalibrationStore store) {
        PrintWriter out = spec.commandLine().getOut();
        var found = new ArrayList<ThresholdSearch>();
        try {
            for (int length : lengths) {
                found.add(search(bench, crew, session, tokens, length, best -> keep(found, best, store)));
                print(found.getLast(), length, out);
            }
        } catch (RuntimeException | Error e) {
            if (store.hasWritten()) {
                out.println("Ended early: the best so far is stored in " + store.file() + ".");
            }
            throw e;
        }
        if (!dryRun) {
            store.write(found, provenance(found));
            out.println("Stored in " + store.file() + "; --select gate uses it.");
        }
    }

    /// @param found of the lengths before
    private void keep(List<ThresholdSearch> found, ThresholdSearch best, CalibrationStore store) {
        if (!dryRun) {
            var all = new ArrayList<>(found);
            all.add(best);
            store.write(all, provenance(all));
        }
    }

    private ThresholdSearch search(Workbench bench, DeviceCrew crew, Session session, int[] tokens, int length,
                                   Consumer<ThresholdSearch> each) {
        var goal = new ThresholdSearch.Goal(density(length), keepFirst, correction(), denseLastRows);
        var windows = windows(tokens, length);
        ThresholdSearch found;
        try (var progress = Progress.of("calibrating")) {
            found = ThresholdSearch.run(bench.gate(), session, windows, goal, per.scope(), progress);
        }
        return per != ScopeName.worth ? found : worth.search(bench, crew,
                new WorthOptions.Text(tokens, windows), goal, found, each, spec.commandLine().getOut());
    }

    private CorrectionSpec correction() {
        try {
            return switch (SelectorSpec.parse(selector)) {
                case SelectorSpec.Calibrated _ -> null;
                case SelectorSpec.Corrected(SelectorSpec.Calibrated _, CorrectionSpec correction) -> correction;
                default -> throw new IllegalArgumentException("another selector");
            };
        } catch (IllegalArgumentException e) {
            throw new UsageException("--select is " + selector + ", wanted gate, or gate with "
                    + CorrectionSpec.grammar());
        }
    }

    private void print(ThresholdSearch found, int length, PrintWriter out) {
        out.printf(Locale.ROOT, "threshold %s: density %.4f in a sparse prefill of %s of %,d tokens, "
                        + "wanted %.4f, %s the first block%n", WorthOptions.shown(found.thresholds().values()),
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
        how.put("per", per.name()).put("keep_first", keepFirst).put("dense_last_rows", denseLastRows);
        if (per == ScopeName.worth) {
            how.set("worth", worth.provenance());
        }
        return how;
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

    private void check() {
        correction();
        worth.check(per == ScopeName.worth);
        if (devices.asked() && per != ScopeName.worth) {
            throw new UsageException("--devices shares the weighing of heads, wanted it with --per worth");
        }
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
        if (denseLastRows < 0) {
            throw new UsageException("--dense-last-rows is " + denseLastRows + ", wanted at least 0");
        }
        if (windows < 1) {
            throw new UsageException("--windows is " + windows + ", wanted at least 1");
        }
    }
}
