package seer.gate.tune;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import seer.gate.AttnGate;
import seer.gate.course.SequenceSource;
import seer.gate.course.TrainingFolder;
import seer.gate.course.TrainingSequence;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.support.TinyGate;

/// A small fine-tuning that a test can run in a JVM of its own, and kill.
///
/// @param plan    of two steps and more
/// @param threads of the backend and of the gates' step
record SmallTuning(Path model, Path gate, TuningPlan plan, SequenceSource source, int threads) {
    static final int STEPS = 24;
    private static final int EVERY = 2;
    private static final int VOCABULARY = 4096;

    /// @param arguments folders of the model, of the gates and of the training
    public static void main(String[] arguments) {
        new SmallTuning(Path.of(arguments[0]), Path.of(arguments[1]), plan(new TunedPart.All(), 1, STEPS), random(), 2)
                .run(Path.of(arguments[2]), true, EVERY, step -> { });
    }

    static SmallTuning of(Path model, TuningPlan plan) {
        return new SmallTuning(model, model.resolve("gate"), plan, random(), 2);
    }

    SmallTuning on(int others) {
        return new SmallTuning(model, gate, plan, source, others);
    }

    SmallTuning reading(SequenceSource other) {
        return new SmallTuning(model, gate, plan, other, threads);
    }

    /// Two lengths, neither a multiple of a block; YaRN stretches the context.
    static TuningPlan plan(TunedPart part, double gates, int steps) {
        return new TuningPlan(part, new DensitySchedule(0.3, 0.6), gates, 2, List.of(150, 90), steps, 2, 2,
                new TuningPlan.Rates(0.003, 0.01), 1, 0.01, 11);
    }

    /// A training text of numbers drawn by lot.
    static SequenceSource random() {
        return source((index, length) -> new SplittableRandom(index).ints(length, 1, VOCABULARY).toArray());
    }

    /// The same sequence again and again.
    static SequenceSource same() {
        return source((index, length) -> new SplittableRandom(3).ints(length, 1, 40).toArray());
    }

    private interface Tokens {
        int[] of(long index, int length);
    }

    private static SequenceSource source(Tokens tokens) {
        return new SequenceSource() {
            @Override
            public TrainingSequence sequence(long index, int length) {
                return TrainingSequence.text(tokens.of(index, length));
            }

            @Override
            public String label() {
                return "random tokens";
            }
        };
    }

    /// Gates for a model that was written there, with blocks of 16.
    static void writeGate(Path model) throws IOException {
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax").write(model.resolve("gate"), open);
        }
    }

    /// What came of it, its arrays still at hand.
    record Outcome(TunedModel tuned, List<TuningReport> steps) { }

    Outcome run(Path out, boolean resume, int every, Consumer<TuningReport> each) {
        return run(out, resume, every, each, tuned -> { });
    }

    /// @param last looks at the result while the model is still open
    Outcome run(Path out, boolean resume, int every, Consumer<TuningReport> each, Consumer<TunedModel> last) {
        var steps = new ArrayList<TuningReport>();
        try (var backend = Backends.cpu(threads);
                var open = LanguageModel.open(model, backend,
                        config -> plan.factor() > 1 ? config.stretched(plan.factor()) : config);
                var gates = plan.density() == null ? null : AttnGate.open(gate, open)) {
            Files.createDirectories(out);
            var folder = new TrainingFolder(out);
            folder.create();
            try (var tuning = new FineTuning(open, plan, gates, source, "random tokens", folder, threads)) {
                var tuned = tuning.run(resume, every, step -> {
                    steps.add(step);
                    each.accept(step);
                });
                last.accept(tuned);
                return new Outcome(tuned, steps);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
