package seer.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.DoubleConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.model.attention.BlockMask;
import seer.model.backend.Backend;
import seer.model.backend.ElementType;
import seer.run.bench.AttentionRow;
import seer.run.bench.AttentionShape;
import seer.run.bench.AttentionTrial;
import seer.run.bench.Growth;
import seer.run.bench.MaskSource;

/// Attention alone: dense, and over lists of some densities.
@Command(name = "attention", mixinStandardHelpOptions = true,
        description = "Times one layer's attention, dense and over block lists, on normal numbers; the clock runs "
                + "around the call, queries, keys, values and lists being with the backend.")
final class BenchAttentionCommand implements Callable<Integer> {
    private static final int MOST_BLOCK = 4096;
    private static final int LARGEST = Integer.MAX_VALUE - 64; // numbers in an array
    private static final List<Integer> CORES = List.of(64, 128);
    /// Relative distance from double precision that is let pass, of 8 bits and of 24.
    private static final double HALVES = 1e-2;
    private static final double FLOATS = 1e-4;

    @Mixin private ModelOptions modelOptions;
    @Mixin private BenchOutput output;
    @Spec private CommandSpec spec;

    @Option(names = "--tokens", paramLabel = "N", split = ",", defaultValue = "8192,32768,131072",
            description = "Lengths (default: ${DEFAULT-VALUE}).")
    private List<Integer> tokens;

    @Option(names = "--heads", paramLabel = "N", description = "Query heads (default: 32).")
    private Integer heads;

    @Option(names = "--kv-heads", paramLabel = "N", description = "Key/value heads (default: 8).")
    private Integer groups;

    @Option(names = "--head-width", paramLabel = "N", description = "Width of a head (default: 128).")
    private Integer headWidth;

    @Option(names = "--block", paramLabel = "N", description = "Tokens along one edge of a block (default: 64).")
    private Integer block;

    @Option(names = "--densities", paramLabel = "R", split = ",", defaultValue = "1,0.5,0.3,0.1,0.05",
            description = "Shares of the causal blocks to visit; 1 is dense attention (default: ${DEFAULT-VALUE}).")
    private List<Double> densities;

    @Option(names = "--masks", paramLabel = "NAME", defaultValue = "random",
            description = "random: each row of blocks of each head keeps its diagonal and draws the others by lot; "
                    + "gate: the lists that the gate of --model chooses on --text, whose heads and blocks are taken "
                    + "(default: ${DEFAULT-VALUE}).")
    private Masks masks;

    @Option(names = "--text", paramLabel = "FILE", description = "What the gate reads, UTF-8.")
    private Path text;

    @Option(names = "--layer", paramLabel = "N", description = "Whose gate chooses (default: the middle one).")
    private Integer layer;

    @Option(names = "--warm-up", paramLabel = "N", defaultValue = "3",
            description = "Repetitions before those that count (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1",
            description = "Of all random numbers (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--verify",
            description = "Compare some rows of each result with double precision; beyond a relative distance of 0.01 "
                    + "in bf16, 0.0001 in f32, it is an error.")
    private boolean verify;

    /// Where block lists come from.
    enum Masks { random, gate }

    @Override
    public Integer call() throws IOException {
        check();
        if (masks == Masks.gate) {
            try (var bench = modelOptions.openWithGates("")) {
                Lengths.context("--tokens", tokens, bench.model());
                var config = bench.model().config();
                int of = layer == null ? config.layers() / 2 : layer;
                Lengths.between("--layer", of, 0, config.layers() - 1);
                int[] read = bench.model().tokenizer().encode(TextInput.read(text));
                requireText(read.length);
                run(bench.backend(), new AttentionShape(0, config.heads(), config.groups(), config.headWidth(),
                        bench.gate().config().block(), 1), MaskSource.gate(bench.model(), bench.gate(), read, of));
            }
            return 0;
        }
        var shape = new AttentionShape(0, or(heads, 32), or(groups, 8), or(headWidth, 128), or(block, 64), 1);
        check(shape);
        boolean halves = CORES.contains(shape.headWidth()) && CORES.contains(shape.block());
        try (var backend = modelOptions.backend(halves)) {
            run(backend, shape, MaskSource.random(seed));
        }
        return 0;
    }

    private void run(Backend backend, AttentionShape shape, MaskSource source) {
        output.check(backend);
        BenchRows<AttentionRow> rows = output.begin(BenchHead.of(backend, about(source)), AttentionRow::table,
                densities.contains(1.0) ? List.of(AttentionRow.SPEEDUP) : List.of());
        try (var progress = Progress.of("attention")) {
            for (int length : tokens) {
                measure(backend, shape.of(length, 1), source, rows, progress);
            }
        }
        output.end("bench attention", rows, BenchHead.of(backend, about(source)), AttentionRow.growth(rows.rows()));
    }

    private void measure(Backend backend, AttentionShape shape, MaskSource source,
                         BenchRows<AttentionRow> rows, DoubleConsumer progress) {
        try (var trial = new AttentionTrial(backend, shape, seed)) {
            for (double density : densities) {
                int done = rows.rows().size();
                DoubleConsumer part = share -> progress.accept((done + share) / (tokens.size() * densities.size()));
                var wanted = shape.of(shape.tokens(), density);
                BlockMask mask = density == 1 ? BlockMask.dense(shape.heads(), shape.block(), 0, shape.blocks())
                        : source.lists(wanted);
                var timing = trial.time(mask, output.plan(warmUp), part);
                var kernels = trial.kernels(mask, output.measured());
                Double error = verify ? verified(backend, wanted, trial.error(mask)) : null;
                rows.add(new AttentionRow(wanted, density == 1 ? Growth.DENSE : source.name(), mask.density(),
                        timing, trial.compileMillis(), trial.uploadMillis(), kernels, error));
            }
        }
    }

    private static double verified(Backend backend, AttentionShape shape, double error) {
        double most = backend.precision() == ElementType.BF16 ? HALVES : FLOATS;
        if (!(error <= most)) {
            throw new IllegalStateException("attention of " + shape.tokens() + " tokens at density " + shape.density()
                    + " is " + error + " from double precision, relative L2, wanted at most " + most);
        }
        return error;
    }

    private List<String> about(MaskSource source) {
        var about = new ArrayList<String>();
        about.add("times: milliseconds around one call, " + output.repeated(warmUp)
                + "; compilation and upload of queries, keys and values are not in them");
        about.add("operations: 2 x heads x tokens^2 x head width for dense attention, of which a sparse one visits the "
                + "share that density says");
        if (densities.stream().anyMatch(density -> density != 1)) {
            about.add("masks: " + source.about());
        }
        return about;
    }

    private static int or(Integer given, int usual) {
        return given == null ? usual : given;
    }

    private void check() {
        output.check(tokens.stream().distinct().count());
        Lengths.check("--tokens", tokens, 1);
        Lengths.positive("--warm-up", warmUp, 1);
        for (double density : densities) {
            if (!(density > 0 && density <= 1)) {
                throw new UsageException("--densities is " + density + ", wanted above 0 and at most 1");
            }
        }
        refuseTwice("--tokens", tokens);
        refuseTwice("--densities", densities);
        boolean gate = masks == Masks.gate;
        if (gate != (text != null)) {
            throw new UsageException(gate ? "--masks gate without --text, wanted a text for the gate to choose on"
                    : "--text with --masks random, which reads none");
        }
        if (!gate && layer != null) {
            throw new UsageException("--layer with --masks random, whose lists are no layer's");
        }
        if (!gate) {
            IdleOptions.refuse(spec, List.of("--model", "--gate"), "with --masks random, which asks no model");
        }
        if (gate && !Arrays.asList(heads, groups, headWidth, block).equals(Arrays.asList(null, null, null, null))) {
            throw new UsageException("--heads, --kv-heads, --head-width and --block are the model's and its gate's "
                    + "with --masks gate, wanted none of them");
        }
    }

    private static <T> void refuseTwice(String option, List<T> values) {
        if (values.stream().distinct().count() < values.size()) {
            throw new UsageException(option + " is " + values + ", wanted each once");
        }
    }

    private void check(AttentionShape shape) {
        Lengths.positive("--heads", shape.heads(), 1);
        Lengths.positive("--kv-heads", shape.groups(), 1);
        Lengths.positive("--head-width", shape.headWidth(), 4);
        Lengths.between("--block", shape.block(), 1, MOST_BLOCK);
        if (shape.headWidth() % 4 != 0) {
            throw new UsageException("--head-width is " + shape.headWidth() + ", wanted a multiple of 4");
        }
        if (shape.heads() % shape.groups() != 0) {
            throw new UsageException("--heads is " + shape.heads() + ", wanted a multiple of --kv-heads, which is "
                    + shape.groups());
        }
        for (int length : tokens) {
            double size = (double) length * shape.heads() * shape.headWidth();
            if (size > LARGEST) {
                throw new UsageException(String.format(Locale.ROOT,
                        "--tokens x --heads x --head-width is %.0f, wanted at most %d", size, LARGEST));
            }
        }
    }

    private void requireText(int length) {
        for (int wanted : tokens) {
            if (wanted > length) {
                throw new UsageException("--text " + text + " has " + length + " tokens, wanted " + wanted
                        + " for --tokens");
            }
        }
    }
}
