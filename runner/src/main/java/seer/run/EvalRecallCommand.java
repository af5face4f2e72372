package seer.run;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.eval.Measure;
import seer.eval.Summary;
import seer.eval.plan.TaskSpec;
import seer.gate.SelectorSpec;

/// How much of the true attention the chosen blocks hold.
@Command(name = "recall", mixinStandardHelpOptions = true,
        description = "Share of the true attention inside the chosen blocks, of all heads or each.")
final class EvalRecallCommand implements Callable<Integer> {
    @Mixin private ModelOptions modelOptions;
    @Mixin private TextOptions texts;
    @Mixin private ContenderOptions contenders;
    @Mixin private DeviceOptions devices;
    @Mixin private OutputOptions output;
    @Spec private CommandSpec spec;

    @Option(names = "--lengths", paramLabel = "L", split = ",", defaultValue = "8192",
            description = "Tokens in a window (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths;

    @Option(names = "--windows", paramLabel = "N", defaultValue = "1",
            description = "Windows of each text (default: ${DEFAULT-VALUE}).")
    private int windows;

    @Option(names = "--rank", description = "Measure Spearman's correlation between a gate's scores and the true "
            + "pooled map instead; every selector but dense must be a gate.")
    private boolean rank;

    @Option(names = "--heads", description = "Also print a row for each layer and head.")
    private boolean heads;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        texts.check();
        contenders.check();
        output.check();
        Lengths.check("--lengths", lengths, 1);
        Lengths.positive("--windows", windows, 1);
        if (rank && contenders.specs().stream().allMatch(SelectorSpec.Dense.class::isInstance)) {
            throw new UsageException("--rank with dense attention alone, which has no scores: wanted a gate");
        }
        try (var crew = modelOptions.crew(devices); var bench = modelOptions.open(contenders.specs())) {
            Lengths.context("--lengths", lengths, bench.model());
            var ranked = contenders.specs(bench.gateFolder()).stream()
                    .filter(each -> !rank || !(each.selector() instanceof SelectorSpec.Dense)).toList();
            var samples = EvalRun.measure("eval recall", bench, crew, tasks(bench), ranked);
            var rows = new ArrayList<>(Summary.rows(samples, contenders.baselines()));
            if (heads) {
                rows.addAll(Summary.parts(samples));
            }
            output.publish("eval recall", bench, contenders.conditions(bench, Collections.max(lengths))
                    .keeping(bench.model(), lengths), rows, out);
        }
        return 0;
    }

    private List<TaskSpec> tasks(Workbench bench) {
        var tasks = new ArrayList<TaskSpec>();
        for (int length : lengths) {
            for (var document : texts.specs(bench.model())) {
                tasks.add(new TaskSpec.Attention(rank ? Measure.RANK_CORRELATION : Measure.RECALL, document, length,
                        windows));
            }
        }
        return tasks;
    }
}
