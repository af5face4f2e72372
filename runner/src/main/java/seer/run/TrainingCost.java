package seer.run;

import java.io.PrintWriter;
import java.util.Locale;
import seer.gate.course.SequenceSource;
import seer.gate.train.StepTimer;
import seer.gate.train.TrainingPlan;
import seer.model.LanguageModel;

/// What a training costs, told before it begins: what it reads, what memory it takes, how long it will last.
///
/// @param parameters learned weights of all gates
/// @param made       steps that are made already
record TrainingCost(LanguageModel model, TrainingPlan plan, SequenceSource source, long parameters, int made) {
    /// Where fewer sequences are left than this, two more to find out how long they take would be felt.
    private static final int WORTH_TIMING = 32;
    /// A weight, its gradient and two running means.
    private static final int NUMBERS = 4;

    void print(PrintWriter out) {
        int longest = plan.longest();
        out.printf(Locale.ROOT, "%s of %d sequences, %s tokens in a sequence: about %,.0f tokens to read; "
                        + "%,d MiB for keys, values and one chunk, %,d MiB for the gates%n",
                made == 0 ? String.format(Locale.ROOT, "%,d steps", plan.steps())
                        : String.format(Locale.ROOT, "%,d of %,d steps left,", plan.steps() - made, plan.steps()),
                plan.batch(), lengths(), sequences() * mean(),
                model.memory(longest, longest).bytes() >> 20,
                parameters * NUMBERS * Float.BYTES >> 20);
        if (sequences() >= WORTH_TIMING) {
            double seconds = seconds();
            out.printf(Locale.ROOT, "a sequence of %,d tokens takes %.2f s here, timed once after one to warm up: "
                    + "%s at most%n", longest, seconds, TimeLeft.words(total(seconds)));
        }
        out.flush();
    }

    /// Seconds of all steps that are left. Shorter sequences take less than in proportion.
    ///
    /// @param longest seconds of the longest sequence
    double total(double longest) {
        return sequences() * mean() / plan.longest() * longest;
    }

    private double seconds() {
        int length = plan.longest();
        try (var session = model.session(length, length);
                var timer = new StepTimer(model, plan, Runtime.getRuntime().availableProcessors())) {
            timer.step(session, source.sequence(0, length));
            var sequence = source.sequence(1, length);
            long start = System.nanoTime();
            timer.step(session, sequence);
            return (System.nanoTime() - start) * 1e-9;
        }
    }

    private double sequences() {
        return (double) (plan.steps() - made) * plan.batch();
    }

    private double mean() {
        return plan.lengths().stream().mapToInt(length -> length).average().orElseThrow();
    }

    private String lengths() {
        return String.join(" or ", plan.lengths().stream().distinct()
                .map(length -> String.format(Locale.ROOT, "%,d", length)).toList());
    }
}
