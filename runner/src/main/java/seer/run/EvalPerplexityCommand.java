package seer.run;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.eval.plan.TaskSpec;

/// Perplexity of documents by selector and context length.
@Command(name = "perplexity", mixinStandardHelpOptions = true,
        description = "Perplexity of documents in single or sliding windows, by selector and length.")
final class EvalPerplexityCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Mixin private TextOptions texts;
    @Mixin private ContenderOptions contenders;
    @Mixin private DeviceOptions devices;
    @Mixin private OutputOptions output;
    @Spec private CommandSpec spec;

    @Option(names = "--lengths", paramLabel = "L", split = ",", defaultValue = "8192",
            description = "Tokens in a window (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths;

    @Option(names = "--stride", paramLabel = "N",
            description = "Tokens from one window to the next; only the last N of a window are scored, of the first "
                    + "all (default: the window's length).")
    private Integer stride;

    @Option(names = "--windows", paramLabel = "N", defaultValue = "2",
            description = "Windows of each text (default: ${DEFAULT-VALUE}).")
    private int windows;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        check();
        try (var crew = modelOptions.crew(devices); var bench = modelOptions.open(contenders.specs())) {
            Lengths.context("--lengths", lengths, bench.model());
            var tasks = new ArrayList<TaskSpec>();
            for (int length : lengths) {
                tasks.add(new TaskSpec.Perplexity(texts.specs(bench.model()), length, stride == null ? length : stride,
                        windows));
            }
            EvalRun.all("eval perplexity", bench, crew, tasks, contenders, output, out);
        }
        return 0;
    }

    private void check() {
        texts.check();
        contenders.check();
        output.check();
        Lengths.check("--lengths", lengths, 1);
        Lengths.positive("--windows", windows, 1);
        for (int length : lengths) {
            if (stride != null && (stride < 1 || stride > length)) {
                throw new UsageException("--stride is " + stride + ", wanted 1 to the window's length of " + length);
            }
        }
    }
}
