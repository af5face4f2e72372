package seer.run;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import seer.eval.EvalTask;
import seer.eval.Samples;
import seer.eval.Study;
import seer.eval.Summary;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.TaskSpec;
import seer.run.cluster.DeviceCrew;

/// Measures tasks with all contenders and publishes the rows.
final class EvalRun {
    private EvalRun() { }

    /// @param crew of further processes that share the work; null where there are none
    static void all(String command, Workbench bench, DeviceCrew crew, List<TaskSpec> specs, ContenderOptions contenders,
                    OutputOptions output, PrintWriter out) {
        var samples = measure(command, bench, crew, specs, contenders.specs(bench.gateFolder()));
        var tasks = specs.stream().map(bench.library()::task).toList();
        int longest = tasks.stream().mapToInt(EvalTask::tokens).max().orElseThrow();
        var conditions = contenders.conditions(bench, longest)
                .keeping(bench.model(), tasks.stream().map(EvalTask::capacity).toList());
        output.keep(samples);
        output.publish(command, bench, conditions, Summary.rows(samples, contenders.baselines()), out);
    }

    static Samples measure(String command, Workbench bench, DeviceCrew crew, List<TaskSpec> specs,
                           List<ContenderSpec> contenders) {
        var samples = new Samples();
        if (crew != null) {
            crew.join(bench.library());
            crew.prepare(specs, contenders);
        }
        var tasks = specs.stream().map(bench.library()::task).toList();
        int total = tasks.stream().mapToInt(task -> task.items().size()).sum();
        try (var bar = Progress.of(command)) {
            var read = new int[1]; // prompts
            if (crew == null) {
                var study = new Study(bench.model(), samples, progress -> bar.accept((double) ++read[0] / total));
                var opened = contenders.stream().map(spec -> spec.open(bench.library())).toList();
                tasks.forEach(task -> study.run(task, opened));
            } else {
                long start = System.nanoTime();
                var measurer = crew.measurer(bench.library(), samples, () -> bar.accept((double) ++read[0] / total));
                measurer.measure(specs, contenders);
                System.err.printf(Locale.ROOT, "seer: %s side by side: %s in %.1f s.%n",
                        Count.of(crew.size(), "device"), Count.of(total, "prompt"), (System.nanoTime() - start) * 1e-9);
                measurer.shifts().forEach(shift -> System.err.println("seer: " + shift.text() + "."));
            }
        }
        return samples;
    }
}
