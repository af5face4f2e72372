package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// Weights as floats, inputs outermost: used as they are.
///
/// @param weights `[inputs, 64]`; missing outputs are 0
record FloatPanel(float[] weights) implements Panel {
    /// A tile of 64 rows and its results stay in level 1 and 2.
    private static final int ROWS = 64;

    @Override
    public float[] floats(int from, int depth, Scratch scratch) {
        return weights;
    }

    @Override
    public int start(int from) {
        return from * PANEL;
    }

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public void output(int lane, float[] target, int at) {
        for (int k = 0; k < weights.length / PANEL; k++) {
            target[at + k] = weights[Panel.place(k, lane)];
        }
    }

    @Override
    public long bytes() {
        return (long) Float.BYTES * weights.length;
    }
}
