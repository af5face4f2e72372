package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.eval.Ablation;
import seer.eval.Calibration;
import seer.eval.Contender;
import seer.eval.EvalRow;
import seer.eval.EvalTable;
import seer.eval.Fingerprint;
import seer.eval.Measure;
import seer.eval.Samples;
import seer.eval.SamplesLock;
import seer.eval.Study;
import seer.eval.Summary;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.Library;
import seer.eval.plan.TaskSpec;
import seer.eval.plan.TextSpec;
import seer.gate.SelectorSpec;
import seer.gate.course.TextCorpus;
import seer.gate.course.TextSequences;
import seer.gate.rival.Criterion;
import seer.gate.rival.Setting;
import seer.model.attention.ForcedBlocks;
import seer.model.load.AtomicFile;

/// Trains gates that differ in one thing and compares them.
@Command(name = "ablation", mixinStandardHelpOptions = true,
        description = "Trains gates that differ in one thing from the published form, all of one sequence length from "
                + "the same forward passes, and compares perplexity and recall: a table for each study.")
final class EvalAblationCommand implements Callable<Integer> {
    private static final int CALIBRATION_WINDOWS = 2;
    private static final String SAMPLES = "samples.csv";

    @Mixin private ModelOptions modelOptions;
    @Mixin private AblationTraining training;
    @Spec private CommandSpec spec;

    @Option(names = "--study", paramLabel = "NAME", split = ",", defaultValue = "block",
            description = "What differs: block, loss, pooling, width, target, rope, drop, length, or all "
                    + "(default: ${DEFAULT-VALUE}).")
    private List<String> studies;

    @Option(names = "--out", paramLabel = "DIR", required = true,
            description = "Folder for the gates, the samples and a table NAME.md and NAME.csv for each study; what is "
                    + "there already is not made again.")
    private Path out;

    @Option(names = "--text", paramLabel = "FILE",
            description = "What is read to compare (default: thursday.txt beside the model).")
    private Path text;

    @Option(names = "--lengths", paramLabel = "L", split = ",", defaultValue = "8192",
            description = "Tokens of a window (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths;

    @Option(names = "--densities", paramLabel = "R", split = ",", defaultValue = "0.3,0.1",
            description = "Densities, each by top-k and by a calibrated threshold (default: ${DEFAULT-VALUE}).")
    private List<Double> densities;

    @Option(names = "--windows", paramLabel = "N", defaultValue = "2",
            description = "Windows for perplexity; recall takes the first (default: ${DEFAULT-VALUE}).")
    private int windows;

    @Override
    public Integer call() throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        Lengths.check("--lengths", lengths, 64);
        Lengths.positive("--windows", windows, 1);
        Lengths.densities("--densities", densities);
        training.check();
        var chosen = chosen();
        var variants = chosen.stream().flatMap(study -> study.variants(training.length()).stream()).distinct()
                .toList();
        Files.createDirectories(out);
        AtomicFile.prepare(out.resolve(SAMPLES));
        try (var _ = SamplesLock.of(out.resolve(SAMPLES)); var bench = modelOptions.open()) {
            Printer.machine(Result.Machine.of(bench.backend()), print);
            var model = bench.model();
            Lengths.context("--lengths", lengths, model);
            var document = TextOptions.spec(model, text);
            var corpus = training.corpus(model);
            checkTexts(bench.library(), document, corpus);
            for (int length : variants.stream().mapToInt(Ablation.Variant::length).distinct().toArray()) {
                training.train(model, corpus, out, length,
                        variants.stream().filter(each -> each.length() == length).toList(), print);
            }
            var samples = measure(bench.library(), corpus, document, variants);
            for (Ablation study : chosen) {
                var names = study.variants(training.length()).stream().map(Ablation.Variant::name).toList();
                publish(study.label(), Summary.rows(samples, label -> Contender.DENSE).stream()
                        .filter(row -> names.contains(owner(row)) || row.key().selector().equals(Contender.DENSE))
                        .toList(), Result.Machine.of(bench.backend()), print);
            }
            Printer.kernels(bench.backend().rungs(), print);
        }
        return 0;
    }

    /// Texts that are too short are told before hours of training, not after.
    private void checkTexts(Library library, TextSpec document, TextCorpus corpus) {
        var source = new TextSequences(corpus, 0);
        for (int length : lengths) {
            tasks(document, length).forEach(task -> task.open(library));
            source.sequence(0, length);
        }
    }

    private Samples measure(Library library, TextCorpus corpus, TextSpec document, List<Ablation.Variant> variants)
            throws IOException {
        Path file = out.resolve(SAMPLES);
        var model = library.model();
        String run = training.label() + "-" + Fingerprint.of(model, training.data(corpus), model.backend().info(),
                library.document(document));
        var samples = Files.exists(file) ? Samples.read(file, run) : new Samples();
        var study = new Study(model, samples, progress -> samples.write(file, run));
        for (int length : lengths) {
            var contenders = contenders(library, corpus, variants, length).stream()
                    .map(each -> each.open(library)).toList();
            tasks(document, length).forEach(task -> study.run(task.open(library), contenders));
        }
        return samples;
    }

    private List<TaskSpec> tasks(TextSpec document, int length) {
        return List.of(new TaskSpec.Perplexity(List.of(document), length, length, windows),
                new TaskSpec.Attention(Measure.RECALL, document, length, 1));
    }

    /// Every gate at every density, by top-k and by the threshold that gives as many blocks on the training text.
    private List<ContenderSpec> contenders(Library library, TextCorpus corpus, List<Ablation.Variant> variants,
                                           int length) {
        var contenders = new ArrayList<>(List.of(ContenderSpec.dense()));
        var source = new TextSequences(corpus, 0);
        var prompts = IntStream.range(0, CALIBRATION_WINDOWS)
                .mapToObj(i -> source.sequence(i, length).tokens()).toList();
        try (var session = library.model().session(length)) {
            for (var variant : variants) {
                for (double density : densities) {
                    var top = contender("top-k@" + density, Setting.density(density), variant);
                    double wanted = Calibration.density(session, prompts, top.open(library).selector());
                    String label = "threshold@" + density;
                    var found = Calibration.find(session, prompts, Criterion.THRESHOLD, wanted, value ->
                            contender(label, new Setting(Criterion.THRESHOLD, value), variant).open(library)
                                    .selector());
                    contenders.add(top);
                    contenders.add(contender(label, new Setting(Criterion.THRESHOLD, found.value()), variant));
                }
            }
        }
        return contenders;
    }

    private ContenderSpec contender(String label, Setting setting, Ablation.Variant variant) {
        return new ContenderSpec(label + suffix(variant), new SelectorSpec.Gate(setting), ForcedBlocks.NONE,
                training.adapter(out, variant));
    }

    private static String suffix(Ablation.Variant variant) {
        return " (" + variant.name() + ")";
    }

    /// The variant that a row is of.
    private static String owner(EvalRow row) {
        return row.key().selector().replaceFirst(".* \\((.*)\\)$", "$1");
    }

    private void publish(String study, List<EvalRow> rows, Result.Machine machine, PrintWriter print) {
        var table = new EvalTable(rows);
        print.println();
        print.println("## " + study);
        print.println();
        print.print(table.markdown());
        print.flush();
        var head = new StringWriter();
        Printer.machine(machine, new PrintWriter(head, true));
        AtomicFile.write(out.resolve(study + ".md"), Printer.paragraph(head.toString()) + table.markdown());
        AtomicFile.write(out.resolve(study + ".csv"), table.csv());
    }

    private List<Ablation> chosen() {
        var all = Arrays.asList(Ablation.values());
        for (String name : studies) {
            if (!name.equals("all") && all.stream().noneMatch(study -> study.label().equals(name))) {
                throw new UsageException("--study is " + name + ", wanted one of "
                        + all.stream().map(Ablation::label).toList() + " or all");
            }
        }
        return all.stream().filter(study -> studies.contains(study.label()) || studies.contains("all")).toList();
    }
}
