package seer.gate.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import seer.gate.AttnGate;
import seer.gate.AttnGateWriter;
import seer.gate.course.AdamW;
import seer.gate.course.FolderInUseException;
import seer.gate.course.LearningRate;
import seer.gate.course.MetricsFile;
import seer.gate.course.Parameter;
import seer.gate.course.SequenceSource;
import seer.gate.course.TrainingFolder;
import seer.gate.course.TrainingLock;
import seer.model.LanguageModel;
import seer.model.backend.NotFiniteException;

/// The course of a training: sequences, steps, checkpoints.
public final class GateTraining {
    private final LanguageModel model;
    private final TrainingPlan plan;
    private String label; // of the sequences
    private final TrainingFolder folder;
    private final List<GateParameters> gates;
    private final Checkpoint checkpoint;
    private final Map<String, String> settings;
    private final Supplier<? extends GradientSource> gradients;

    /// @param data    hash of the training data
    /// @param folder  where the checkpoint and the metrics go
    /// @param threads host threads for the gates' own step
    public GateTraining(LanguageModel model, TrainingPlan plan, SequenceSource source, String data,
                        TrainingFolder folder, int threads) {
        this(model, plan, source.label(), data, folder, () -> new GradientBatch(model, plan, source, threads));
    }

    /// A training whose gradients are computed elsewhere.
    ///
    /// @param label     what the sequences are drawn from, in words
    /// @param data      hash of the training data
    /// @param folder    where the checkpoint and the metrics go
    /// @param gradients opened when the training begins, and closed with it
    public GateTraining(LanguageModel model, TrainingPlan plan, String label, String data, TrainingFolder folder,
                        Supplier<? extends GradientSource> gradients) {
        if (plan.longest() > model.config().contextLength()) {
            throw new IllegalArgumentException("length is " + plan.longest() + ", the model's context is "
                    + model.config().contextLength() + " tokens");
        }
        this.model = model;
        this.plan = plan;
        this.label = label;
        this.folder = folder;
        this.gradients = gradients;
        this.gates = GateParameters.first(plan, model.config());
        this.checkpoint = new Checkpoint(folder.checkpoint());
        this.settings = plan.settings(model.sha256(), data);
    }

    /// Begins with an adapter's weights, in place of random ones: all gates of the plan have to have its shape.
    ///
    /// @param name of the adapter, for whoever reads where the gates come from
    /// @throws IllegalArgumentException if a gate has another shape
    public GateTraining from(AttnGate gate, String name) {
        var values = gate.weights().stream().collect(Collectors.toMap(AttnGateWriter.Weights::name,
                AttnGateWriter.Weights::values));
        for (GateParameters each : gates) {
            for (Parameter parameter : each.all()) {
                float[] first = values.get(parameter.name());
                if (first == null || first.length != parameter.value().length) {
                    throw new IllegalArgumentException("gate " + each.layout().recipe().name() + " has other weights "
                            + "than " + name + ", wanted its shape to begin with: " + gate.config().type() + ", width "
                            + gate.config().width());
                }
                System.arraycopy(first, 0, parameter.value(), 0, first.length);
            }
        }
        settings.put("from", gate.fingerprint());
        label += "; begun with the weights of " + name;
        return this;
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
            try (var batch = gradients.get();
                    var metrics = MetricsFile.open(folder.metrics(), StepReport.columns(plan.gates()), plan.steps(),
                            start)) {
                steps(start, checkpointEvery, batch, metrics, each);
                return new TrainedGates(model, plan, label, gates,
                        metrics.rows().stream().map(StepReport::of).toList());
            }
        }
    }

    private void steps(int start, int checkpointEvery, GradientSource batch, MetricsFile metrics,
                       Consumer<StepReport> each) {
        var optimiser = new AdamW(plan.clip(), plan.decay());
        var schedule = new LearningRate(plan.warmUp(), plan.steps());
        for (int step = start; step < plan.steps(); step++) {
            long began = System.nanoTime();
            var phase = Phase.begin();
            var gradients = batch.of(gates, plan.indices(step));
            phase.end("gradients", plan.indices(step).toArray());
            var report = new StepReport(step + 1, schedule.at(step), gradients.tokens(),
                    (System.nanoTime() - began) * 1e-9, change(optimiser, step, schedule.at(step), gradients));
            phase.end("weights changed", plan.indices(step).toArray());
            boolean last = step + 1 == plan.steps();
            if (last) {
                prove(batch);
            }
            metrics.add(report.row());
            if (last || (step + 1) % checkpointEvery == 0) {
                metrics.force();
                checkpoint.write(step + 1, gates, settings, label);
            }
            each.accept(report);
        }
    }

    /// Changes the weights of all gates once.
    private List<StepReport.Gate> change(AdamW optimiser, int step, double rate, Gradients gradients) {
        var reports = new ArrayList<StepReport.Gate>();
        for (int g = 0; g < gates.size(); g++) {
            double loss = gradients.losses().get(g).loss() / gradients.sequences();
            double divergence = gradients.losses().get(g).divergence() / gradients.sequences();
            requireFinite(g, step, loss, divergence);
            try {
                double norm = optimiser.step(gates.get(g).all(), gradients.tensors().get(g),
                        rate * plan.gates().get(g).rate(), step);
                reports.add(new StepReport.Gate(loss, divergence, norm));
            } catch (NotFiniteException e) {
                throw diverged(g, step, e.getMessage());
            }
        }
        return reports;
    }

    /// Reads the last sequence once more: the weights that the last step left have to give a loss too, before they pass
    /// as finished.
    private void prove(GradientSource batch) {
        int last = plan.steps() - 1;
        var losses = batch.of(gates, plan.indices(last).skip(plan.batch() - 1)).losses();
        for (int g = 0; g < gates.size(); g++) {
            requireFinite(g, last, losses.get(g).loss(), losses.get(g).divergence());
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
}
