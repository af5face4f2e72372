package seer.run;

import java.io.PrintWriter;
import java.util.List;
import seer.eval.EvalTask;
import seer.eval.Samples;
import seer.eval.Study;
import seer.eval.Summary;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.TaskSpec;

/// Measures tasks with all contenders and publishes the rows.
final class EvalRun {
    private EvalRun() { }

    static void all(String command, Workbench bench, List<TaskSpec> specs, ContenderOptions contenders,
                    OutputOptions output, PrintWriter out) {
        var tasks = open(bench, specs);
        var samples = measure(command, bench, tasks, contenders.specs(bench.gateFolder()));
        int longest = tasks.stream().mapToInt(EvalTask::tokens).max().orElseThrow();
        output.keep(samples);
        output.publish(command, bench, contenders.conditions(longest),
                Summary.rows(samples, contenders.baselines()), out);
    }

    static List<EvalTask> open(Workbench bench, List<TaskSpec> specs) {
        return specs.stream().map(spec -> spec.open(bench.library())).toList();
    }

    static Samples measure(String command, Workbench bench, List<EvalTask> tasks, List<ContenderSpec> specs) {
        var contenders = specs.stream().map(spec -> spec.open(bench.library())).toList();
        var samples = new Samples();
        int total = tasks.stream().mapToInt(task -> task.items().size()).sum();
        try (var bar = Progress.of(command)) {
            var read = new int[1]; // prompts
            var study = new Study(bench.model(), samples, progress -> bar.accept((double) ++read[0] / total));
            tasks.forEach(task -> study.run(task, contenders));
        }
        return samples;
    }
}
