package seer.gate.tune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.gate.AttnGate;
import seer.gate.course.AdamW;
import seer.gate.course.Parameter;
import seer.gate.course.SequencesAhead;
import seer.gate.train.GatesBeside;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.LayerObserver;
import seer.model.LearningSession;

/// One step of fine-tuning: the sequences of a batch forward and back, then one change of all that learns.
final class TuningStep implements AutoCloseable {
    private final TuningPlan plan;
    private final AdamW optimiser;
    private final GatesBeside beside; // null where no gates learn
    private final LearningSession session;
    private final TunedWeights weights;

    /// @param gate    that chooses blocks, and learns where the plan says so; null for dense attention
    /// @param threads host threads for the gates' own step
    TuningStep(LanguageModel model, TuningPlan plan, AttnGate gate, int threads) {
        this.plan = plan;
        this.optimiser = new AdamW(plan.clip(), plan.decay());
        this.session = model.learn(plan.longest(), plan.part()::trains);
        this.weights = TunedWeights.of(plan.part(), model, session, plan.seed());
        this.beside = plan.trainsGates() ? new GatesBeside(gate, model.config(), threads) : null;
    }

    /// @param step steps made before it
    /// @param rate share of the highest learning rates
    TuningReport make(int step, double rate, BlockSelector selector, SequencesAhead sequences) {
        long began = System.nanoTime();
        double share = 1.0 / plan.batch();
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
        double norm = change(rate, step);
        return new TuningReport(step + 1, rate, tokens, (System.nanoTime() - began) * 1e-9, loss, density, norm,
                beside == null ? null : new TuningReport.Gates(gateLoss, divergence));
    }

    /// Changes all weights once, clipped together.
    ///
    /// @return the gradient's norm
    private double change(double rate, int step) {
        List<float[]> ofGates = beside == null ? List.of() : beside.takeGradient();
        double norm = AdamW.norm(weights.squares() + AdamW.squares(ofGates));
        weights.change(optimiser.change(norm, rate * plan.rates().model(), step));
        if (beside != null) {
            AdamW.change(beside.parameters(), ofGates, optimiser.change(norm, rate * plan.rates().gates(), step));
            beside.use();
        }
        return norm;
    }

    /// Goes on from what the arrays of [#named()] were made to hold.
    void use() {
        weights.use();
        if (beside != null) {
            beside.use();
        }
    }

    /// Reads the last sequence once more: the weights that the last step left have to give a loss too.
    void prove(SequencesAhead sequences, BlockSelector selector) {
        session.learn(sequences.take(plan.sequences() - 1).tokens(), selector, 0, LayerObserver.NONE);
    }

    /// Number of learned numbers.
    long size() {
        return weights.size() + (beside == null ? 0
                : beside.parameters().stream().mapToLong(parameter -> parameter.value().length).sum());
    }

    /// All that learns, with what the optimiser keeps beside it, by its name in a checkpoint.
    Map<String, Parameter> named() {
        var named = new LinkedHashMap<String, Parameter>();
        weights.parameters().forEach(parameter -> named.put("model/" + parameter.name(), parameter));
        if (beside != null) {
            beside.parameters().forEach(parameter -> named.put("gate/" + parameter.name(), parameter));
        }
        return named;
    }

    /// The model's weights that change, by name.
    Map<String, float[]> values() {
        return weights.values();
    }

    @Override
    public void close() {
        session.close();
        if (beside != null) {
            beside.close();
        }
    }
}
