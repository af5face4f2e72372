package seer.gate.tune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import seer.gate.AttnGate;
import seer.gate.course.AdamW;
import seer.gate.course.CheckpointFile;
import seer.gate.course.LearningRate;
import seer.gate.course.MetricsFile;
import seer.gate.course.MetricsReader;
import seer.gate.course.Parameter;
import seer.gate.course.SequenceSource;
import seer.gate.course.SequencesAhead;
import seer.gate.course.TrainingFolder;
import seer.gate.course.TrainingLock;
import seer.gate.train.GatesBeside;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.LayerObserver;
import seer.model.LearningSession;
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
    private final GatesBeside beside; // null where no gates learn
    private final LearningSession session;
    private final TunedWeights weights;
    private final Map<String, float[]> slopes; // of the model's weights, by name
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
        this.session = model.learn(plan.longest(), plan.part()::trains);
        this.weights = TunedWeights.of(plan.part(), model, session.shapes(), plan.seed());
        this.slopes = TunedWeights.zeros(session.shapes());
        this.beside = plan.trainsGates() ? new GatesBeside(gate, model.config(), threads) : null;
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
                start = checkpoint.read(named(), settings, FineTuning::planned, OWNERS);
            }
            use();
            try (var metrics = MetricsFile.open(folder.metrics(), TuningReport.columns(plan), plan.steps(), start)) {
                steps(start, checkpointEvery, metrics, each);
                return new TunedModel(model, plan, source.label(), weights.values(), gate,
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
            int made = checkpoint.read(named(), settings, FineTuning::planned, OWNERS);
            use();
            var history = MetricsReader.read(folder.metrics(), TuningReport.columns(plan), plan.steps(), made).stream()
                    .map(line -> TuningReport.of(line.row())).toList();
            return new TunedModel(model, plan, source.label(), weights.values(), gate, history);
        }
    }

    private void steps(int start, int checkpointEvery, MetricsFile metrics, Consumer<TuningReport> each) {
        var optimiser = new AdamW(plan.clip(), plan.decay());
        var schedule = new LearningRate(plan.warmUp(), plan.steps());
        var sequences = new SequencesAhead(source, plan::length, plan.sequences());
        for (int step = start; step < plan.steps(); step++) {
            TuningReport report;
            try {
                report = step(step, optimiser, schedule.at(step), sequences);
                if (step + 1 == plan.steps()) {
                    prove(sequences);
                }
            } catch (NotFiniteException e) {
                throw new NotFiniteException("step " + (step + 1) + " of " + plan.steps() + ": " + e.getMessage()
                        + ": the training has diverged, and no model is written; lower the learning rate, clip "
                        + "gradients to a smaller norm or warm up longer");
            }
            metrics.add(report.row());
            if (step + 1 == plan.steps() || (step + 1) % checkpointEvery == 0) {
                metrics.force();
                checkpoint.write(step + 1, named(), settings, source.label());
            }
            each.accept(report);
        }
    }

    private TuningReport step(int step, AdamW optimiser, double rate, SequencesAhead sequences) {
        long began = System.nanoTime();
        double share = 1.0 / plan.batch();
        var selector = selector(step);
        double loss = 0;
        double density = 0;
        double gateLoss = 0;
        double divergence = 0;
        long tokens = 0;
        for (long index = (long) step * plan.batch(); index < (step + 1L) * plan.batch(); index++) {
            var sequence = sequences.take(index);
            var observer = beside == null ? LayerObserver.NONE : beside.watching(sequence, share * plan.gates());
            var lesson = session.learn(sequence.tokens(), selector, share, observer);
            loss += lesson.nats() * share;
            density += lesson.density() * share;
            tokens += sequence.length();
            if (beside != null) {
                var learned = beside.loss();
                gateLoss += learned.loss() * share;
                divergence += learned.divergence() * share;
            }
        }
        double norm = change(optimiser, rate, step);
        return new TuningReport(step + 1, rate, tokens, (System.nanoTime() - began) * 1e-9, loss, density, norm,
                beside == null ? null : new TuningReport.Gates(gateLoss, divergence));
    }

    /// Changes all weights once, clipped together.
    ///
    /// @param rate share of the highest
    /// @return the gradient's norm
    private double change(AdamW optimiser, double rate, int step) {
        session.takeGradients(slopes);
        var parameters = new ArrayList<>(weights.parameters());
        var gradients = new ArrayList<>(weights.gradients(slopes));
        int ofModel = parameters.size();
        if (beside != null) {
            parameters.addAll(beside.parameters());
            gradients.addAll(beside.takeGradient());
        }
        double norm = optimiser.step(parameters, gradients,
                each -> rate * (each < ofModel ? plan.rates().model() : plan.rates().gates()), step);
        use();
        return norm;
    }

    /// Computes with the weights as they are now.
    private void use() {
        session.load(weights.values());
        if (beside != null) {
            beside.use();
        }
    }

    private BlockSelector selector(int step) {
        return plan.density() == null ? BlockSelector.dense() : gate.density(plan.density().at(step, plan.steps()));
    }

    /// Reads the last sequence once more: the weights that the last step left have to give a loss too.
    private void prove(SequencesAhead sequences) {
        session.learn(sequences.take(plan.sequences() - 1).tokens(), selector(plan.steps() - 1), 0, LayerObserver.NONE);
    }

    private Map<String, Parameter> named() {
        var named = new LinkedHashMap<String, Parameter>();
        weights.parameters().forEach(parameter -> named.put("model/" + parameter.name(), parameter));
        if (beside != null) {
            beside.parameters().forEach(parameter -> named.put("gate/" + parameter.name(), parameter));
        }
        return named;
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
        return named().values().stream().mapToLong(parameter -> parameter.value().length).sum();
    }

    @Override
    public void close() {
        session.close();
        if (beside != null) {
            beside.close();
        }
    }
}
