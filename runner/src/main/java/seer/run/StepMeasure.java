package seer.run;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import seer.gate.course.SequenceSource;
import seer.gate.train.StepTimer;
import seer.gate.train.TrainingPlan;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;

/// What a sequence of a training step costs, beside a dense prefill of the same sequence: interleaved rounds, medians.
record StepMeasure(LanguageModel model, TrainingPlan plan, SequenceSource source) {
    private static final int WARM_UP = 2;
    private static final int MOST_ROUNDS = 1_000_000;

    void run(int rounds, PrintWriter out) {
        Lengths.between("--measure", rounds, 1, MOST_ROUNDS);
        int length = plan.longest();
        var dense = new double[rounds];
        var step = new double[rounds];
        var own = new double[rounds];
        try (var session = model.session(length, length);
                var timer = new StepTimer(model, plan, Runtime.getRuntime().availableProcessors());
                var progress = Progress.of("measuring")) {
            for (int round = -WARM_UP; round < rounds; round++) {
                if (round == 0) {
                    PeakMemory.reset();
                }
                var sequence = source.sequence(round + WARM_UP, length);
                long start = System.nanoTime();
                session.prefill(PrefillRequest.of(sequence.tokens(), BlockSelector.dense()));
                long middle = System.nanoTime();
                timer.step(session, sequence);
                long end = System.nanoTime();
                if (round >= 0) {
                    dense[round] = (middle - start) * 1e-9;
                    step[round] = (end - middle) * 1e-9;
                    own[round] = timer.gateSeconds();
                }
                progress.accept((round + WARM_UP + 1.0) / (rounds + WARM_UP));
            }
        }
        Printer.machine(Result.Machine.of(model.backend()), out);
        var ratios = new double[rounds];
        Arrays.setAll(ratios, round -> step[round] / dense[round]);
        out.printf(Locale.ROOT, "%,d tokens, %s: dense prefill %.3f s, training step of one sequence %.3f s, "
                + "ratio %.2f (medians of %d interleaved rounds); of it %.3f s of one host core in the gates' own "
                + "step; peak memory %,.0f MiB; %,d steps of %s take %s at most%n", length,
                Count.of(plan.gates().size(), "gate"), median(dense), median(step), median(ratios), rounds,
                median(own), PeakMemory.mebibytes(), plan.steps(), Count.of(plan.batch(), "sequence"),
                TimeLeft.words(new TrainingCost(model, plan, source, 0, 0).total(median(step))));
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
