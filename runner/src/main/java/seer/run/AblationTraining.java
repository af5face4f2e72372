package seer.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;
import seer.eval.Ablation;
import seer.gate.course.MixedSequences;
import seer.gate.course.RetrievalSequences;
import seer.gate.course.TextCorpus;
import seer.gate.course.TrainingFolder;
import seer.gate.train.GateRecipe;
import seer.gate.train.GateRecipeSpec;
import seer.gate.train.GateTraining;
import seer.gate.train.TrainingPlan;
import seer.model.LanguageModel;
import seer.model.load.AtomicFile;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.Quoted;
import seer.model.load.Utf8Text;

/// How the gates of an ablation are trained: the same for all of them.
final class AblationTraining {
    private static final int WARM_UP = 20;
    private static final int CHECKPOINT_EVERY = 100;
    private static final String SETTINGS = "settings.txt";

    @Option(names = "--train-text", paramLabel = "PATH", required = true, arity = "1..*",
            description = "What to train and to calibrate on: text files, folders of .txt files, .tar.xz archives.")
    private List<Path> text;

    @Option(names = "--length", paramLabel = "L", defaultValue = "8192",
            description = "Tokens of a training sequence (default: ${DEFAULT-VALUE}).")
    private int length;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "300",
            description = "Changes of the weights (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "2",
            description = "Sequences per step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--lr", paramLabel = "R", defaultValue = "0.003",
            description = "Highest learning rate (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--retrieval", paramLabel = "SHARE", defaultValue = "0.5",
            description = "Share of sequences that are retrieval prompts (default: ${DEFAULT-VALUE}).")
    private double retrieval;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "Of weights and sequences (default: ${DEFAULT-VALUE}).")
    private long seed;

    void check() {
        Lengths.positive("--length", length, 64);
        Lengths.positive("--steps", steps, 1);
        Lengths.positive("--batch", batch, 1);
        if (!(retrieval >= 0 && retrieval <= 1)) {
            throw new UsageException("--retrieval is " + retrieval + ", wanted 0 to 1");
        }
    }

    int length() {
        return length;
    }

    /// Names what the gates learn from, so that samples of other gates are not taken for these.
    String label() {
        return String.format(Locale.ROOT, "l%d-s%d-b%d-r%s-m%s-%d", length, steps, batch, rate, retrieval, seed);
    }

    TextCorpus corpus(LanguageModel model) {
        return new TrainingText("--train-text", text).read(model);
    }

    /// The texts and what is made of them.
    String data(TextCorpus corpus) {
        return corpus.fingerprint() + " retrieval=" + retrieval;
    }

    /// Gates of a name that were trained otherwise are other gates: what they were trained on stands beside them.
    private void checkSame(Path folder, TextCorpus corpus) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Path file = folder.resolve(SETTINGS);
        String settings = label() + " " + data(corpus);
        String was = Files.exists(file) ? Utf8Text.read(file).strip() : "nothing";
        if (!was.equals(settings)) {
            throw new MalformedModelException(file, "wanted " + settings + " as this study has it, got "
                    + Quoted.of(was) + ": its gates were trained otherwise; name another --out");
        }
    }

    /// Where the gates of a variant are.
    Path adapter(Path out, Ablation.Variant variant) {
        return folder(out, variant.length()).resolve(variant.name());
    }

    private static Path folder(Path out, int trained) {
        return out.resolve("trained-at-" + trained);
    }

    /// Trains those of one length whose adapters are not there yet, from the same forward passes.
    void train(LanguageModel model, TextCorpus corpus, Path out, int trained, List<Ablation.Variant> variants,
               PrintWriter print) throws IOException {
        checkSame(folder(out, trained), corpus);
        var missing = new ArrayList<Ablation.Variant>();
        var recipes = new ArrayList<GateRecipe>();
        for (var variant : variants) {
            var recipe = GateRecipeSpec.parse(variant.recipe(), model.config().headWidth(), rate);
            if (!Files.isDirectory(adapter(out, variant))) {
                missing.add(variant);
                recipes.add(recipe);
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        var plan = new TrainingPlan(recipes, List.of(trained), steps, batch, WARM_UP, 1.0, 0, seed);
        var folder = new TrainingFolder(folder(out, trained));
        folder.create();
        folder.requireFree();
        AtomicFile.write(folder(out, trained).resolve(SETTINGS), label() + " " + data(corpus) + "\n");
        Files.deleteIfExists(folder.checkpoint()); // of other variants
        var course = new GateTraining(model, plan, MixedSequences.of(corpus, model.tokenizer(), retrieval,
                RetrievalSequences.ALL, seed), data(corpus), folder, Runtime.getRuntime().availableProcessors());
        print.printf("training %s on sequences of %d tokens%n", missing.stream().map(Ablation.Variant::name).toList(),
                trained);
        print.flush();
        try (var progress = Progress.of("training")) {
            var gates = course.run(false, CHECKPOINT_EVERY, step ->
                    progress.accept((double) step.step() / steps));
            for (var path : gates.writeEach(folder, model.folder().toRealPath().getFileName().toString(),
                    Version.number(), DType.F32)) {
                print.println("Written: " + path);
            }
        }
    }
}
