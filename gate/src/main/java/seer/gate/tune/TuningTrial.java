package seer.gate.tune;

import seer.gate.AttnGate;
import seer.gate.course.SequenceSource;
import seer.gate.course.SequencesAhead;
import seer.model.BlockSelector;
import seer.model.LanguageModel;

/// Steps as [FineTuning] makes them, for measuring: whole ones, with a learning rate of 0, so that the model stays as
/// it is and dense and sparse steps can alternate.
public final class TuningTrial implements AutoCloseable {
    private static final int ENDLESS = 1_000_000;

    private final TuningPlan plan;
    private final AttnGate gate;
    private final TuningStep learner;
    private final SequencesAhead sequences;
    private int made;

    /// @param plan its density is the sparse steps', its length the longest
    /// @param gate that chooses their blocks; null where only dense steps are wanted
    public TuningTrial(LanguageModel model, TuningPlan plan, AttnGate gate, SequenceSource source, int threads) {
        this.plan = plan;
        this.gate = gate;
        this.learner = new TuningStep(model, plan, gate, threads);
        this.sequences = new SequencesAhead(source, index -> plan.longest(), ENDLESS);
    }

    /// A step with all blocks.
    public TuningReport dense() {
        return make(BlockSelector.dense());
    }

    /// A step with the blocks that the gate chooses at the plan's last density.
    public TuningReport sparse() {
        return make(gate.density(plan.density().last()));
    }

    private TuningReport make(BlockSelector selector) {
        return learner.make(made++, 0, selector, sequences);
    }

    @Override
    public void close() {
        learner.close();
    }
}
