package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.eval.plan.Library;
import seer.gate.AttnGate;
import seer.gate.course.MixedSequences;
import seer.gate.course.SequenceSource;
import seer.gate.course.TextCorpus;
import seer.gate.course.TrainingFolder;
import seer.gate.train.GateRecipeSpec;
import seer.gate.train.GateTraining;
import seer.gate.train.TrainedGates;
import seer.gate.train.TrainingPlan;
import seer.model.LanguageModel;
import seer.model.backend.Backend;
import seer.model.load.DType;
import seer.run.cluster.Crew;
import seer.run.cluster.DeviceCrew;
import seer.run.cluster.TrainingJob;

/// Distils gates from a frozen model.
@Command(name = "train-gate", mixinStandardHelpOptions = true,
        description = "Distils gates from a model, whose own weights stay as they are; see docs/training.md.")
final class TrainGateCommand implements Callable<Integer> {
    @Mixin private BackendOptions backendOptions;
    @Mixin private TrainingOptions options;
    @Mixin private SparkOptions sparkOptions;
    @Mixin private DeviceOptions devices;
    @Spec private CommandSpec spec;

    @Option(names = "--model", paramLabel = "PATH", defaultValue = "${sys:seer.home:-.}/demo-model",
            description = "Folder with config.json, tokenizer.json and model.safetensors, or a GGUF file (default: "
                    + "the shipped demo-model).")
    private Path modelFolder;

    @Option(names = "--out", paramLabel = "DIR",
            description = "Folder for the adapter; of several gates, each gets a folder of its name inside.")
    private Path out;

    @Option(names = "--text", paramLabel = "PATH", arity = "1..*",
            description = "What to train on: text files, folders of .txt files, .tar.xz archives, all UTF-8. It is "
                    + "encoded once: a run that goes on finds the tokens in --out.")
    private List<Path> text;

    @Option(names = "--from", paramLabel = "DIR",
            description = "Begin with the weights of this adapter, whose shape all gates then have, in place of random "
                    + "ones.")
    private Path from;

    @Option(names = "--checkpoint-every", paramLabel = "N", defaultValue = "100",
            description = "Steps between checkpoints (default: ${DEFAULT-VALUE}).")
    private int checkpointEvery;

    @Option(names = "--resume", description = "Go on from the checkpoint in --out, if there is one.")
    private boolean resume;

    @Option(names = "--export", description = "Train nothing: write the gates of the checkpoint in --out as they "
            + "stand, of a training that was cut short too.")
    private boolean export;

    @Option(names = "--bf16", description = "Write the weights as BF16 instead of F32.")
    private boolean bf16;

    @Option(names = "--plot", description = "Draw the loss into training/loss.png; needs a JDK with java.desktop.")
    private boolean plot;

    @Option(names = "--measure", paramLabel = "ROUNDS",
            description = "Train nothing: time a sequence of a step against a dense prefill, in so many interleaved "
                    + "rounds.")
    private Integer measure;

    @Override
    public Integer call() throws IOException {
        check();
        try (var crew = devices.start(backendOptions, modelFolder, false); Backend backend = backendOptions.open();
                var model = LanguageModel.open(modelFolder, backend)) {
            if (export) {
                export(model);
                return 0;
            }
            var plan = options.plan(model.config().headWidth());
            if (measure != null) {
                var corpus = new TrainingText("--text", text).read(model);
                new StepMeasure(model, plan, source(model, plan, corpus)).run(measure, spec.commandLine().getOut());
            } else {
                train(model, plan, crew);
            }
        }
        return 0;
    }

    private void check() {
        if (!Files.exists(modelFolder)) {
            throw new UsageException("--model " + modelFolder + ": no such folder or file");
        }
        if (text == null && !export) {
            throw new UsageException("--text is missing, wanted what to train on");
        }
        if (out == null && measure == null) {
            throw new UsageException("--out is missing, wanted a folder for the adapter");
        }
        if (measure != null) {
            IdleOptions.refuse(spec, List.of("--from", "--resume", "--checkpoint-every", "--bf16", "--plot"),
                    "with --measure, which trains nothing");
        }
        if (plot) {
            Desktop.require("--plot");
        }
        if (checkpointEvery < 1) {
            throw new UsageException("--checkpoint-every is " + checkpointEvery + ", wanted at least 1");
        }
        sparkOptions.check();
        devices.check(backendOptions);
        if (sparkOptions.asked() && devices.asked()) {
            throw new UsageException("--spark and --devices both share the work, wanted one of them");
        }
        if ((sparkOptions.asked() || devices.asked()) && (export || measure != null)) {
            throw new UsageException((devices.asked() ? "--devices" : "--spark") + " shares a training, wanted it "
                    + "without --export and --measure");
        }
        if (export && (resume || measure != null)) {
            throw new UsageException("--export trains nothing, wanted it without --resume and --measure");
        }
    }

    private void train(LanguageModel model, TrainingPlan plan, DeviceCrew others) throws IOException {
        var folder = new TrainingFolder(out);
        if (folder.hasCheckpoint() && !resume) {
            throw new UsageException(folder.checkpoint() + " is there: give --resume to go on from it, or another "
                    + "--out");
        }
        folder.requireFree();
        var corpus = new TrainingText("--text", text).kept(model, folder.tokens());
        String data = corpus.fingerprint() + options.mix();
        var source = source(model, plan, corpus);
        if (sparkOptions.asked() || others != null) {
            try (var library = new Library(model, TextInput::read); var crew = crew(library, others)) {
                var job = new TrainingJob(plan, corpus, options.retrieval(), options.families());
                train(model, plan, corpus, source, folder, begun(model, new GateTraining(model, plan, source.label(),
                        data, folder, () -> crew.gradients(job))));
                if (others != null) {
                    others.shifts().forEach(shift -> System.err.println("seer: sequences: " + shift.text() + "."));
                }
            }
        } else {
            train(model, plan, corpus, source, folder, begun(model, new GateTraining(model, plan, source, data, folder,
                    Runtime.getRuntime().availableProcessors())));
        }
    }

    private GateTraining begun(LanguageModel model, GateTraining training) {
        if (from == null) {
            return training;
        }
        try (var gate = AttnGate.open(from, model)) {
            return training.from(gate, from.toAbsolutePath().normalize().getFileName().toString());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--from " + from + ": " + e.getMessage());
        }
    }

    private Crew crew(Library library, DeviceCrew others) {
        if (others == null) {
            return sparkOptions.crew("train-gate", backendOptions.place(modelFolder, library.model().sha256(), null,
                    false));
        }
        others.join(library);
        return others;
    }

    private void train(LanguageModel model, TrainingPlan plan, TextCorpus corpus, SequenceSource source,
                       TrainingFolder folder, GateTraining training) throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        introduce(model, plan, corpus, training, print);
        new TrainingCost(model, plan, source, training.parameters(), training.stepsMade()).print(print);
        try (var progress = Progress.of("training")) {
            var trained = training.run(resume, checkpointEvery, new TrainingLog(plan, progress, print));
            Printer.kernels(model.backend().rungs(), print);
            publish(trained, folder);
        }
    }

    private void export(LanguageModel model) throws IOException {
        var folder = new TrainingFolder(out);
        var gates = TrainedGates.ofCheckpoint(model, folder);
        spec.commandLine().getOut().printf(Locale.ROOT, "%,d of %,d steps were made%n", gates.steps(),
                gates.plan().steps());
        publish(gates, folder);
    }

    private void publish(TrainedGates gates, TrainingFolder folder) throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        Path name = modelFolder.toRealPath().getFileName();
        var written = gates.write(folder, name.toString(), Version.number(), bf16 ? DType.BF16 : DType.F32);
        written.forEach(path -> print.println("Written: " + path));
        if (plot) {
            LossPlot.write(folder.plot(), "Training of the gates", curves(gates));
            print.println("Written: " + folder.plot());
        }
    }

    private static List<LossPlot.Curve> curves(TrainedGates gates) {
        return IntStream.range(0, gates.plan().gates().size()).mapToObj(g -> new LossPlot.Curve(
                gates.plan().gates().get(g).name(),
                gates.history().stream().mapToDouble(row -> row.gates().get(g).loss()).toArray())).toList();
    }

    private void introduce(LanguageModel model, TrainingPlan plan, TextCorpus corpus, GateTraining training,
                           PrintWriter print) {
        Printer.machine(Result.Machine.of(model.backend()), print);
        plan.gates().forEach(gate -> print.println("gate " + GateRecipeSpec.format(gate)));
        print.printf(Locale.ROOT, "%,d parameters; %,d tokens of text in %s (%s), retrieval share %s%n",
                training.parameters(), corpus.tokens().length, Count.of(corpus.documents(), "document"), corpus.label(),
                options.retrieval());
        print.flush();
    }

    private SequenceSource source(LanguageModel model, TrainingPlan plan, TextCorpus corpus) {
        return MixedSequences.of(corpus, model.tokenizer(), options.retrieval(), options.families(), plan.seed());
    }
}
