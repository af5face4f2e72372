package seer.gate.train;

import java.util.List;
import seer.gate.course.AdamW;
import seer.gate.course.TrainingSequence;
import seer.model.LanguageModel;
import seer.model.Session;

/// Whole training steps of one sequence each, on throw-away weights, for timing.
public final class StepTimer implements AutoCloseable {
    private final List<GateParameters> gates;
    private final GateLearner learner;
    private final AdamW optimiser;
    private long steps;
    private long before;

    /// @param threads host threads for the gates' own step
    public StepTimer(LanguageModel model, TrainingPlan plan, int threads) {
        this.gates = GateParameters.first(plan, model.config());
        this.learner = new GateLearner(model.config(), plan.gates(), threads);
        this.optimiser = new AdamW(plan.clip(), plan.decay());
    }

    /// Forward, target, gradient and optimiser, whose rate is 0: what it does costs the same, and nothing can diverge.
    public void step(Session session, TrainingSequence sequence) {
        before = learner.gateNanos();
        var gradients = gates.stream().map(GateParameters::zeros).toList();
        learner.losses(learner.read(session, gates, sequence, 1, gradients));
        for (int g = 0; g < gates.size(); g++) {
            optimiser.step(gates.get(g).all(), gradients.get(g), 0, steps);
        }
        steps++;
    }

    /// Seconds of the last step that host threads spent in losses and gradients, summed over the threads.
    public double gateSeconds() {
        return (learner.gateNanos() - before) * 1e-9;
    }

    @Override
    public void close() {
        learner.close();
    }
}
