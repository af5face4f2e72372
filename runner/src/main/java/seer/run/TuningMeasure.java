package seer.run;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import seer.gate.AttnGate;
import seer.gate.course.SequenceSource;
import seer.gate.tune.TuningPlan;
import seer.gate.tune.TuningReport;
import seer.gate.tune.TuningTrial;
import seer.model.LanguageModel;

/// What a step of fine-tuning costs, dense and sparse: interleaved rounds, medians, and which operations take it.
///
/// @param gate null where the plan is dense: then dense steps alone
record TuningMeasure(LanguageModel model, TuningPlan plan, AttnGate gate, SequenceSource source) {
    private static final int WARM_UP = 2;
    private static final int MOST_ROUNDS = 1_000_000;
    /// Operations that are named, the longest.
    private static final int NAMED = 16;

    /// Steps of one kind.
    ///
    /// @param seconds of each round
    /// @param millis  by operation, of all rounds
    private record Steps(String name, Supplier<TuningReport> step, double[] seconds, double[] density,
                         Map<String, Double> millis) {
        static Steps of(String name, Supplier<TuningReport> step, int rounds) {
            return new Steps(name, step, new double[rounds], new double[rounds], new TreeMap<>());
        }
    }

    void run(int rounds, PrintWriter out) {
        Lengths.between("--measure", rounds, 1, MOST_ROUNDS);
        try (var trial = new TuningTrial(model, plan, gate, source, Runtime.getRuntime().availableProcessors());
                var progress = Progress.of("measuring")) {
            var dense = Steps.of("dense", trial::dense, rounds);
            var sparse = Steps.of("sparse", trial::sparse, gate == null ? 0 : rounds);
            for (int round = -WARM_UP; round < rounds; round++) {
                make(dense, round);
                if (gate != null) {
                    make(sparse, round);
                }
                progress.accept((round + WARM_UP + 1.0) / (rounds + WARM_UP));
            }
            Printer.machine(Result.Machine.of(model.backend()), out);
            print(dense, rounds, out);
            if (gate != null) {
                print(sparse, rounds, out);
                var ratios = new double[rounds];
                Arrays.setAll(ratios, round -> dense.seconds()[round] / sparse.seconds()[round]);
                out.printf(Locale.ROOT, "dense / sparse %.2f (median of %d interleaved rounds)%n",
                        StepMeasure.median(ratios), rounds);
            }
        }
    }

    private void make(Steps steps, int round) {
        model.backend().operationMillis(); // what came before is not of this step
        var report = steps.step().get();
        var millis = model.backend().operationMillis();
        if (round >= 0) {
            steps.seconds()[round] = report.seconds();
            steps.density()[round] = report.density();
            millis.forEach((name, time) -> steps.millis().merge(name, time, Double::sum));
        }
    }

    private void print(Steps steps, int rounds, PrintWriter out) {
        double median = StepMeasure.median(steps.seconds());
        long tokens = (long) plan.longest() * plan.batch();
        out.printf(Locale.ROOT, "%s: step of %,d tokens %.1f ms, %,.0f tokens/s, density %.3f; device holds %,d MiB%n",
                steps.name(), tokens, median * 1e3, tokens / median, StepMeasure.median(steps.density()),
                model.backend().heldBytes() >> 20);
        double all = steps.millis().values().stream().mapToDouble(time -> time).sum() / rounds;
        if (!steps.millis().isEmpty()) {
            out.printf(Locale.ROOT, "  %8.2f ms a step in operations, mean%n", all);
            steps.millis().entrySet().stream().sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                    .limit(NAMED).forEach(entry ->
                            out.printf(Locale.ROOT, "  %8.2f ms %s%n", entry.getValue() / rounds, entry.getKey()));
        }
    }
}
