package seer.run;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import seer.gate.train.StepReport;
import seer.gate.train.TrainingPlan;

/// Losses of all gates, speed, time left, as [StepLog] says them.
final class TrainingLog implements Consumer<StepReport> {
    private final TrainingPlan plan;
    private final StepLog log;

    TrainingLog(TrainingPlan plan, Progress progress, PrintWriter print) {
        this.plan = plan;
        this.log = new StepLog(plan.steps(), progress, print);
    }

    @Override
    public void accept(StepReport step) {
        log.add(step.step(), step.seconds(), String.format(Locale.ROOT,
                "step %,d of %,d: loss %s, kl %s nats, %,.0f tokens/s", step.step(), plan.steps(),
                each(step, StepReport.Gate::loss), each(step, StepReport.Gate::divergence), step.tokensPerSecond()));
    }

    /// One number for each gate, by name where there are several.
    private String each(StepReport step, ToDoubleFunction<StepReport.Gate> number) {
        boolean several = plan.gates().size() > 1;
        return IntStream.range(0, plan.gates().size()).mapToObj(g -> (several ? plan.gates().get(g).name() + " " : "")
                + String.format(Locale.ROOT, "%.4f", number.applyAsDouble(step.gates().get(g))))
                .collect(Collectors.joining(" "));
    }
}
