package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.gate.AttnGate;
import seer.gate.course.TextCorpus;
import seer.gate.course.TrainingFolder;
import seer.gate.tune.FineTuning;
import seer.gate.tune.TunedModel;
import seer.gate.tune.TuningPlan;
import seer.gate.tune.TuningReport;
import seer.model.LanguageModel;
import seer.model.LearningSession;
import seer.model.ModelFiles;
import seer.model.backend.Backend;
import seer.model.convert.ModelFolder;
import seer.model.load.DType;

/// Trains a model's own weights, for longer texts, while its attention is sparse.
@Command(name = "finetune", mixinStandardHelpOptions = true,
        description = "Trains a model's weights, for longer texts where asked, while attention computes the blocks "
                + "that its gates choose; see docs/training.md.")
final class FineTuneCommand implements Callable<Integer> {
    /// A weight as the model has it and as it learns, its gradient, two running means.
    private static final int NUMBERS = 5;

    @Mixin private BackendOptions backendOptions;
    @Mixin private TuningOptions options;
    @Spec private CommandSpec spec;

    @Option(names = "--model", paramLabel = "PATH", defaultValue = "${sys:seer.home:-.}/demo-model",
            description = "Folder with config.json, tokenizer.json and model.safetensors, or a GGUF file (default: "
                    + "the shipped demo-model).")
    private Path modelPath;

    @Option(names = "--gate", paramLabel = "DIR",
            description = "Folder with the gate adapter to begin with (default: the folder gate inside the model's, "
                    + "or beside a file).")
    private Path gatePath;

    @Option(names = "--out", paramLabel = "DIR",
            description = "Folder for the trained model; its gates go to the folder gate inside.")
    private Path out;

    @Option(names = "--text", paramLabel = "PATH", arity = "1..*", required = true,
            description = "What to train on: text files, folders of .txt files, .tar.xz archives, all UTF-8. It is "
                    + "encoded once: a run that goes on finds the tokens in --out.")
    private List<Path> text;

    @Option(names = "--yarn", paramLabel = "F", description = "Stretch the context by this factor, by YaRN.")
    private Double yarn;

    @Option(names = "--context", paramLabel = "N", description = "Stretch the context to so many tokens, by YaRN.")
    private Integer context;

    @Option(names = "--checkpoint-every", paramLabel = "N", defaultValue = "20",
            description = "Steps between checkpoints (default: ${DEFAULT-VALUE}).")
    private int checkpointEvery;

    @Option(names = "--resume", description = "Go on from the checkpoint in --out, if there is one.")
    private boolean resume;

    @Option(names = "--export", description = "Train nothing: write the model of the checkpoint in --out as it stands, "
            + "of a training that was cut short too. All other options as they were.")
    private boolean export;

    @Option(names = "--bf16", description = "Write the weights as BF16 instead of F32.")
    private boolean bf16;

    @Option(names = "--plot", description = "Draw the loss into training/loss.png; needs a JDK with java.desktop.")
    private boolean plot;

    @Option(names = "--measure", paramLabel = "ROUNDS",
            description = "Train nothing: time whole steps with dense attention against such at --density, in so many "
                    + "interleaved rounds, and what the operations of each take.")
    private Integer measure;

    @Override
    public Integer call() throws IOException {
        check();
        var plan = options.plan(factor());
        if (plan.density() == null) {
            IdleOptions.refuse(spec, List.of("--gate", "--gate-lr", "--density"), "with --dense, which has no gates");
        } else if (!plan.trainsGates()) {
            IdleOptions.refuse(spec, List.of("--gate-lr"), "without --gate-weight, which trains gates");
        }
        Path gates = plan.density() == null ? null : gates();
        try (Backend backend = backendOptions.open();
                var model = LanguageModel.open(modelPath, backend,
                        config -> plan.factor() == 1 ? config : config.stretched(plan.factor()));
                var gate = gates == null ? null : AttnGate.open(gates, model)) {
            if (measure != null) {
                var corpus = new TrainingText("--text", text).read(model);
                new TuningMeasure(model, plan, gate, options.source(model, corpus)).run(measure,
                        spec.commandLine().getOut());
            } else {
                train(model, gate, plan);
            }
        }
        return 0;
    }

    private void check() throws IOException {
        if (!Files.exists(modelPath)) {
            throw new UsageException("--model " + modelPath + ": no such folder or file");
        }
        if (out == null && measure == null) {
            throw new UsageException("--out is missing, wanted a folder for the trained model");
        }
        if (out != null && Files.exists(out) && Files.isSameFile(out, modelPath)) {
            throw new UsageException("--out " + out + " is the model itself, wanted another folder");
        }
        if (plot) {
            Desktop.require("--plot");
        }
        if (export && resume) {
            throw new UsageException("--export trains nothing, wanted it without --resume");
        }
        if (measure != null && (export || resume)) {
            throw new UsageException("--measure trains nothing, wanted it without --export and --resume");
        }
        if (measure != null) {
            IdleOptions.refuse(spec, List.of("--checkpoint-every", "--bf16", "--plot"),
                    "with --measure, which trains nothing");
        }
        Lengths.positive("--checkpoint-every", checkpointEvery, 1);
        if (yarn != null && context != null) {
            throw new UsageException("--yarn and --context both say how far to stretch, wanted one of them");
        }
    }

    private double factor() {
        if (yarn == null && context == null) {
            return 1;
        }
        double wanted;
        if (yarn != null) {
            wanted = yarn;
        } else {
            try (var files = ModelFiles.open(modelPath)) {
                wanted = (double) context / files.config().contextLength();
            }
        }
        if (!(wanted > 1 && wanted <= 1000)) {
            throw new UsageException((yarn != null ? "--yarn is " + yarn : "--context is " + context + ", " + wanted
                    + " times the model's") + ", wanted more than the model's context, and at most 1000 times");
        }
        return wanted;
    }

    private Path gates() {
        Path folder = gatePath == null ? AttnGate.folder(modelPath) : gatePath;
        if (!Files.isRegularFile(folder.resolve("config.json"))) {
            throw new UsageException("there are no gates in " + folder + ": train some first with seer train-gate "
                    + "--model " + modelPath + ", name others with --gate, or give --dense");
        }
        return folder;
    }

    private void train(LanguageModel model, AttnGate gate, TuningPlan plan) throws IOException {
        var folder = new TrainingFolder(out);
        if (folder.hasCheckpoint() && !resume && !export) {
            throw new UsageException(folder.checkpoint() + " is there: give --resume to go on from it, or another "
                    + "--out");
        }
        folder.requireFree();
        new ModelFolder(model.path(), model.config()).rehearse(folder.config());
        var corpus = new TrainingText("--text", text).kept(model, folder.tokens());
        try (var tuning = new FineTuning(model, plan, gate, options.source(model, corpus),
                corpus.fingerprint() + options.mix(), folder, Runtime.getRuntime().availableProcessors())) {
            if (export) {
                var tuned = tuning.ofCheckpoint();
                spec.commandLine().getOut().printf(Locale.ROOT, "%,d of %,d steps were made%n",
                        tuned.history().size(), plan.steps());
                publish(tuned, folder);
                return;
            }
            introduce(model, plan, corpus, tuning);
            try (var progress = Progress.of("fine-tuning")) {
                PrintWriter print = spec.commandLine().getOut();
                var tuned = tuning.run(resume, checkpointEvery, new TuningLog(plan, progress, print));
                Printer.kernels(model.backend().rungs(), print);
                publish(tuned, folder);
            }
        }
    }

    private void introduce(LanguageModel model, TuningPlan plan, TextCorpus corpus, FineTuning tuning) {
        PrintWriter print = spec.commandLine().getOut();
        Printer.machine(Result.Machine.of(model.backend()), print);
        print.printf(Locale.ROOT, "train %s: %,d parameters, %,d MiB with gradients and means; a sequence of %,d "
                        + "tokens takes %,d MiB%n", plan.part().text(), tuning.parameters(),
                tuning.parameters() * NUMBERS * Float.BYTES >> 20, plan.longest(),
                LearningSession.bytes(model.backend(), model.config(), plan.longest()) >> 20);
        print.printf(Locale.ROOT, "context %,d tokens; attention %s; %,d tokens of text in %s (%s)%n",
                model.config().contextLength(),
                plan.density() == null ? "dense" : "gate:density=" + plan.density().text()
                        + (plan.trainsGates() ? ", gates trained beside" : ", gates frozen"),
                corpus.tokens().length, Count.of(corpus.documents(), "document"), corpus.label());
        print.flush();
    }

    private void publish(TunedModel tuned, TrainingFolder folder) throws IOException {
        PrintWriter print = spec.commandLine().getOut();
        String name = modelPath.toRealPath().getFileName().toString();
        tuned.write(out, name, Version.number(), bf16 ? DType.BF16 : DType.F32)
                .forEach(path -> print.println("Written: " + path));
        if (plot) {
            LossPlot.write(folder.plot(), "Fine-tuning", curves(tuned));
            print.println("Written: " + folder.plot());
        }
    }

    private static List<LossPlot.Curve> curves(TunedModel tuned) {
        var curves = new ArrayList<LossPlot.Curve>();
        curves.add(new LossPlot.Curve("model, nats per token",
                tuned.history().stream().mapToDouble(TuningReport::loss).toArray()));
        if (tuned.plan().trainsGates()) {
            curves.add(new LossPlot.Curve("gates, nats per row",
                    tuned.history().stream().mapToDouble(step -> step.gates().divergence()).toArray()));
        }
        return curves;
    }
}
