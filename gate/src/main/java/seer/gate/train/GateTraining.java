package seer.gate.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import seer.model.LanguageModel;
import seer.model.Session;
import seer.model.backend.NotFiniteException;

/// The course of a training: sequences, steps, checkpoints.
public final class GateTraining {
    private final LanguageModel model;
    private final TrainingPlan plan;
    private final SequenceSource source;
    private final TrainingFolder folder;
    private final List<GateParameters> gates;
    private final Checkpoint checkpoint;
    private final Map<String, String> settings;
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
        this.checkpoint = new Checkpoint(folder.checkpoint());
        this.settings = plan.settings(model.sha256(), data);
    }

    /// Trains to the end.
    ///
    /// @param resume          whether to go on from the folder's checkpoint, where there is one; without it there must
    ///                        be none
    /// @param checkpointEvery steps between checkpoints
    /// @param each            told of every step
    /// @return the trained gates
    /// @throws FolderInUseException if another training is at work in the folder
    /// @throws NotFiniteException   if the training diverges: nothing of that is written, and the last checkpoint stays
    public TrainedGates run(boolean resume, int checkpointEvery, Consumer<StepReport> each) {
        try (var _ = TrainingLock.of(folder)) {
            if (!resume && folder.hasCheckpoint()) {
                throw new IllegalStateException(folder.checkpoint() + " is there: go on from it, or train in another "
                        + "folder");
            }
            int start = folder.hasCheckpoint() ? checkpoint.read(gates, settings) : 0;
            try (var session = model.session(plan.longest(), plan.longest());
                    var learner = new GateLearner(model.config(), gates, threads);
                    var metrics = MetricsFile.open(folder.metrics(), plan, start)) {
                steps(start, checkpointEvery, new Work(session, learner, metrics), each);
                return new TrainedGates(model, plan, source.label(), gates, metrics.rows());
            }
        }
    }

    /// What the steps of a run work with.
    private record Work(Session session, GateLearner learner, MetricsFile metrics) { }

    private void steps(int start, int checkpointEvery, Work work, Consumer<StepReport> each) {
        var optimiser = new AdamW(plan.clip(), plan.decay());
        var schedule = new LearningRate(plan.warmUp(), plan.steps());
        long index = (long) start * plan.batch();
        var next = fetch(index);
        for (int step = start; step < plan.steps(); step++) {
            long began = System.nanoTime();
            var sums = new double[plan.gates().size()][2];
            long tokens = 0;
            TrainingSequence sequence = null;
            work.learner().clear();
            for (int b = 0; b < plan.batch(); b++) {
                sequence = next.join();
                next = fetch(++index);
                tokens += sequence.length();
                add(work.learner().read(work.session(), sequence, 1.0 / plan.batch()), sums);
            }
            var report = new StepReport(step + 1, schedule.at(step), tokens, (System.nanoTime() - began) * 1e-9,
                    change(optimiser, step, schedule.at(step), sums));
            boolean last = step + 1 == plan.steps();
            if (last) {
                prove(work, sequence);
            }
            work.metrics().add(report);
            if (last || (step + 1) % checkpointEvery == 0) {
                work.metrics().force();
                checkpoint.write(step + 1, gates, settings, source.label());
            }
            each.accept(report);
        }
    }

    /// Changes the weights of all gates once.
    private List<StepReport.Gate> change(AdamW optimiser, int step, double rate, double[][] sums) {
        var reports = new ArrayList<StepReport.Gate>();
        for (int g = 0; g < gates.size(); g++) {
            double loss = sums[g][0] / plan.batch();
            double divergence = sums[g][1] / plan.batch();
            requireFinite(g, step, loss, divergence);
            try {
                double norm = optimiser.step(gates.get(g).all(), rate * plan.gates().get(g).rate(), step);
                reports.add(new StepReport.Gate(loss, divergence, norm));
            } catch (NotFiniteException e) {
                throw diverged(g, step, e.getMessage());
            }
        }
        return reports;
    }

    /// Reads the last sequence once more: the weights that the last step left have to give a loss too, before they pass
    /// as finished.
    private void prove(Work work, TrainingSequence sequence) {
        work.learner().clear();
        var results = work.learner().read(work.session(), sequence, 1);
        for (int g = 0; g < gates.size(); g++) {
            requireFinite(g, plan.steps() - 1, results.get(g).loss(), results.get(g).divergence());
        }
    }

    private void requireFinite(int gate, int step, double loss, double divergence) {
        if (!Double.isFinite(loss) || !Double.isFinite(divergence)) {
            throw diverged(gate, step, "its loss is " + loss + " and its divergence " + divergence
                    + ", wanted finite numbers");
        }
    }

    private NotFiniteException diverged(int gate, int step, String what) {
        return new NotFiniteException("gate " + plan.gates().get(gate).name() + ", step " + (step + 1) + " of "
                + plan.steps() + ": " + what + ": the training has diverged, and no gate is written; lower the "
                + "learning rate, clip gradients to a smaller norm or warm up longer");
    }

    /// Steps that a run which goes on finds made.
    ///
    /// @throws seer.model.load.MalformedModelException if the checkpoint is broken
    public int stepsMade() {
        return folder.hasCheckpoint() ? checkpoint.state().step() : 0;
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
