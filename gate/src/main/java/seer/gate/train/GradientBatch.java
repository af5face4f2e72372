package seer.gate.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import seer.gate.course.SequenceSource;
import seer.gate.course.SequencesAhead;
import seer.model.LanguageModel;
import seer.model.Session;

/// A step's gradient as a function: of the gates' weights and the indices of sequences, nothing else. It remembers
/// nothing of an earlier call, so that one process may read a whole batch, or several a part each, whose gradients
/// are then added ([Gradients#plus]).
///
/// Sequences are the same wherever their index is asked for, and one after the other is added; a batch that was read
/// in parts differs from a whole one only in how sums are rounded.
public final class GradientBatch implements GradientSource {
    private final TrainingPlan plan;
    private final SequencesAhead sequences;
    private final Session session;
    private final GateLearner learner;

    /// @param threads host threads for the gates' own step
    public GradientBatch(LanguageModel model, TrainingPlan plan, SequenceSource source, int threads) {
        this.plan = plan;
        this.sequences = new SequencesAhead(source, plan::length, (long) plan.steps() * plan.batch());
        this.session = model.session(plan.longest(), plan.longest());
        this.learner = new GateLearner(model.config(), plan.gates(), threads);
    }

    @Override
    public Gradients of(List<GateParameters> weights, LongStream indices) {
        var tensors = weights.stream().map(GateParameters::zeros).toList();
        var readings = new ArrayList<GateLearner.Reading>();
        long tokens = 0;
        long[] own = indices.toArray();
        var phase = Phase.begin();
        for (int i = 0; i < own.length; i++) {
            // After the last comes the first of the next step: the same place of its batch.
            var sequence = sequences.take(own[i], i + 1 < own.length ? own[i + 1] : own[0] + plan.batch());
            phase.end("sequence made", own[i]);
            readings.add(learner.read(session, weights, sequence, 1.0 / plan.batch(), tensors));
            phase.end("sequence read", own[i]);
            tokens += sequence.length();
        }
        var losses = new ArrayList<>(Collections.nCopies(weights.size(), Gradients.Loss.NONE));
        for (var reading : readings) {
            var read = learner.losses(reading);
            for (int g = 0; g < losses.size(); g++) {
                losses.set(g, losses.get(g).plus(read.get(g)));
            }
        }
        phase.end("gates awaited", own);
        return new Gradients(tensors, losses, own.length, tokens);
    }

    @Override
    public void close() {
        learner.close();
        session.close();
    }
}
