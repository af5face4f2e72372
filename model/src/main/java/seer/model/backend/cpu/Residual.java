package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// Adds results to the residual stream.
///
/// @param x     `[T, C]`
/// @param first the row of `x` that is the product's row 0
record Residual(float[] x, int first, int width) implements PanelMatmul.Sink {
    @Override
    public void accept(int row, int rows, int column, int columns, float[] tile) {
        for (int t = 0; t < rows; t++) {
            add(tile, t * PANEL, x, (first + row + t) * width + column, columns);
        }
    }

    @Override
    public PanelMatmul.Place place(int row, int column) {
        return new PanelMatmul.Place(x, (first + row) * width + column, width, true);
    }

    /// `to += from`, `count` elements.
    static void add(float[] from, int at, float[] to, int target, int count) {
        for (int i = 0; i < count; i++) {
            to[target + i] += from[at + i];
        }
    }
}
