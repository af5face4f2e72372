package seer.run.cluster;

import java.util.List;
import java.util.stream.LongStream;
import seer.gate.course.MixedSequences;
import seer.gate.train.GateParameters;
import seer.gate.train.GradientBatch;
import seer.gate.train.Gradients;
import seer.gate.train.PackedTensors;
import seer.gate.train.Phase;
import seer.model.LanguageModel;

/// What a process keeps of a training: its session and its pool of threads, and a place for the weights of each step.
/// On the model's thread alone.
public final class GradientWorker implements AutoCloseable {
    private final List<GateParameters> weights;
    private final GradientBatch batch;

    /// @param threads for the gates' own step
    public GradientWorker(LanguageModel model, TrainingJob job, int threads) {
        var plan = job.plan();
        var source = MixedSequences.of(job.corpus(), model.tokenizer(), job.retrieval(), job.families(), plan.seed());
        this.weights = GateParameters.first(plan, model.config());
        this.batch = new GradientBatch(model, plan, source, threads);
    }

    /// Gradients of some sequences.
    ///
    /// @param values weights of the gates, in the plan's order
    public Gradients of(PackedTensors values, LongStream sequences) {
        var phase = Phase.begin();
        values.copyTo(weights);
        phase.end("weights taken");
        return batch.of(weights, sequences);
    }

    @Override
    public void close() {
        batch.close();
    }
}
