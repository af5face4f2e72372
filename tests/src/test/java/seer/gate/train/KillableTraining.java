package seer.gate.train;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import seer.gate.course.SequenceSource;
import seer.gate.course.TrainingFolder;
import seer.gate.course.TrainingSequence;
import seer.model.Backends;
import seer.model.LanguageModel;

/// A small training that a test can run in a JVM of its own, and kill.
final class KillableTraining {
    static final int STEPS = 150;
    private static final int EVERY = 3;
    private static final int VOCABULARY = 4096;

    private KillableTraining() { }

    /// @param arguments folder of the model, folder of the training, perhaps its steps
    public static void main(String[] arguments) {
        run(Path.of(arguments[0]), Path.of(arguments[1]), arguments.length > 2 ? Integer.parseInt(arguments[2]) : STEPS,
                EVERY, 2);
    }

    /// Goes on from the checkpoint in `out`, if there is one.
    static TrainedGates run(Path model, Path out, int steps, int every, int threads) {
        try (var backend = Backends.cpu(threads); var open = LanguageModel.open(model, backend)) {
            var folder = new TrainingFolder(out);
            folder.create();
            return new GateTraining(open, plan(steps), source(), "random tokens", folder, threads)
                    .run(true, every, step -> { });
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Two gates, one of each form; two lengths, neither a multiple of a block.
    static TrainingPlan plan(int steps) {
        return new TrainingPlan(List.of(GateRecipeSpec.parse("one:block=16,width=16", 16, 0.01),
                GateRecipeSpec.parse("two:block=32,width=8,loss=mse,type=Qavg_Kmaxmin", 16, 0.01)),
                List.of(150, 90), steps, 2, 5, 1, 0.01, 11);
    }

    static SequenceSource source() {
        return new SequenceSource() {
            @Override
            public TrainingSequence sequence(long index, int length) {
                return TrainingSequence.text(new SplittableRandom(index).ints(length, 1, VOCABULARY).toArray());
            }

            @Override
            public String label() {
                return "random tokens";
            }
        };
    }
}
