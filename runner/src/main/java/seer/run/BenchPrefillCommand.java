package seer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import seer.gate.AttnGate;
import seer.gate.RandomGates;
import seer.model.LanguageModel;
import seer.model.ModelConfig;
import seer.run.bench.NamedShape;
import seer.run.bench.PrefillRow;
import seer.run.bench.PrefillTest;
import seer.run.bench.PrefillTrial;

/// Whole prompts, from tokens to the logits of the last one.
@Command(name = "prefill", mixinStandardHelpOptions = true,
        description = "Times reading whole prompts, dense and sparse by a gate, with a model or with random weights of "
                + "a shape.")
final class BenchPrefillCommand implements Callable<Integer> {
    private static final int GATE_BLOCK = 64;

    @Mixin private ModelOptions modelOptions;
    @Mixin private BenchOutput output;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "TEST", arity = "0..*", split = " ",
            defaultValue = "pp512 pp2048 pp8192 pp512@d0.1 pp2048@d0.1 pp8192@d0.1",
            description = "ppN, a prompt of N tokens, dense; ppN@dR, at density R by the gate; ppN@tT, by the gate's "
                    + "threshold T; either corrected by +rest or +delta (default: ${DEFAULT-VALUE}).")
    private List<String> words;

    @Option(names = "--shape", paramLabel = "SHAPE",
            description = "Instead of --model: random weights, and gates, of the shape llama-3.1-8b, llama-3.2-1b, "
                    + "qwen2.5-7b, or of that in a config.json.")
    private String shape;

    @Option(names = "--text", paramLabel = "FILE",
            description = "Read the beginning of this text, UTF-8 (default: tokens drawn by lot).")
    private Path text;

    @Option(names = "--chunk", paramLabel = "N",
            description = "Tokens that pass through the layers together (default: what suits the backend).")
    private Integer chunk;

    @Option(names = "--warm-up", paramLabel = "N", defaultValue = "1",
            description = "Repetitions before those that count (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
            description = "Of all random numbers (default: ${DEFAULT-VALUE}).")
    private long seed;

    private List<PrefillTest> tests;

    @Override
    public Integer call() throws IOException {
        check();
        if (shape != null) {
            runShape();
        } else {
            runModel();
        }
        return 0;
    }

    private boolean needsGate() {
        return tests.stream().anyMatch(PrefillTest::needsGate);
    }

    private void runModel() throws IOException {
        String without = ", or leave tests with @ out, or take --shape";
        try (var bench = needsGate() ? modelOptions.openWithGates(without) : modelOptions.open()) {
            int[] read = text == null ? null : bench.model().tokenizer().encode(TextInput.read(text));
            run(bench.model(), bench::gate, read, List.of());
        }
    }

    private void runShape() {
        ModelConfig config = config();
        try (var backend = modelOptions.backend(config.suitsTensorCores())) {
            output.check(backend);
            long compiled = backend.compileNanos();
            long start = System.nanoTime();
            try (var model = LanguageModel.random(shape, config, backend, seed);
                    var gate = needsGate() ? RandomGates.of(model, GATE_BLOCK, seed) : null) {
                double seconds = (System.nanoTime() - start - (backend.compileNanos() - compiled)) * 1e-9;
                run(model, () -> gate, null, List.of(String.format(Locale.ROOT,
                        "%s: %,d random weights, normal with deviation 0.02, drawn and laid out in %.1f s without "
                        + "compilation%s", shape, model.parameters(), seconds, gate == null ? ""
                        : "; random gates of " + GATE_BLOCK + " tokens a block, which choose as fast as trained ones, "
                        + "and nothing in particular")));
            }
        }
    }

    private ModelConfig config() {
        var named = NamedShape.named(shape);
        if (named.isPresent()) {
            return named.get().config();
        }
        if (!Files.isRegularFile(Path.of(shape))) {
            throw new UsageException("--shape is " + shape + ", wanted one of "
                    + Arrays.stream(NamedShape.values()).map(NamedShape::label).toList() + " or a config.json");
        }
        return ModelConfig.read(Path.of(shape));
    }

    /// @param read tokens to take prompts from; null to draw them
    private void run(LanguageModel model, Supplier<AttnGate> gate, int[] read, List<String> weights) {
        output.check(model.backend());
        int step = chunk == null ? model.backend().chunk() : chunk;
        Lengths.context("tokens of a test", tests.stream().map(PrefillTest::tokens).toList(), model);
        var about = new ArrayList<>(weights);
        about.add("ttft: from tokens in memory to the logits of the last one, " + output.repeated(warmUp)
                + ", each test in a new session; chunks of " + step + " tokens; "
                + (read == null ? "tokens drawn by lot" : "the beginning of " + text));
        if (needsGate()) {
            about.add("density: computed blocks of all causal ones, mean over the layers; the diagonal, the first "
                    + "block of each row and the last two rows of blocks are always among them");
        }
        var trial = new PrefillTrial(model, Result.shown(model.path()), gate, step, output.plan(warmUp),
                output.measured());
        tests.forEach(test -> requireText(test.tokens(), read));
        BenchRows<PrefillRow> rows = output.begin(BenchHead.of(model.backend(), about), PrefillRow::table,
                tests.stream().allMatch(PrefillTest::needsGate) ? List.of() : List.of(PrefillRow.SPEEDUP));
        try (var progress = Progress.of("prefill")) {
            for (PrefillTest test : tests) {
                int done = rows.rows().size();
                rows.add(trial.run(test, prompt(test.tokens(), read, model.config().vocabulary()),
                        share -> progress.accept((done + share) / tests.size())));
            }
        }
        output.end("bench prefill", rows, BenchHead.of(model.backend(), about), PrefillRow.growth(rows.rows()));
    }

    private int[] prompt(int length, int[] read, int vocabulary) {
        if (read == null) {
            return new SplittableRandom(seed).ints(length, 0, vocabulary).toArray();
        }
        return Arrays.copyOf(read, length);
    }

    private void requireText(int length, int[] read) {
        if (read != null && read.length < length) {
            throw new UsageException("--text " + text + " has " + read.length + " tokens, wanted " + length
                    + " for a test");
        }
    }

    private static PrefillTest test(String word) {
        try {
            return PrefillTest.parse(word);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private void check() {
        tests = words.stream().map(BenchPrefillCommand::test).toList();
        output.check(tests.stream().map(PrefillTest::tokens).distinct().count());
        if (chunk != null) {
            Lengths.positive("--chunk", chunk, GATE_BLOCK);
        }
        Lengths.positive("--warm-up", warmUp, 0);
        if (tests.stream().distinct().count() < tests.size()) {
            throw new UsageException("tests are " + tests + ", wanted each once");
        }
        if (shape != null) {
            IdleOptions.refuse(spec, List.of("--model", "--gate", "--text"),
                    "with --shape, whose weights are random and which has no tokenizer");
        }
    }
}
