package seer.run;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;
import seer.gate.tune.TuningPlan;
import seer.gate.tune.TuningReport;

/// Loss, density, speed and time left of a fine-tuning, as [StepLog] says them.
final class TuningLog implements Consumer<TuningReport> {
    private final TuningPlan plan;
    private final StepLog log;

    TuningLog(TuningPlan plan, Progress progress, PrintWriter print) {
        this.plan = plan;
        this.log = new StepLog(plan.steps(), progress, print);
    }

    @Override
    public void accept(TuningReport step) {
        String gates = step.gates() == null ? ""
                : String.format(Locale.ROOT, ", gates kl %.4f nats", step.gates().divergence());
        log.add(step.step(), step.seconds(), String.format(Locale.ROOT,
                "step %,d of %,d: loss %.4f nats, density %.3f%s, %,.0f tokens/s", step.step(), plan.steps(),
                step.loss(), step.density(), gates, step.tokensPerSecond()));
    }
}
