package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.eval.Ablation;
import seer.eval.AttentionTask;
import seer.eval.Calibration;
import seer.eval.Contender;
import seer.eval.Document;
import seer.eval.EvalRow;
import seer.eval.EvalTable;
import seer.eval.EvalTask;
import seer.eval.Measure;
import seer.eval.PerplexityTask;
import seer.eval.Samples;
import seer.eval.Study;
import seer.eval.Summary;
import seer.gate.AttnGate;
import seer.gate.GateSelector;
import seer.gate.train.TextCorpus;
import seer.gate.train.TextSequences;
import seer.model.LanguageModel;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;

/// Trains gates that differ in one thing and compares them.
@Command(name = "ablation", mixinStandardHelpOptions = true,
        description = "Trains gates that differ in one thing from the published form, all of one sequence length from "
                + "the same forward passes, and compares perplexity and recall: a table for each study.")
final class EvalAblationCommand implements Callable<Integer> {
    private static final int CALIBRATION_WINDOWS = 2;

    @Mixin private ModelOptions modelOptions;
    @Mixin private AblationTraining training;
    @Spec private CommandSpec spec;

    @Option(names = "--study", paramLabel = "NAME[,NAME]", split = ",", defaultValue = "block",
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

    @Option(names = "--lengths", paramLabel = "L[,L]", split = ",", defaultValue = "8192",
            description = "Tokens of a window (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths;

    @Option(names = "--densities", paramLabel = "R[,R]", split = ",", defaultValue = "0.3,0.1",
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
        training.check();
        var chosen = chosen();
        var variants = chosen.stream().flatMap(study -> study.variants(training.length()).stream()).distinct()
                .toList();
        Files.createDirectories(out);
        try (var bench = modelOptions.open()) {
            Printer.machine(Result.Machine.of(bench.backend()), print);
            var model = bench.model();
            var corpus = training.corpus(model);
            for (int length : variants.stream().mapToInt(Ablation.Variant::length).distinct().toArray()) {
                training.train(model, corpus, out, length,
                        variants.stream().filter(each -> each.length() == length).toList(), print);
            }
            var samples = measure(model, corpus, variants);
            for (Ablation study : chosen) {
                var names = study.variants(training.length()).stream().map(Ablation.Variant::name).toList();
                publish(study.label(), Summary.rows(samples, label -> Contender.DENSE).stream()
                        .filter(row -> names.contains(owner(row)) || row.key().selector().equals(Contender.DENSE))
                        .toList(), print);
            }
        }
        return 0;
    }

    private Samples measure(LanguageModel model, TextCorpus corpus, List<Ablation.Variant> variants)
            throws IOException {
        Path file = out.resolve("samples.csv");
        String run = model.sha256().substring(0, 12) + "-" + training.label();
        var samples = Files.exists(file) ? Samples.read(file, run) : new Samples();
        var document = TextOptions.document(model, text == null ? model.folder().resolve("thursday.txt") : text, null);
        var study = new Study(model, samples, progress -> samples.write(file, run));
        for (int length : lengths) {
            var contenders = contenders(model, corpus, variants, length);
            for (EvalTask task : tasks(document, length)) {
                study.run(task, contenders);
            }
        }
        return samples;
    }

    private List<EvalTask> tasks(Document document, int length) {
        return List.of(new PerplexityTask(List.of(document), length, length, windows),
                AttentionTask.of(Measure.RECALL, document, length, 1));
    }

    /// Every gate at every density, by top-k and by the threshold that gives as many blocks on the training text.
    private List<Contender> contenders(LanguageModel model, TextCorpus corpus, List<Ablation.Variant> variants,
                                       int length) {
        var contenders = new ArrayList<>(List.of(Contender.dense()));
        var source = new TextSequences(corpus, 0);
        var prompts = new int[CALIBRATION_WINDOWS][];
        Arrays.setAll(prompts, i -> source.sequence(i, length).tokens());
        try (var session = model.session(length)) {
            for (var variant : variants) {
                var gate = AttnGate.open(training.adapter(out, variant), model);
                for (double density : densities) {
                    var top = gate.selector(new SelectionRule.TopBlocks(density), ForcedBlocks.NONE);
                    double wanted = Calibration.density(session, Arrays.asList(prompts), top);
                    var found = Calibration.find(session, Arrays.asList(prompts), "threshold", wanted,
                            value -> threshold(gate, value));
                    contenders.add(new Contender("top-k@" + density + suffix(variant), top, 0));
                    contenders.add(new Contender("threshold@" + density + suffix(variant),
                            threshold(gate, found.value()), 0));
                }
            }
        }
        return contenders;
    }

    private static GateSelector threshold(AttnGate gate, double value) {
        return gate.selector(new SelectionRule.Threshold((float) value, gate.config().activation()),
                ForcedBlocks.NONE);
    }

    private static String suffix(Ablation.Variant variant) {
        return " (" + variant.name() + ")";
    }

    /// The variant that a row is of.
    private static String owner(EvalRow row) {
        return row.key().selector().replaceFirst(".* \\((.*)\\)$", "$1");
    }

    private void publish(String study, List<EvalRow> rows, PrintWriter print) {
        var table = new EvalTable(rows);
        print.println();
        print.println("## " + study);
        print.println();
        print.print(table.markdown());
        print.flush();
        OutputOptions.text(out.resolve(study + ".md"), table.markdown());
        OutputOptions.text(out.resolve(study + ".csv"), table.csv());
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
