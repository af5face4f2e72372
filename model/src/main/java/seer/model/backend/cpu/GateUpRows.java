package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// Where the columns of the stacked gate and up projection go: rows of gates, and behind them the rows of ups.
///
/// @param values `[2, rows, F]`
record GateUpRows(float[] values, int rows, int hidden) implements PanelMatmul.Sink {
    @Override
    public void accept(int row, int count, int column, int columns, float[] tile) {
        int gates = Math.clamp(hidden - column, 0, columns); // of these columns
        for (int t = 0; t < count; t++) {
            System.arraycopy(tile, t * PANEL, values, at(row + t, column), gates);
            System.arraycopy(tile, t * PANEL + gates, values, at(row + t, column + gates), columns - gates);
        }
    }

    @Override
    public PanelMatmul.Place place(int row, int column) {
        boolean whole = column + PANEL <= hidden || column >= hidden;
        return whole ? new PanelMatmul.Place(values, at(row, column), hidden, false) : null;
    }

    private int at(int row, int column) {
        return column < hidden ? row * hidden + column : (rows + row) * hidden + column - hidden;
    }
}
