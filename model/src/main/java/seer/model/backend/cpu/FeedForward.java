package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/// The gated feed-forward layer, `x += down * (silu(gate * norm(x)) * (up * norm(x)))`, a tile of rows at a time: what
/// lies between the two products stays in one thread's scratch, `rows * 2F` floats.
record FeedForward(RowNorm norm, CpuMatrix gateUp, CpuMatrix down, float[] x, int rows) {

    void run(CpuThreads threads) {
        int hidden = down.inputs();
        if (PanelMatmul.few(rows)) {
            var both = new float[rows * 2 * hidden];
            PanelMatmul.run(threads, x, rows, norm, gateUp, new ProductRows(both, 0, 2 * hidden));
            activate(both, rows, hidden, new float[hidden]);
            PanelMatmul.run(threads, both, rows, null, down, new Residual(x, down.outputs()));
            return;
        }
        int tile = PanelMatmul.tileRows(rows, threads.count(), gateUp.rows());
        threads.run((rows + tile - 1) / tile, (task, scratch) -> {
            int row = task * tile;
            tile(row, Math.min(tile, rows - row), scratch);
        });
    }

    private void tile(int row, int count, Scratch scratch) {
        int hidden = down.inputs();
        float[] a = scratch.floats(0, count * gateUp.inputs());
        norm.apply(x, row, count, a);
        float[] both = scratch.floats(2, count * 2 * hidden);
        PanelMatmul.panels(a, 0, count, gateUp, row, scratch, new ProductRows(both, row, 2 * hidden));
        activate(both, count, hidden, scratch.floats(3, hidden));
        PanelMatmul.panels(both, 0, count, down, row, scratch, new Residual(x, down.outputs()));
    }

    /// Makes `[rows, F]` of `[rows, gate | up]`, packed at the front of the same array.
    ///
    /// @param power `[F]` for passing use
    private static void activate(float[] both, int rows, int hidden, float[] power) {
        for (int t = 0; t < rows; t++) {
            int gate = t * 2 * hidden;
            VectorExp.exp(both, gate, hidden, -1, 0, power, 0);
            activateRow(both, gate, hidden, power, t * hidden);
        }
    }

    private static void activateRow(float[] both, int gate, int hidden, float[] power, int to) {
        int i = 0;
        for (; i <= hidden - LENGTH; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(SPECIES, both, gate + i);
            FloatVector u = FloatVector.fromArray(SPECIES, both, gate + hidden + i);
            g.div(FloatVector.fromArray(SPECIES, power, i).add(1)).mul(u).intoArray(both, to + i);
        }
        for (; i < hidden; i++) {
            both[to + i] = both[gate + i] / (1 + power[i]) * both[gate + hidden + i];
        }
    }
}
