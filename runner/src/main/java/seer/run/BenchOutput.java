package seer.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.eval.RecordTable;
import seer.model.backend.Backend;
import seer.model.load.AtomicFile;
import seer.run.bench.Growth;
import seer.run.bench.KernelClock;
import seer.run.bench.Timing;

/// How a benchmark repeats and where its rows go.
final class BenchOutput {
    private static final int MOST_REPETITIONS = 1_000_000;

    @Option(names = "--repetitions", paramLabel = "N", defaultValue = "10",
            description = "Repetitions that count (default: ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(names = "--warm-up-ms", paramLabel = "N", defaultValue = "1000",
            description = "The repetitions before those that count go on for so long at least "
                    + "(default: ${DEFAULT-VALUE}).")
    private int warmUpMillis;

    @Option(names = {"-o", "--output"}, paramLabel = "FORMAT", defaultValue = "md",
            description = "md, csv, json or jsonl; csv and jsonl name the machine in every row "
                    + "(default: ${DEFAULT-VALUE}).")
    private Format format;

    @Option(names = "--plot", paramLabel = "FILE",
            description = "Draw time against length, both logarithmic, as a PNG file.")
    private Path plot;

    @Option(names = "--kernel-times",
            description = "Also measure, in repetitions of their own, what kernels take on the device; with "
                    + "--precision bf16 only.")
    private boolean kernelTimes;

    @Spec(Spec.Target.MIXEE) private CommandSpec command;

    /// Forms of a table.
    enum Format { md, csv, json, jsonl }

    /// The JSON form.
    record Report(@JsonProperty("schema") int schema, @JsonProperty("command") String command,
                  @JsonProperty("head") BenchHead head, @JsonProperty("rows") List<Map<String, Object>> rows,
                  @JsonProperty("growth") List<String> growth) { }

    /// @param warmUp repetitions at least that do not count
    Timing.Plan plan(int warmUp) {
        return new Timing.Plan(warmUp, warmUpMillis, repetitions);
    }

    /// The plan in words.
    String repeated(int warmUp) {
        return Count.of(repetitions, "repetition") + " after at least " + warmUp + " and " + warmUpMillis
                + " ms that do not count";
    }

    /// Repetitions under measurement.
    int measured() {
        return kernelTimes ? repetitions : 0;
    }

    /// Checks what can be known before anything is measured.
    ///
    /// @param lengths how many there will be
    void check(long lengths) {
        Lengths.between("--repetitions", repetitions, 1, MOST_REPETITIONS);
        Lengths.between("--warm-up-ms", warmUpMillis, 0, Integer.MAX_VALUE);
        var group = command.commandLine().getParent().getParseResult();
        if (group != null && !group.matchedOptions().isEmpty()) {
            throw new UsageException(group.matchedOptions().getFirst().longestName() + " stands before "
                    + command.name() + ", wanted all options behind it");
        }
        if (plot != null) {
            OutputOptions.checkFolder("--plot", plot);
            Desktop.require("--plot");
            if (lengths < 2) {
                throw new UsageException("--plot with one length, wanted at least two to draw time against length");
            }
            AtomicFile.prepare(plot);
        }
    }

    /// Checks that what is to be measured can be.
    void check(Backend backend) {
        if (kernelTimes && !KernelClock.canMeasure(backend)) {
            throw new UsageException("--kernel-times with " + backend.arithmetic() + " on backend "
                    + backend.info().backend() + ", wanted bf16 on backend tornado: only its kernels can be "
                    + "measured");
        }
    }

    /// Begins to print.
    ///
    /// @param later columns that a row may fill although the first one does not
    <R> BenchRows<R> begin(BenchHead head, Function<List<R>, RecordTable<R>> tables, List<String> later) {
        var rows = new BenchRows<>(format, head, tables, later, command.commandLine().getOut());
        rows.begin();
        return rows;
    }

    /// Says what the rows come to, and draws.
    void end(String name, BenchRows<?> rows, BenchHead head, List<Growth> growth) {
        rows.end(name, head, growth.stream().flatMap(line -> line.sentence(growth).stream()).toList());
        if (plot != null) {
            GrowthPlot.write(plot, name + ", " + head.machine().device() + ", " + head.arithmetic(), growth);
        }
    }
}
