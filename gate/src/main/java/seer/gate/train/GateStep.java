package seer.gate.train;

import seer.gate.train.Workspace.Slot;

/// Forward and backward of one gate in one layer for the heads of one key/value group: adds to the gradient, returns
/// the loss.
///
/// ```text
///   x[in][n] --W--> k[E][n] --turn--> k~ --q~.k~ / sqrt(E)--> s[i, j <= i] --RowLoss--> ds
///   dW += x (turn^T dk~)^T        dk~[., j] = sum over i of ds[i, j] q~[., i]       (and q likewise)
/// ```
final class GateStep {
    /// Upstream's `gate_loss_scale`.
    static final double SCALE = 10;
    private static final int ROWS = 4;

    private final GateLayout layout;
    private final GateRecipe recipe;
    private final BlockFeatures features;
    private final BlockRotation rotation;
    private final Workspace space;
    private final int factor; // blocks of the features along one edge of a block of the gate
    private final int n;

    GateStep(GateLayout layout, BlockFeatures features, BlockRotation rotation, Workspace space) {
        this.layout = layout;
        this.recipe = layout.recipe();
        this.features = features;
        this.rotation = rotation;
        this.space = space;
        this.factor = recipe.block() / features.block();
        this.n = Math.ceilDiv(features.blocks(), factor);
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
        float[][] x = space.rows(Slot.KEY_INPUT, inputs, n);
        features.keys(group, recipe.keyPooling(), factor, x);
        for (int head = group * layout.share(); head < (group + 1) * layout.share(); head++) {
            int matrix = (query == null ? head : group) * inputs * width;
            float[][] k = space.rows(Slot.KEY, width, n);
            FloatLoops.project(key.value(), matrix, x, inputs, width, n, k);
            rotation.forward(k);
            float[][] q = queries(query, head);
            float[][] dk = space.zeros(Slot.KEY_GRADIENT, width, n);
            float[][] dq = query == null ? null : space.zeros(Slot.QUERY_GRADIENT, n, width);
            rows(head, q, k, dk, dq, loss, answerRow, (float) (scale * weight));
            back(dk, x, inputs, key.gradient(), matrix);
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
            keyRows = space.rows(Slot.KEY_ROWS, n, width);
            FloatLoops.transpose(k, width, n, keyRows);
        }
        for (int first = recipe.dropped(n); first < n; first += ROWS) {
            int count = Math.min(ROWS, n - first);
            float[][] ds = space.zeros(Slot.GRADIENTS, ROWS, first + count);
            for (int r = 0; r < count; r++) {
                int i = first + r;
                FloatLoops.scores(q, i, k, width, i + 1, ds[r]);
                loss.row(ds[r], i + 1, target, i * n, recipe.sink(), i < answerRow ? 1 : recipe.answers(), scale);
                if (dq != null) {
                    FloatLoops.combine(ds[r], i + 1, keyRows, width, dq[i]);
                }
            }
            // Rows beyond the last are zeros, whatever they are multiplied with.
            int second = Math.min(n - 1, first + 1);
            int third = Math.min(n - 1, first + 2);
            int fourth = Math.min(n - 1, first + 3);
            for (int e = 0; e < width; e++) {
                FloatLoops.add4(dk[e], first + count, q[e][first], ds[0], q[e][second], ds[1], q[e][third], ds[2],
                        q[e][fourth], ds[3]);
            }
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
        back(columns, space.rows(Slot.QUERY_INPUT, inputs, n), inputs, query.gradient(), head * inputs * width);
    }

    /// From turned vectors `d[E][n]` to the weights that made them from `x[inputs][n]`.
    private void back(float[][] d, float[][] x, int inputs, float[] gradient, int at) {
        int width = recipe.width();
        rotation.backward(d);
        float[][] rows = space.rows(Slot.TRANSPOSED, n, width);
        FloatLoops.transpose(d, width, n, rows);
        FloatLoops.addOuter(x, rows, inputs, width, n, space.floats(Slot.SUM, width), gradient, at);
    }

    private float root() {
        return (float) (1 / Math.sqrt(recipe.width()));
    }
}
