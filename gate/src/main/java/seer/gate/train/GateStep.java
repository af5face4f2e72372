package seer.gate.train;

import java.util.Arrays;
import seer.gate.train.Workspace.Slot;

/// Forward and backward of one gate in one layer for the heads of one key/value group: adds to the gradient, returns
/// the loss.
///
/// ```text
///   x[in][m] --W--> k[E][m] --turn--> k~ --q~.k~ / sqrt(E), best of a block--> s[i, j <= i] --RowLoss--> ds
///   dW += x (turn^T dk~)^T        dk~[., best of j] += ds[i, j] q~[., i]       (and q likewise)
/// ```
final class GateStep {
    /// Upstream's `gate_loss_scale`.
    static final double SCALE = 10;
    private static final int ROWS = 4;

    private final GateLayout layout;
    private final GateRecipe recipe;
    private final BlockFeatures features;
    private final BlockRotation rotation; // of queries
    private final BlockRotation keyRotation;
    private final Workspace space;
    private final int factor; // blocks of the features along one edge of a block of the gate
    private final int n;
    private final int fold; // vectors of keys to a block
    private final int m; // vectors of keys

    GateStep(GateLayout layout, BlockFeatures features, BlockRotation rotation, BlockRotation keyRotation,
             Workspace space) {
        this.layout = layout;
        this.recipe = layout.recipe();
        this.features = features;
        this.rotation = rotation;
        this.keyRotation = keyRotation;
        this.space = space;
        this.factor = recipe.block() / features.block();
        this.n = Math.ceilDiv(features.blocks(), factor);
        this.fold = recipe.block() / recipe.keyBlock();
        this.m = Math.ceilDiv(features.length(), recipe.keyBlock());
    }

    /// Sums over the kept rows of some heads.
    ///
    /// @param loss       scaled as upstream does: 10 times the mean over all elements of the kept rows, masked
    ///                   ones included, of all heads; rows that predict an answer count as the recipe weighs them;
    ///                   the heads' shares add up to the layer's loss
    /// @param divergence nats
    /// @param rows       kept rows
    record Sums(double loss, double divergence, long rows) { }

    /// @param answerRow the first row that predicts an answer
    /// @param weight    of this sequence in its batch
    Sums run(Slope key, Slope query, int group, int answerRow, double weight) {
        int width = recipe.width();
        int inputs = layout.keyInputs();
        int rows = n - recipe.dropped(n);
        double scale = SCALE / (layout.heads() * recipe.weights(n, answerRow) * n);
        var loss = new RowLoss(recipe.loss(), recipe.activation());
        float[][] x = space.rows(Slot.KEY_INPUT, inputs, m);
        features.keys(group, recipe.keyPooling(), recipe.keyBlock() / features.keyBlock(), x);
        for (int head = group * layout.share(); head < (group + 1) * layout.share(); head++) {
            int matrix = (query == null ? head : group) * inputs * width;
            float[][] k = space.rows(Slot.KEY, width, m);
            FloatLoops.project(key.value(), matrix, x, inputs, width, m, k);
            keyRotation.forward(k);
            float[][] q = queries(query, head);
            float[][] dk = space.zeros(Slot.KEY_GRADIENT, width, m);
            float[][] dq = query == null ? null : space.zeros(Slot.QUERY_GRADIENT, n, width);
            rows(head, q, k, dk, dq, loss, answerRow, (float) (scale * weight));
            back(dk, x, inputs, m, keyRotation, key.gradient(), matrix);
            if (query != null) {
                backQueries(query, head, dq);
            }
        }
        return new Sums(loss.total() * scale, loss.divergence(), (long) rows * layout.share());
    }

    /// Turned queries `[E][n]`, over the root of the width.
    private float[][] queries(Slope query, int head) {
        int width = recipe.width();
        float[][] q = space.rows(Slot.QUERY, width, n);
        if (query == null) {
            features.queries(head, recipe.queryPooling(), factor, q);
        } else {
            int inputs = layout.queryInputs();
            float[][] x = space.rows(Slot.QUERY_INPUT, inputs, n);
            features.queries(head, recipe.queryPooling(), factor, x);
            FloatLoops.project(query.value(), head * inputs * width, x, inputs, width, n, q);
        }
        rotation.forward(q);
        float root = root();
        for (int e = 0; e < width; e++) {
            for (int i = 0; i < n; i++) {
                q[e][i] *= root;
            }
        }
        return q;
    }

    /// Scores, loss and what flows back to turned keys `dk[E][n]` and queries `dq[n][E]`.
    private void rows(int head, float[][] q, float[][] k, float[][] dk, float[][] dq, RowLoss loss, int answerRow,
                      float scale) {
        int width = recipe.width();
        float[] target = features.target(recipe.target(), head, factor,
                factor == 1 ? null : space.floats(Slot.TARGET, n * n));
        float[][] keyRows = null;
        if (dq != null) {
            keyRows = space.rows(Slot.KEY_ROWS, m, width);
            FloatLoops.transpose(k, width, m, keyRows);
        }
        for (int first = recipe.dropped(n); first < n; first += ROWS) {
            int count = Math.min(ROWS, n - first);
            int seen = Math.min(m, (first + count) * fold);
            float[][] ds = space.zeros(Slot.GRADIENTS, ROWS, seen);
            for (int r = 0; r < count; r++) {
                int i = first + r;
                int vectors = Math.min(m, (i + 1) * fold);
                FloatLoops.scores(q, i, k, width, vectors, ds[r]);
                float[] scores = fold == 1 ? ds[r] : best(ds[r], vectors);
                loss.row(scores, i + 1, target, i * n, recipe.sink(), i < answerRow ? 1 : recipe.answers(), scale);
                if (fold > 1) {
                    spread(scores, i + 1, ds[r], vectors);
                }
                if (dq != null) {
                    FloatLoops.combine(ds[r], vectors, keyRows, width, dq[i]);
                }
            }
            // Rows beyond the last are zeros, whatever they are multiplied with.
            int second = Math.min(n - 1, first + 1);
            int third = Math.min(n - 1, first + 2);
            int fourth = Math.min(n - 1, first + 3);
            for (int e = 0; e < width; e++) {
                FloatLoops.add4(dk[e], seen, q[e][first], ds[0], q[e][second], ds[1], q[e][third], ds[2],
                        q[e][fourth], ds[3]);
            }
        }
    }

    /// The best score of each block; which of its vectors it is of goes to slot [Slot#BEST].
    private float[] best(float[] scores, int vectors) {
        float[] best = space.floats(Slot.SCORES, n);
        float[] of = space.floats(Slot.BEST, n);
        for (int j = 0; j * fold < vectors; j++) {
            int at = j * fold;
            for (int key = at + 1; key < Math.min(vectors, (j + 1) * fold); key++) {
                at = scores[key] > scores[at] ? key : at;
            }
            best[j] = scores[at];
            of[j] = at - j * fold; // at most 127
        }
        return best;
    }

    /// What flows back to the best of each block; nothing to the others.
    private void spread(float[] gradient, int blocks, float[] to, int vectors) {
        float[] of = space.floats(Slot.BEST, n);
        Arrays.fill(to, 0, vectors, 0);
        for (int j = 0; j < blocks; j++) {
            to[j * fold + (int) of[j]] = gradient[j];
        }
    }

    private void backQueries(Slope query, int head, float[][] dq) {
        int width = recipe.width();
        int inputs = layout.queryInputs();
        float[][] columns = space.rows(Slot.KEY_GRADIENT, width, n); // the keys' is spent
        float root = root();
        for (int e = 0; e < width; e++) {
            for (int i = 0; i < n; i++) {
                columns[e][i] = dq[i][e] * root;
            }
        }
        back(columns, space.rows(Slot.QUERY_INPUT, inputs, n), inputs, n, rotation, query.gradient(),
                head * inputs * width);
    }

    /// From turned vectors `d[E][count]` to the weights that made them from `x[inputs][count]`.
    private void back(float[][] d, float[][] x, int inputs, int count, BlockRotation turned, float[] gradient,
                      int at) {
        int width = recipe.width();
        turned.backward(d);
        float[][] rows = space.rows(Slot.TRANSPOSED, count, width);
        FloatLoops.transpose(d, width, count, rows);
        FloatLoops.addOuter(x, rows, inputs, width, count, space.floats(Slot.SUM, width), gradient, at);
    }

    private float root() {
        return (float) (1 / Math.sqrt(recipe.width()));
    }
}
