package seer.run;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
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

/// What a step of fine-tuning costs, dense and sparse: interleaved rounds and medians; then some more steps in which
/// every operation is timed by itself, and some in which every kernel is, where the device can.
///
/// @param gate null where the plan is dense: then dense steps alone
record TuningMeasure(LanguageModel model, TuningPlan plan, AttnGate gate, SequenceSource source) {
    /// Rounds that do not count, at least, and seconds for each that does: a young JVM takes long for what a training
    /// does thousands of times.
    private static final int WARM_UP = 2;
    private static final double WARM_SECONDS = 2;
    /// Steps of which operations are timed.
    private static final int TIMED = 2;
    private static final int MOST_ROUNDS = 1_000_000;
    /// Operations and kernels that are named, the longest.
    private static final int NAMED = 16;

    /// Steps of one kind.
    ///
    /// @param seconds of each round
    /// @param millis  by operation, of all steps that were timed so
    /// @param kernels by kernel, likewise
    private record Steps(String name, Supplier<TuningReport> step, double[] seconds, double[] density,
                         Map<String, Double> millis, Map<String, Double> kernels) {
        static Steps of(String name, Supplier<TuningReport> step, int rounds) {
            return new Steps(name, step, new double[rounds], new double[rounds], new TreeMap<>(), new TreeMap<>());
        }

        void make(int round) {
            var report = step.get();
            if (round >= 0) {
                seconds[round] = report.seconds();
                density[round] = report.density();
            }
        }
    }

    void run(int rounds, PrintWriter out) {
        Lengths.between("--measure", rounds, 1, MOST_ROUNDS);
        try (var trial = new TuningTrial(model, plan, gate, source, Runtime.getRuntime().availableProcessors());
                var progress = Progress.of("measuring")) {
            var dense = Steps.of("dense", trial::dense, rounds);
            var sparse = Steps.of("sparse", trial::sparse, gate == null ? 0 : rounds);
            var kinds = gate == null ? List.of(dense) : List.of(dense, sparse);
            warm(kinds, WARM_SECONDS * rounds);
            for (int round = 0; round < rounds; round++) {
                for (Steps kind : kinds) {
                    kind.make(round);
                }
                progress.accept((round + 1.0) / (rounds + TIMED));
            }
            kinds.forEach(this::operations);
            kinds.forEach(this::kernels);
            Printer.machine(Result.Machine.of(model.backend()), out);
            print(dense, out);
            if (gate != null) {
                print(sparse, out);
                var ratios = new double[rounds];
                Arrays.setAll(ratios, round -> dense.seconds()[round] / sparse.seconds()[round]);
                out.printf(Locale.ROOT, "dense / sparse %.2f (median of %d interleaved rounds)%n",
                        StepMeasure.median(ratios), rounds);
            }
        }
    }

    private static void warm(List<Steps> kinds, double seconds) {
        long began = System.nanoTime();
        for (int made = 0; made < WARM_UP || System.nanoTime() - began < seconds * 1e9; made++) {
            kinds.forEach(kind -> kind.make(-1));
        }
    }

    /// A step with the first call that asks, so that nothing before it counts, then those that do.
    private void operations(Steps kind) {
        for (int made = -1; made < TIMED; made++) {
            model.backend().operationMillis();
            kind.make(-1);
            var millis = model.backend().operationMillis();
            if (made >= 0) {
                millis.forEach((name, time) -> kind.millis().merge(name, time, Double::sum));
            }
        }
    }

    private void kernels(Steps kind) {
        if (!model.backend().measureKernels(true)) {
            return;
        }
        try {
            model.backend().kernelMillis(); // of whatever was before
            for (int made = 0; made < TIMED; made++) {
                kind.make(-1);
            }
            kind.kernels().putAll(model.backend().kernelMillis());
        } finally {
            model.backend().measureKernels(false);
        }
    }

    private void print(Steps steps, PrintWriter out) {
        double median = StepMeasure.median(steps.seconds());
        long tokens = (long) plan.longest() * plan.batch();
        out.printf(Locale.ROOT, "%s: step of %,d tokens %.1f ms, %,.0f tokens/s, density %.3f; device holds %,d MiB%n",
                steps.name(), tokens, median * 1e3, tokens / median, StepMeasure.median(steps.density()),
                model.backend().heldBytes() >> 20);
        print("operations, each waited for", steps.millis(), out);
        print("kernels on the device", steps.kernels(), out);
    }

    private static void print(String what, Map<String, Double> millis, PrintWriter out) {
        double all = millis.values().stream().mapToDouble(time -> time).sum() / TIMED;
        if (!millis.isEmpty()) {
            out.printf(Locale.ROOT, "  %8.2f ms a step in %s%n", all, what);
            millis.entrySet().stream().sorted(Map.Entry.<String, Double>comparingByValue().reversed()).limit(NAMED)
                    .forEach(entry -> out.printf(Locale.ROOT, "  %8.2f ms %s%n", entry.getValue() / TIMED,
                            entry.getKey()));
        }
    }
}
