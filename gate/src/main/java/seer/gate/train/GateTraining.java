package seer.gate.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import seer.model.LanguageModel;

/// The course of a training: sequences, steps, checkpoints.
public final class GateTraining {
    private final LanguageModel model;
    private final TrainingPlan plan;
    private final SequenceSource source;
    private final TrainingFolder folder;
    private final List<GateParameters> gates;
    private final Checkpoint checkpoint;
    private final int threads;

    /// @param data    hash of the training data
    /// @param folder  where the checkpoint and the metrics go
    /// @param threads host threads for the gates' own step
    public GateTraining(LanguageModel model, TrainingPlan plan, SequenceSource source, String data,
                        TrainingFolder folder, int threads) {
        if (plan.longest() > model.config().contextLength()) {
            throw new IllegalArgumentException("length is " + plan.longest() + ", the model's context is "
                    + model.config().contextLength() + " tokens");
        }
        this.model = model;
        this.plan = plan;
        this.source = source;
        this.folder = folder;
        this.threads = threads;
        this.gates = plan.gates().stream()
                .map(recipe -> GateParameters.random(GateLayout.of(recipe, model.config()), plan.seed())).toList();
        this.checkpoint = new Checkpoint(folder.checkpoint(), plan.settings(model.sha256(), data));
    }

    /// Trains to the end.
    ///
    /// @param resume          whether to go on from the folder's checkpoint, where there is one
    /// @param checkpointEvery steps between checkpoints
    /// @param each            told of every step
    /// @return the trained gates
    public TrainedGates run(boolean resume, int checkpointEvery, Consumer<StepReport> each) {
        int start = resume && folder.hasCheckpoint() ? checkpoint.read(gates) : 0;
        var optimiser = new AdamW(plan.clip(), plan.decay());
        var schedule = new LearningRate(plan.warmUp(), plan.steps());
        try (var session = model.session(plan.longest(), plan.longest());
                var learner = new GateLearner(model.config(), gates, threads);
                var metrics = MetricsFile.open(folder.metrics(), plan.gates(), start)) {
            long index = (long) start * plan.batch();
            var next = fetch(index);
            for (int step = start; step < plan.steps(); step++) {
                long began = System.nanoTime();
                var sums = new double[plan.gates().size()][2];
                long tokens = 0;
                learner.clear();
                for (int b = 0; b < plan.batch(); b++) {
                    TrainingSequence sequence = next.join();
                    next = fetch(++index);
                    tokens += sequence.length();
                    add(learner.read(session, sequence, 1.0 / plan.batch()), sums);
                }
                double rate = schedule.at(step);
                var reports = new ArrayList<StepReport.Gate>();
                for (int g = 0; g < gates.size(); g++) {
                    double norm = optimiser.step(gates.get(g).all(), rate * plan.gates().get(g).rate(), step);
                    reports.add(new StepReport.Gate(sums[g][0] / plan.batch(), sums[g][1] / plan.batch(), norm));
                }
                var report = new StepReport(step + 1, rate, tokens, (System.nanoTime() - began) * 1e-9, reports);
                metrics.add(report);
                if ((step + 1) % checkpointEvery == 0 || step + 1 == plan.steps()) {
                    checkpoint.write(step + 1, gates);
                }
                each.accept(report);
            }
            return new TrainedGates(model, plan, source.label(), gates, metrics.rows());
        }
    }

    /// Learned weights of all gates together.
    public long parameters() {
        return gates.stream().mapToLong(GateParameters::size).sum();
    }

    private CompletableFuture<TrainingSequence> fetch(long index) {
        if (index >= (long) plan.steps() * plan.batch()) {
            return CompletableFuture.completedFuture(TrainingSequence.text(new int[0]));
        }
        return CompletableFuture.supplyAsync(() -> source.sequence(index, plan.length(index)));
    }

    private static void add(List<GateLearner.Result> results, double[][] sums) {
        for (int g = 0; g < sums.length; g++) {
            sums[g][0] += results.get(g).loss();
            sums[g][1] += results.get(g).divergence();
        }
    }
}
