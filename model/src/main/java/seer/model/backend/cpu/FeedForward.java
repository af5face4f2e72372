package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/// The gated feed-forward layer, `x += down * (silu(gate * norm(x)) * (up * norm(x)))`, some rows at a time: what lies
/// between the two products is kept in scratch, `rows * 2F` floats.
record FeedForward(RowNorm norm, CpuMatrix gateUp, CpuMatrix down, float[] x, int rows) {
    void run(CpuThreads threads) {
        int hidden = down.inputs();
        if (PanelMatmul.few(rows)) {
            float[] both = threads.own().floats(Scratch.HIDDEN, rows * 2 * hidden);
            PanelMatmul.run(threads, x, rows, norm, gateUp, new GateUpRows(both, rows, hidden));
            activate(both, 0, rows, rows, threads.own().floats(3, hidden));
            PanelMatmul.run(threads, both, rows, null, down, new Residual(x, 0, down.outputs()));
            return;
        }
        for (int row = 0; row < rows; row += PanelMatmul.wave(threads)) {
            slice(threads, row, Math.min(PanelMatmul.wave(threads), rows - row));
        }
    }

    private void slice(CpuThreads threads, int row, int count) {
        int hidden = down.inputs();
        float[] both = threads.own().floats(Scratch.HIDDEN, count * 2 * hidden);
        PanelMatmul.normed(threads, x, row, count, norm, gateUp, 0, new GateUpRows(both, count, hidden));
        PanelMatmul.many(threads, both, 0, count, down, 0, new Residual(x, row, down.outputs()), (from, end, scratch) ->
                activate(both, from, end, count, scratch.floats(3, hidden)));
    }

    /// `gate = silu(gate) * up` for rows `from .. end` of `[count, F]` gates, behind which as many rows of ups stand.
    ///
    /// @param power `[F]` for passing use
    private void activate(float[] both, int from, int end, int count, float[] power) {
        int hidden = down.inputs();
        for (int t = from; t < end; t++) {
            VectorExp.exp(both, t * hidden, hidden, -1, 0, power, 0);
            activateRow(both, t * hidden, (count + t) * hidden, hidden, power);
        }
    }

    private static void activateRow(float[] both, int gate, int up, int hidden, float[] power) {
        int i = 0;
        for (; i <= hidden - LENGTH; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(SPECIES, both, gate + i);
            FloatVector u = FloatVector.fromArray(SPECIES, both, up + i);
            g.div(FloatVector.fromArray(SPECIES, power, i).add(1)).mul(u).intoArray(both, gate + i);
        }
        for (; i < hidden; i++) {
            both[gate + i] = both[gate + i] / (1 + power[i]) * both[up + i];
        }
    }
}
