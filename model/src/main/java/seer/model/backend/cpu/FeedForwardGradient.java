package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// The gradient of [FeedForward], some rows at a time: what lies between the products is made again and thrown away,
/// `rows * 4F` floats.
///
/// ```text
///   a = gate norm(x), b = up norm(x), m = silu(a) b       dm = dx down
///   da = dm b silu'(a),  db = dm silu(a)                  d norm(x) = (da | db) gateUp
/// ```
///
/// @param dNorm   `[C]` or null; `dGateUp` `[2F, C]`, `dDown` `[C, F]` likewise
record FeedForwardGradient(RowNorm norm, CpuMatrix gateUp, CpuMatrix down, float[] x, float[] dx, float[] dNorm,
                           float[] dGateUp, float[] dDown) {
    /// Rows at a time.
    static final int SLICE = 1024;

    void run(CpuThreads threads, int rows) {
        int hidden = down.inputs();
        int most = Math.min(SLICE, rows);
        var normed = new float[most * gateUp.inputs()];
        var both = new float[most * 2 * hidden];
        var product = new float[most * hidden];
        var slope = new float[most * hidden];
        for (int row = 0; row < rows; row += SLICE) {
            slice(threads, row, Math.min(SLICE, rows - row), normed, both, product, slope);
        }
    }

    private void slice(CpuThreads threads, int row, int count, float[] normed, float[] both, float[] product,
                       float[] slope) {
        int width = gateUp.inputs();
        int hidden = down.inputs();
        // -- forward again --
        normed(threads, norm, x, row, count, normed);
        PanelMatmul.run(threads, normed, count, null, gateUp, new ProductRows(both, 0, gateUp.outputs()));
        // -- back through down --
        ProductGradient.inputs(threads, dx, row * width, count, down, slope, 0, false);
        threads.run(count, (t, scratch) -> activate(both, t, hidden, product, slope, scratch.floats(0, hidden)));
        if (dDown != null) {
            ProductGradient.weights(threads, dx, row * width, width, product, 0, hidden, count, dDown, 0);
        }
        // -- back through gate and up --
        if (dGateUp != null) {
            ProductGradient.weights(threads, both, 0, 2 * hidden, normed, 0, width, count, dGateUp, 0);
        }
        ProductGradient.inputs(threads, both, 0, count, gateUp, normed, 0, false);
        new NormGradient(norm, dNorm).run(threads, x, row * width, normed, dx, row * width, count);
    }

    /// Rows of a stream, normed by all threads.
    static void normed(CpuThreads threads, RowNorm norm, float[] x, int row, int count, float[] y) {
        threads.run(Math.ceilDiv(count, PANEL), (task, scratch) -> norm.apply(x, row + task * PANEL,
                Math.min(PANEL, count - task * PANEL), y, task * PANEL));
    }

    /// Makes `m` and turns `(a | b)` of a row into its derivatives.
    ///
    /// @param power `[F]` for passing use
    private static void activate(float[] both, int t, int hidden, float[] product, float[] slope, float[] power) {
        int a = t * 2 * hidden;
        VectorExp.exp(both, a, hidden, -1, 0, power, 0);
        for (int i = 0, m = t * hidden; i < hidden; i++, m++) {
            float gate = both[a + i];
            float up = both[a + hidden + i];
            float sigmoid = 1 / (1 + power[i]);
            float silu = gate * sigmoid;
            product[m] = silu * up;
            both[a + i] = slope[m] * up * (sigmoid + silu * (1 - sigmoid));
            both[a + hidden + i] = slope[m] * silu;
        }
    }
}
