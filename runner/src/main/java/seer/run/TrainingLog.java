package seer.run;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import seer.gate.train.StepReport;
import seer.gate.train.TrainingPlan;

/// A line for every twentieth of a training and at least every minute: losses of all gates, speed, time left.
final class TrainingLog implements Consumer<StepReport> {
    private static final int LINES = 20;
    private static final double SILENCE = 60; // seconds

    private final TrainingPlan plan;
    private final Progress progress;
    private final PrintWriter print;
    private double seconds; // of the steps counted
    private int counted;
    private double silent;

    TrainingLog(TrainingPlan plan, Progress progress, PrintWriter print) {
        this.plan = plan;
        this.progress = progress;
        this.print = print;
    }

    @Override
    public void accept(StepReport step) {
        if (counted == 1) { // the first step of a run is slower than the others: it counts as long as it is alone
            seconds = 0;
            counted = 0;
        }
        seconds += step.seconds();
        counted++;
        silent += step.seconds();
        String words = words(step);
        progress.accept((double) step.step() / plan.steps());
        progress.say(words);
        int often = Math.max(1, plan.steps() / LINES);
        if (step.step() % often == 0 || step.step() == 1 || step.step() == plan.steps() || silent >= SILENCE) {
            silent = 0;
            print.println(words);
            print.flush();
        }
    }

    private String words(StepReport step) {
        int left = plan.steps() - step.step();
        return String.format(Locale.ROOT, "step %,d of %,d: loss %s, kl %s nats, %,.0f tokens/s%s", step.step(),
                plan.steps(), each(step, StepReport.Gate::loss), each(step, StepReport.Gate::divergence),
                step.tokensPerSecond(), left == 0 ? "" : ", " + TimeLeft.words(left * seconds / counted) + " left");
    }

    /// One number for each gate, by name where there are several.
    private String each(StepReport step, ToDoubleFunction<StepReport.Gate> number) {
        boolean several = plan.gates().size() > 1;
        return IntStream.range(0, plan.gates().size()).mapToObj(g -> (several ? plan.gates().get(g).name() + " " : "")
                + String.format(Locale.ROOT, "%.4f", number.applyAsDouble(step.gates().get(g))))
                .collect(Collectors.joining(" "));
    }
}
