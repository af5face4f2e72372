package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.gate.prompt.Family;
import seer.gate.prompt.PromptGenerator;
import seer.gate.train.GateRecipe;
import seer.gate.train.GateRecipeSpec;
import seer.gate.train.GateTraining;
import seer.gate.train.MixedSequences;
import seer.gate.train.RetrievalSequences;
import seer.gate.train.SequenceSource;
import seer.gate.train.StepReport;
import seer.gate.train.TextCorpus;
import seer.gate.train.TextSequences;
import seer.gate.train.TrainingFolder;
import seer.gate.train.TrainingPlan;
import seer.model.LanguageModel;
import seer.model.backend.Backend;
import seer.model.load.DType;

/// Distils gates from a frozen model.
@Command(name = "train-gate", mixinStandardHelpOptions = true,
        description = "Distils gates from a model, whose own weights stay as they are; see docs/training.md.")
final class TrainGateCommand implements Callable<Integer> {
    @Mixin private BackendOptions backendOptions;
    @Mixin private TrainingOptions options;
    @Spec private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", defaultValue = "${sys:seer.home:-.}/demo-model",
            description = "Folder with config.json, tokenizer.json and model.safetensors (default: the shipped "
                    + "demo-model).")
    private Path modelFolder;

    @Option(names = "--out", paramLabel = "DIR",
            description = "Folder for the adapter; of several gates, each gets a folder of its name inside.")
    private Path out;

    @Option(names = "--text", paramLabel = "PATH", required = true, arity = "1..*",
            description = "What to train on: text files, folders of .txt files, .tar.xz archives, all UTF-8.")
    private List<Path> text;

    @Option(names = "--checkpoint-every", paramLabel = "N", defaultValue = "100",
            description = "Steps between checkpoints (default: ${DEFAULT-VALUE}).")
    private int checkpointEvery;

    @Option(names = "--resume", description = "Go on from the checkpoint in --out, if there is one.")
    private boolean resume;

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
        if (!Files.isDirectory(modelFolder)) {
            throw new UsageException("--model " + modelFolder + ": no such folder");
        }
        if (out == null && measure == null) {
            throw new UsageException("--out is missing, wanted a folder for the adapter");
        }
        if (checkpointEvery < 1) {
            throw new UsageException("--checkpoint-every is " + checkpointEvery + ", wanted at least 1");
        }
        try (Backend backend = backendOptions.open(); var model = LanguageModel.open(modelFolder, backend)) {
            var plan = options.plan(model.config().headWidth());
            var corpus = read(model);
            if (measure != null) {
                new StepMeasure(model, plan, source(model, plan, corpus)).run(measure, spec.commandLine().getOut());
            } else {
                train(model, plan, corpus);
            }
        }
        return 0;
    }

    private void train(LanguageModel model, TrainingPlan plan, TextCorpus corpus) throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        var folder = new TrainingFolder(out);
        if (folder.hasCheckpoint() && !resume) {
            throw new UsageException(folder.checkpoint() + " is there: give --resume to go on from it, or another "
                    + "--out");
        }
        folder.create();
        String data = corpus.fingerprint() + options.mix();
        var training = new GateTraining(model, plan, source(model, plan, corpus), data, folder,
                Runtime.getRuntime().availableProcessors());
        introduce(model, plan, corpus, training, print);
        try (var progress = Progress.of("training")) {
            var gates = training.run(resume, checkpointEvery, report(plan, progress, print));
            Path name = modelFolder.toRealPath().getFileName();
            var written = gates.write(folder, name.toString(), Version.number(), bf16 ? DType.BF16 : DType.F32);
            written.forEach(path -> print.println("Written: " + path));
            if (plot) {
                LossPlot.write(folder.plot(), plan.gates().stream().map(GateRecipe::name).toList(), gates.history());
                print.println("Written: " + folder.plot());
            }
        }
    }

    private static Consumer<StepReport> report(TrainingPlan plan, Progress progress, PrintWriter print) {
        int often = Math.max(1, plan.steps() / 20);
        return step -> {
            var first = step.gates().getFirst();
            String words = String.format(Locale.ROOT, "step %,d of %,d: loss %.4f, kl %.4f nats, %,.0f tokens/s",
                    step.step(), plan.steps(), first.loss(), first.divergence(), step.tokensPerSecond());
            progress.accept((double) step.step() / plan.steps());
            progress.say(words);
            if (step.step() % often == 0 || step.step() == 1 || step.step() == plan.steps()) {
                print.println(words);
                print.flush();
            }
        };
    }

    private void introduce(LanguageModel model, TrainingPlan plan, TextCorpus corpus, GateTraining training,
                           PrintWriter print) {
        Printer.machine(Result.Machine.of(model.backend()), print);
        plan.gates().forEach(gate -> print.println("gate " + GateRecipeSpec.format(gate)));
        print.printf(Locale.ROOT, "%,d parameters; %,d tokens of text in %,d documents (%s), retrieval share %s%n",
                training.parameters(), corpus.tokens().length, corpus.documents(), corpus.label(),
                options.retrieval());
        print.flush();
    }

    private TextCorpus read(LanguageModel model) {
        var ends = model.config().endOfText();
        try {
            return TextCorpus.read(text, model.tokenizer(), ends.isEmpty() ? -1 : ends.getFirst());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--text " + e.getMessage());
        }
    }

    private SequenceSource source(LanguageModel model, TrainingPlan plan, TextCorpus corpus) {
        return source(model, plan.seed(), corpus, options.retrieval(), options.families());
    }

    /// Windows of the text, and `retrieval` of the sequences prompts that hide facts in it.
    static SequenceSource source(LanguageModel model, long seed, TextCorpus corpus, double retrieval,
                                 List<Family> families) {
        var windows = new TextSequences(corpus, seed);
        if (retrieval == 0) {
            return windows;
        }
        var prompts = new RetrievalSequences(new PromptGenerator(model.tokenizer(), corpus.tokens()), families, seed);
        return new MixedSequences(windows, prompts, retrieval, seed);
    }
}
