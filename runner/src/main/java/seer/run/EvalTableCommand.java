package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.eval.Contender;
import seer.eval.EvalRow;
import seer.eval.Fingerprint;
import seer.eval.Samples;
import seer.eval.SamplesLock;
import seer.eval.Study;
import seer.eval.Summary;
import seer.eval.plan.Experiment;
import seer.eval.plan.Lineup;
import seer.eval.plan.TextSpec;
import seer.gate.SelectorSpec;
import seer.gate.prompt.Family;
import seer.model.attention.ForcedBlocks;
import seer.run.cluster.Crew;
import seer.run.cluster.DeviceCrew;

/// The whole comparison of docs/experiments.md.
@Command(name = "table", mixinStandardHelpOptions = true,
        description = "Methods x densities x lengths x perplexity, retrieval, recall and times. What is measured "
                + "already (PREFIX-samples.csv) is not measured again.")
final class EvalTableCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Mixin private OutputOptions output;
    @Mixin private SparkOptions sparkOptions;
    @Mixin private DeviceOptions devices;
    @Spec private CommandSpec spec;

    @Option(names = "--methods", paramLabel = "NAME", split = ",",
            defaultValue = "gate,gate:threshold,oracle,oracle:threshold,antidiagonal,flex,verticalslash,minmax,"
                    + "meanpool,ashape,random",
            description = "Methods, with :threshold or :mass where they are calibrated to the density "
                    + "(default: ${DEFAULT-VALUE}).")
    private List<String> methods;

    @Option(names = "--densities", paramLabel = "R", split = ",", defaultValue = "0.5,0.3,0.2,0.1,0.05",
            description = "Densities (default: ${DEFAULT-VALUE}).")
    private List<Double> densities;

    @Option(names = "--lengths", paramLabel = "L", split = ",", defaultValue = "2048,8192",
            description = "Tokens of prompts and windows (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths;

    @Option(names = "--dense-last-rows", paramLabel = "N", split = ",",
            defaultValue = "" + ForcedBlocks.DENSE_LAST_ROWS,
            description = "The last N rows of query blocks keep every block; 0,2 measures both "
                    + "(default: ${DEFAULT-VALUE}).")
    private List<Integer> denseLastRows;

    @Option(names = "--keep-first", negatable = true, defaultValue = "true", fallbackValue = "true",
            description = "Every row keeps the first block, which many models rest on (default: on).")
    private boolean keepFirst;

    @Option(names = "--text", paramLabel = "FILE",
            description = "What is read and what facts are hidden in (default: thursday.txt beside the model).")
    private Path text;

    @Option(names = "--calibrate-on", paramLabel = "FILE",
            description = "Text to calibrate on (default: the last window of --text, as long as perplexity and recall "
                    + "leave it alone).")
    private Path calibrateOn;

    @Option(names = "--windows", paramLabel = "N", defaultValue = "2",
            description = "Windows for perplexity, 0 for none (default: ${DEFAULT-VALUE}).")
    private int windows;

    @Option(names = "--recall-windows", paramLabel = "N", defaultValue = "1",
            description = "Windows for recall, 0 for none (default: ${DEFAULT-VALUE}).")
    private int recalls;

    @Option(names = "--prompts", paramLabel = "N", defaultValue = "3",
            description = "Prompts of each family, 0 for none (default: ${DEFAULT-VALUE}).")
    private int prompts;

    @Option(names = "--families", paramLabel = "NAME", split = ",",
            defaultValue = "single,multikey,multivalue,track",
            description = "Kinds of prompts: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
            converter = FamilyOption.class,
            completionCandidates = FamilyOption.Names.class)
    private List<Family> families;

    @Option(names = "--keys", paramLabel = "N", defaultValue = "4",
            description = "Keys, values, queries, hops or words of a prompt (default: ${DEFAULT-VALUE}).")
    private int keys;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "Of the first prompt; the others follow (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--baseline", paramLabel = "METHOD", defaultValue = Contender.DENSE,
            description = "What the others are compared with: dense, or one of the methods at the same density "
                    + "(default: ${DEFAULT-VALUE}).")
    private String baseline;

    @Option(names = "--render-only", description = "Measure nothing: write tables and plots of PREFIX-samples.csv.")
    private boolean renderOnly;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        check();
        if (renderOnly) {
            publish(null, Samples.read(samplesFile(), null), out);
            return 0;
        }
        try (var crew = modelOptions.crew(devices); var bench = open()) {
            Lengths.context("--lengths", lengths, bench.model());
            Path gates = sparkOptions.asked() ? bench.gateFolder().toAbsolutePath() : bench.gateFolder();
            measure(bench, crew, new Experiment(lineup(gates), lengths, spec(bench, text),
                    calibrateOn == null ? null : spec(bench, calibrateOn), windows, families, keys, prompts, recalls,
                    seed), out);
        }
        return 0;
    }

    /// Other processes are in other folders.
    private TextSpec spec(Workbench bench, Path file) {
        var spec = TextOptions.spec(bench.model(), file);
        return sparkOptions.asked() ? spec.absolute() : spec;
    }

    private Workbench open() {
        return lineup(null).specs().stream().noneMatch(SelectorSpec::needsGate) ? modelOptions.open()
                : modelOptions.openWithGates(", or compare what needs none: --methods meanpool,minmax,ashape");
    }

    private void measure(Workbench bench, DeviceCrew devices, Experiment experiment, PrintWriter out)
            throws IOException {
        var library = bench.library();
        var calibration = experiment.calibration() == null ? null : library.document(experiment.calibration());
        String run = Fingerprint.of(bench.model(), bench.gateFolder(), bench.backend().info(),
                library.document(experiment.document()), calibration) + (keepFirst ? "+first" : "");
        Path file = samplesFile();
        try (var _ = SamplesLock.of(file); var bar = Progress.of("eval table")) {
            var samples = Files.exists(file) ? Samples.read(file, run) : new Samples();
            if (sparkOptions.asked() || devices != null) {
                try (var crew = crew(bench, devices)) {
                    experiment.run(samples, library, crew.measurer(library, samples,
                            new Sparing(all -> all.write(file, run))));
                } finally {
                    if (!samples.all().isEmpty()) {
                        samples.write(file, run);
                    }
                }
            } else {
                experiment.run(new Study(bench.model(), samples, progress -> {
                    samples.write(file, run);
                    if (progress.done() == progress.total()) {
                        output.write("eval table", bench, conditions(bench), rows(samples));
                    }
                    bar.accept((double) progress.done() / progress.total());
                }), library);
            }
            publish(bench, samples, out);
        }
    }

    private Crew crew(Workbench bench, DeviceCrew devices) {
        if (devices == null) {
            return sparkOptions.crew("eval table", modelOptions.place(bench));
        }
        devices.join(bench.library());
        return devices;
    }

    private void publish(Workbench bench, Samples samples, PrintWriter out) {
        output.publish("eval table", bench, conditions(bench), rows(samples), out);
    }

    /// Once a second at most: many processes bring samples faster than all of them can be written.
    private static final class Sparing implements Consumer<Samples> {
        private static final long PAUSE = 1_000_000_000L; // nanoseconds

        private final Consumer<Samples> writer;
        private long next = System.nanoTime();

        Sparing(Consumer<Samples> writer) {
            this.writer = writer;
        }

        @Override
        public void accept(Samples samples) {
            if (System.nanoTime() - next >= 0) {
                writer.accept(samples);
                next = System.nanoTime() + PAUSE;
            }
        }
    }

    /// @param bench null where samples of another run are shown, whose sessions nobody knows
    private Conditions conditions(Workbench bench) {
        var held = Conditions.ofRows(keepFirst, Collections.max(lengths));
        return bench == null ? held : held.keeping(bench.model(), lengths);
    }

    private List<EvalRow> rows(Samples samples) {
        var lineup = lineup(null);
        return Summary.rows(samples, label -> lineup.compared(baseline, label));
    }

    /// @param gate folder of the adapter; null where only names are asked for
    private Lineup lineup(Path gate) {
        return new Lineup(methods, densities, denseLastRows, keepFirst, gate);
    }

    private Path samplesFile() {
        return output.file("-samples.csv");
    }

    private void check() {
        if (!output.isToFile()) {
            throw new UsageException("--out is missing, wanted a prefix for the files of samples and tables");
        }
        output.check();
        sparkOptions.check();
        if (sparkOptions.asked() && devices.asked()) {
            throw new UsageException("--spark and --devices both share the work, wanted one of them");
        }
        Lengths.check("--lengths", lengths, 64);
        Lengths.check("--dense-last-rows", denseLastRows, 0);
        Lengths.densities("--densities", densities);
        Lengths.positive("--windows", windows, 0);
        Lengths.positive("--recall-windows", recalls, 0);
        Lengths.prompts(prompts, 0, keys, lengths, seed);
        if (prompts == 0) {
            IdleOptions.refuse(spec, List.of("--families", "--keys", "--seed"), "with --prompts 0, which makes none");
        }
        if (windows == 0 && recalls == 0 && prompts == 0) {
            throw new UsageException("--windows, --recall-windows and --prompts are 0, wanted one above it: there is "
                    + "nothing to measure");
        }
        if (!baseline.equals(Contender.DENSE) && !methods.contains(baseline)) {
            throw new UsageException("--baseline is " + baseline + ", wanted dense or one of " + methods);
        }
        if (renderOnly && !Files.exists(samplesFile())) {
            throw new UsageException("--render-only: there is no " + samplesFile());
        }
        try {
            lineup(null).specs();
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        if (!lineup(null).isCalibrated()) {
            IdleOptions.refuse(spec, List.of("--calibrate-on"), "with --methods of which none is calibrated");
        }
    }
}
