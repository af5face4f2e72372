package seer.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import seer.gate.AttnGateWriter;
import seer.gate.ThresholdSearch;
import seer.model.load.AtomicFile;

/// Finds the threshold that gives a wanted density and stores it in the adapter.
@Command(name = "calibrate", mixinStandardHelpOptions = true,
        description = "Finds the threshold of the gates that gives a wanted density on a text, the diagonal and the "
                + "first block counted, and stores it in the adapter's config.json: --select gate uses it.")
final class CalibrateCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Spec private CommandSpec spec;

    @Option(names = "--density", paramLabel = "R", required = true, description = "Share of causal blocks to keep.")
    private double density;

    @Option(names = "--text", paramLabel = "FILE", required = true, description = "The text, UTF-8; - is standard "
            + "input.")
    private Path text;

    @Option(names = "--length", paramLabel = "L", defaultValue = "8192",
            description = "Tokens of a window (default: ${DEFAULT-VALUE}).")
    private int length;

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

    @Option(names = "--dry-run", description = "Print what was found, store nothing.")
    private boolean dryRun;

    /// Where thresholds may differ.
    enum ScopeName { model, layer, head }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        check();
        String read = TextInput.read(text);
        try (var bench = modelOptions.openWithGates("gate", ""); var session = bench.model().session(length, length)) {
            if (!dryRun) {
                AtomicFile.prepare(bench.gateFolder().resolve("config.json"));
            }
            var parts = windows(bench.model().tokenizer().encodeOrdinary(read));
            var gate = bench.gate();
            ThresholdSearch found;
            try (var progress = Progress.of("calibrating")) {
                found = ThresholdSearch.run(gate, session, parts, density,
                        ThresholdSearch.Scope.valueOf(per.name().toUpperCase(Locale.ROOT)), keepFirst, progress);
            }
            Printer.machine(Result.Machine.of(bench.backend()), out);
            out.printf(Locale.ROOT, "threshold %s: density %.4f in a sparse prefill of %s of %,d tokens, "
                            + "wanted %.4f, %s the first block%n", shown(found.thresholds().values()),
                    found.density(), Count.of(parts.size(), "window"), length, density,
                    keepFirst ? "with" : "without");
            if (!dryRun) {
                var how = JsonNodeFactory.instance.objectNode().put("density", density)
                        .put("density_reached", found.density()).put("text", String.valueOf(text.getFileName()))
                        .put("windows", parts.size()).put("length", length).put("per", per.name())
                        .put("keep_first", keepFirst).put("dense_last_rows", 0);
                boolean own = bench.model().sha256().equalsIgnoreCase(gate.config().baseModelSha256());
                AttnGateWriter.calibrate(bench.gateFolder(), found.thresholds(), own ? bench.model().sketch() : null,
                        how);
                out.println("Stored in " + bench.gateFolder().resolve("config.json") + "; --select gate uses it.");
            }
        }
        return 0;
    }

    private List<int[]> windows(int[] tokens) {
        if (tokens.length < (long) length * windows) {
            throw new IllegalArgumentException(text + " is " + tokens.length + " tokens long, wanted " + windows
                    + " windows of " + length);
        }
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
        if (!(density > 0 && density <= 1)) {
            throw new UsageException("--density is " + density + ", wanted above 0 and at most 1");
        }
        if (length < 1) {
            throw new UsageException("--length is " + length + ", wanted at least 1");
        }
        if (windows < 1) {
            throw new UsageException("--windows is " + windows + ", wanted at least 1");
        }
    }
}
