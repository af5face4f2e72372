package seer.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.run.bench.AttentionShape;
import seer.run.bench.BenchRow;
import seer.run.bench.Suite;

/// Kernel speed, as ratios of things timed in interleaved rounds of one run.
@Command(name = "bench", mixinStandardHelpOptions = true,
        description = "Times the kernels on random data, as ratios in interleaved rounds of one run; its commands "
                + "time attention alone or whole prompts by length and density.",
        subcommands = {BenchAttentionCommand.class, BenchPrefillCommand.class},
        synopsisSubcommandLabel = "[COMMAND]")
final class BenchCommand implements Callable<Integer> {
    private static final int MOST_BLOCK = 4096;
    private static final int MOST_ROUNDS = 1_000_000;
    private static final int WIDEST = 768;
    private static final int LARGEST = Integer.MAX_VALUE - 64; // numbers in an array

    @Mixin private BackendOptions backendOptions;
    @Spec private CommandSpec spec;

    @Option(names = "--rate-tokens", paramLabel = "N", defaultValue = "8192",
            description = "Prompt length for the rates (default: ${DEFAULT-VALUE}).")
    private int rateTokens;

    @Option(names = "--tokens", paramLabel = "N", defaultValue = "32768",
            description = "Prompt length for sparse against dense (default: ${DEFAULT-VALUE}).")
    private int tokens;

    @Option(names = "--heads", paramLabel = "N", defaultValue = "4",
            description = "Query heads (default: ${DEFAULT-VALUE}).")
    private int heads;

    @Option(names = "--groups", paramLabel = "N", defaultValue = "2",
            description = "Key/value heads (default: ${DEFAULT-VALUE}).")
    private int groups;

    @Option(names = "--head-width", paramLabel = "N", defaultValue = "64",
            description = "Width of a head (default: ${DEFAULT-VALUE}).")
    private int headWidth;

    @Option(names = "--block", paramLabel = "N", defaultValue = "64",
            description = "Tokens along one edge of a block (default: ${DEFAULT-VALUE}).")
    private int block;

    @Option(names = "--density", paramLabel = "R", defaultValue = "0.1",
            description = "Share of blocks kept (default: ${DEFAULT-VALUE}).")
    private double density;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "10",
            description = "Rounds of the rates; sparse against dense takes half as many "
                    + "(default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    /// The JSON form.
    record Report(@JsonProperty("schema") int schema, @JsonProperty("command") String command,
                  @JsonProperty("machine") Result.Machine machine, @JsonProperty("rows") List<BenchRow> rows) { }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        check();
        try (var backend = backendOptions.open()) {
            var rows = new ArrayList<BenchRow>();
            if (!json) {
                Printer.computer(Result.Machine.of(backend), out);
            }
            try (var progress = Progress.of("rates")) {
                var matmuls = List.of(new int[] {rateTokens, 256, WIDEST}, new int[] {rateTokens, WIDEST, 256});
                add(rows, Suite.rates(backend, shape(rateTokens), matmuls, rounds, progress), out);
            }
            try (var progress = Progress.of("sparse against dense")) {
                add(rows, Suite.speedups(backend, shape(tokens), Math.ceilDiv(rounds, 2), progress), out);
            }
            end(new Report(Result.SCHEMA, "bench", Result.Machine.of(backend), rows), out);
        }
        return 0;
    }

    /// What was timed in the same rounds becomes a table of its own, as soon as it is known.
    private void add(List<BenchRow> rows, List<BenchRow> timed, PrintWriter out) {
        rows.addAll(timed);
        if (!json) {
            out.println();
            out.println(new Table<>(timed).text("work", BenchRow::work).number("ms", "%,.2f", BenchRow::ms)
                    .number("GFLOP/s", "%,.1f", BenchRow::gflops).text("ratio", BenchRow::note));
            out.flush();
        }
    }

    private void end(Report report, PrintWriter out) {
        if (json) {
            Printer.json(report, out);
        } else if (!report.machine().kernels().isEmpty()) {
            out.println();
            Printer.kernels(report.machine().kernels(), out);
        }
    }

    private AttentionShape shape(int length) {
        return new AttentionShape(length, heads, groups, headWidth, block, density);
    }

    private void check() {
        Lengths.positive("--rate-tokens", rateTokens, 1);
        Lengths.positive("--tokens", tokens, 1);
        Lengths.positive("--heads", heads, 1);
        Lengths.positive("--groups", groups, 1);
        Lengths.positive("--head-width", headWidth, 1);
        Lengths.between("--block", block, 1, MOST_BLOCK);
        Lengths.between("--rounds", rounds, 1, MOST_ROUNDS);
        size("--tokens x --heads x --head-width", tokens, heads, headWidth);
        size("--rate-tokens x --heads x --head-width", rateTokens, heads, headWidth);
        size("--rate-tokens x " + WIDEST + " of the matrix products", rateTokens, WIDEST, 1);
        size("--heads x --head-width x 3 --head-width", heads, headWidth, 3L * headWidth);
        if (backendOptions.isSimulator()) {
            throw new UsageException("bench does not run on the simulator: its times mean nothing");
        }
        if (heads % groups != 0) {
            throw new UsageException("--heads is " + heads + ", wanted a multiple of --groups, which is " + groups);
        }
        if (!(density > 0 && density <= 1)) {
            throw new UsageException("--density is " + density + ", wanted above 0 and at most 1");
        }
    }

    /// Arrays are counted by 32-bit numbers.
    private static void size(String what, int first, int second, long third) {
        double size = (double) first * second * third;
        if (size > LARGEST) {
            throw new UsageException(String.format(Locale.ROOT, "%s is %.0f, wanted at most %d", what, size, LARGEST));
        }
    }
}
