package seer.gate.tune;

import java.util.Map;
import java.util.function.Consumer;
import seer.gate.AttnGate;
import seer.gate.course.CheckpointFile;
import seer.gate.course.LearningRate;
import seer.gate.course.MetricsFile;
import seer.gate.course.MetricsReader;
import seer.gate.course.Parameter;
import seer.gate.course.SequenceSource;
import seer.gate.course.SequencesAhead;
import seer.gate.course.TrainingFolder;
import seer.gate.course.TrainingLock;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.backend.NotFiniteException;

/// The course of fine-tuning a model: sequences, steps, checkpoints.
///
/// The model computes with the weights as they change, until it is closed: whoever wants the old ones opens it again.
public final class FineTuning implements AutoCloseable {
    private static final String FORMAT = "seer-fine-tuning-1";
    private static final String OWNERS = "weight that this training changes, wanted those";

    private final LanguageModel model;
    private final TuningPlan plan;
    private final SequenceSource source;
    private final TrainingFolder folder;
    private final AttnGate gate; // null for dense attention
    private final TuningStep learner;
    private final CheckpointFile checkpoint;
    private final Map<String, String> settings;

    /// @param model   of the shape that it is to have: stretched already, where it is to be
    /// @param gate    that chooses blocks; null where the plan says dense
    /// @param data    hash of the training data
    /// @param folder  where the checkpoint and the metrics go
    /// @param threads host threads for the gates' own step
    /// @throws IllegalArgumentException if a sequence is longer than the model's context
    public FineTuning(LanguageModel model, TuningPlan plan, AttnGate gate, SequenceSource source, String data,
                      TrainingFolder folder, int threads) {
        this.model = model;
        this.plan = plan;
        this.gate = gate;
        this.source = source;
        this.folder = folder;
        this.learner = new TuningStep(model, plan, gate, threads);
        this.checkpoint = new CheckpointFile(folder.checkpoint(), FORMAT);
        this.settings = plan.settings(model.sha256(), gate == null ? "" : gate.fingerprint(), data);
    }

    /// Trains to the end.
    ///
    /// @param resume          whether to go on from the folder's checkpoint, where there is one; without it there must
    ///                        be none
    /// @param checkpointEvery steps between checkpoints
    /// @param each            told of every step
    /// @throws seer.gate.course.FolderInUseException if another training is at work in the folder
    /// @throws NotFiniteException if the training diverges: nothing of that is written, and the last checkpoint stays
    public TunedModel run(boolean resume, int checkpointEvery, Consumer<TuningReport> each) {
        try (var _ = TrainingLock.of(folder)) {
            if (!resume && folder.hasCheckpoint()) {
                throw new IllegalStateException(folder.checkpoint() + " is there: go on from it, or train in another "
                        + "folder");
            }
            int start = 0;
            if (folder.hasCheckpoint()) {
                start = checkpoint.read(learner.named(), settings, FineTuning::planned, OWNERS);
                learner.use();
            }
            try (var metrics = MetricsFile.open(folder.metrics(), TuningReport.columns(plan), plan.steps(), start)) {
                steps(start, checkpointEvery, metrics, each);
                return new TunedModel(model, plan, source.label(), learner.values(), gate,
                        metrics.rows().stream().map(TuningReport::of).toList());
            }
        }
    }

    /// The model of the folder's checkpoint, as it stands: of a training that was cut short too.
    ///
    /// @throws seer.model.load.MalformedModelException if there is none, it is broken, or of other settings
    /// @throws seer.gate.course.FolderInUseException   if a training is at work in the folder
    public TunedModel ofCheckpoint() {
        try (var _ = TrainingLock.of(folder)) {
            int made = checkpoint.read(learner.named(), settings, FineTuning::planned, OWNERS);
            learner.use();
            var history = MetricsReader.read(folder.metrics(), TuningReport.columns(plan), plan.steps(), made).stream()
                    .map(line -> TuningReport.of(line.row())).toList();
            return new TunedModel(model, plan, source.label(), learner.values(), gate, history);
        }
    }

    private void steps(int start, int checkpointEvery, MetricsFile metrics, Consumer<TuningReport> each) {
        var schedule = new LearningRate(plan.warmUp(), plan.steps());
        var sequences = new SequencesAhead(source, plan::length, plan.sequences());
        for (int step = start; step < plan.steps(); step++) {
            boolean due = step + 1 == plan.steps() || (step + 1) % checkpointEvery == 0;
            TuningReport report;
            Map<String, Parameter> learned = null;
            try {
                report = learner.make(step, schedule.at(step), selector(step), sequences);
                if (step + 1 == plan.steps()) {
                    learner.prove(sequences, selector(step));
                }
                if (due) {
                    learned = learner.named();
                }
            } catch (NotFiniteException e) {
                throw new NotFiniteException("step " + (step + 1) + " of " + plan.steps() + ": " + e.getMessage()
                        + ": the training has diverged, and no model is written; lower the learning rate, clip "
                        + "gradients to a smaller norm or warm up longer");
            }
            metrics.add(report.row());
            if (due) {
                metrics.force();
                checkpoint.write(step + 1, learned, settings, source.label());
            }
            each.accept(report);
        }
    }

    private BlockSelector selector(int step) {
        return plan.density() == null ? BlockSelector.dense() : gate.density(plan.density().at(step, plan.steps()));
    }

    private static int planned(Map<String, String> settings) {
        String steps = settings.getOrDefault("steps", "");
        if (!steps.matches("[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException("steps is \"" + steps + "\", wanted a number of at least 1");
        }
        return Integer.parseInt(steps);
    }

    /// Steps that a run which goes on finds made.
    ///
    /// @throws seer.model.load.MalformedModelException if the checkpoint is broken
    public int stepsMade() {
        return folder.hasCheckpoint() ? checkpoint.state(FineTuning::planned).step() : 0;
    }

    /// Learned numbers of the model and of the gates together.
    public long parameters() {
        return learner.size();
    }

    @Override
    public void close() {
        learner.close();
    }
}
