package seer.model.backend.tornado;

import seer.kernels.layer.TokenScore;
import seer.kernels.layer.TokenSlope;
import seer.model.backend.TokenScores;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.Operation;
import seer.model.backend.tornado.device.Place;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What travels between host and device for each token: ids or targets there, likelihoods and best tokens back. One set
/// for all operations of the forward pass, since they run one after the other, and a longer one for the way back.
final class TokenBuffers {
    /// Tokens that travel at once.
    static final int BATCH = 2048;

    /// The same on the way back, where whole texts pass.
    static final int LONG = 1 << 14;

    private final int batch;
    private final IntArray ids; // tokens, or targets
    private final FloatArray negative;
    private final IntArray best;

    /// @param batch tokens that travel at once
    TokenBuffers(int batch) {
        this.batch = batch;
        ids = new IntArray(batch);
        negative = new FloatArray(batch);
        best = new IntArray(batch);
    }

    int batch() {
        return batch;
    }

    /// What is sent.
    IntArray ids() {
        return ids;
    }

    /// Says what the next run sends.
    void fill(int[] tokens, int from, int count) {
        for (int t = 0; t < count; t++) {
            ids.set(t, tokens[from + t]);
        }
    }

    /// Adds the scoring of logits against the ids.
    Operation addScoring(Operation operation) {
        return operation.sends(ids).fetches(negative, best)
                .step((graph, id, step) -> graph.task(id, TokenScore::grouped, new KernelContext(), step.floats(2),
                        ids, negative, best, step.p()));
    }

    static void setScoring(Step step, int rows, int outputs, Place logits) {
        step.put(0, rows).put(1, outputs).put(2, logits).put(3, 0).groups(rows, 1, 1, TokenScore.GROUP);
    }

    /// Scores logits of rows `row ...`, then turns them into the slopes of their likelihoods, `weight` times.
    void slopes(Device device, int[] targets, int row, int rows, int outputs, Place logits, double weight) {
        Operation slopes = device.operation("score slopes", () -> addScoring(new Operation("score slopes"))
                .scaled((graph, id, step) -> graph.task(id, TokenSlope::grouped, new KernelContext(), step.floats(2),
                        ids, step.p(), step.f())));
        fill(targets, row, rows);
        setScoring(slopes.step(0), rows, outputs, logits);
        slopes.step(1).put(0, rows).put(1, outputs).put(2, logits).floats(weight, 0)
                .groups(rows, 1, 1, TokenSlope.GROUP);
        device.run(slopes);
    }

    /// Takes what came back for rows `row ...`.
    void collect(TokenScores scores, int row, int rows, int[] targets) {
        for (int t = 0; t < rows; t++) {
            scores.negativeLogLikelihood()[row + t] = targets[row + t] < 0 ? Float.NaN : negative.get(t);
            scores.best()[row + t] = best.get(t);
        }
    }
}
