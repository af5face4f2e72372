package seer.spark;

import java.util.List;
import java.util.stream.LongStream;
import seer.gate.train.GateParameters;
import seer.gate.train.GradientBatch;
import seer.gate.train.Gradients;
import seer.gate.course.MixedSequences;
import seer.run.cluster.TrainingJob;

/// What an executor keeps of a training: its session and its pool of threads, and a place for the weights of each step.
/// On the engine's thread alone.
final class GradientWorker implements AutoCloseable {
    private final List<GateParameters> weights;
    private final GradientBatch batch;

    GradientWorker(OpenModel model, TrainingJob job) {
        var open = model.model();
        var plan = job.plan();
        var source = MixedSequences.of(job.corpus(), open.tokenizer(), job.retrieval(), job.families(), plan.seed());
        this.weights = GateParameters.first(plan, open.config());
        this.batch = new GradientBatch(open, plan, source, Slots.cores());
    }

    Gradients of(List<List<float[]>> values, LongStream sequences) {
        for (int g = 0; g < weights.size(); g++) {
            var own = weights.get(g).values();
            for (int t = 0; t < own.size(); t++) {
                System.arraycopy(values.get(g).get(t), 0, own.get(t), 0, own.get(t).length);
            }
        }
        return batch.of(weights, sequences);
    }

    @Override
    public void close() {
        batch.close();
    }
}
