package seer.run;

import java.io.PrintWriter;
import java.util.List;
import seer.eval.Contender;
import seer.eval.EvalTask;
import seer.eval.Samples;
import seer.eval.Study;
import seer.eval.Summary;

/// Measures tasks with all contenders and publishes the rows.
final class EvalRun {
    private EvalRun() { }

    static void all(String command, Workbench bench, List<? extends EvalTask> tasks, ContenderOptions contenders,
                    OutputOptions output, PrintWriter out) {
        var rows = Summary.rows(measure(command, bench, tasks, contenders.open(bench)), contenders.baselines());
        int longest = tasks.stream().mapToInt(EvalTask::tokens).max().orElseThrow();
        output.publish(command, bench, contenders.conditions(longest), rows, out);
    }

    static Samples measure(String command, Workbench bench, List<? extends EvalTask> tasks,
                           List<Contender> contenders) {
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
