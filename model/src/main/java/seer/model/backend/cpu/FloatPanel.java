package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

/// Weights as floats, in strips: used as they are.
///
/// @param weights `[64 / STRIP, inputs, STRIP]`; missing outputs are 0
record FloatPanel(float[] weights) implements Panel {
    /// A tile of 64 rows and its results stay in level 1 and 2.
    private static final int ROWS = 64;

    @Override
    public float[] floats(int from, int depth, Scratch scratch) {
        return weights;
    }

    @Override
    public int start(int from) {
        return from * STRIP;
    }

    @Override
    public int step(int depth) {
        return weights.length / PANEL * STRIP;
    }

    @Override
    public void row(InputRow a, int lane, float[] out, Scratch scratch) {
        int inputs = weights.length / PANEL;
        if (WideRowKernel.SUITS) {
            WideFloatKernel.floats(weights, lane * inputs, inputs, a.values(), out);
            return;
        }
        PanelKernel.multiply(a.values(), 0, inputs, 1, inputs, weights, lane * inputs, STRIP, out, 0, STRIP, false);
    }

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public void output(int lane, float[] target, int at) {
        int inputs = weights.length / PANEL;
        for (int k = 0; k < inputs; k++) {
            target[at + k] = weights[Panel.place(inputs, k, lane)];
        }
    }

    @Override
    public long bytes() {
        return (long) Float.BYTES * weights.length;
    }
}
