package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// Keeps the results of a product as rows.
///
/// @param values  `[.., outputs]`
/// @param first   the product's row that is row 0 here
/// @param outputs of the product
record ProductRows(float[] values, int first, int outputs) implements PanelMatmul.Sink {
    @Override
    public void accept(int row, int rows, int column, int columns, float[] tile) {
        for (int t = 0; t < rows; t++) {
            System.arraycopy(tile, t * PANEL, values, (row - first + t) * outputs + column, columns);
        }
    }

    @Override
    public PanelMatmul.Place place(int row, int column) {
        return new PanelMatmul.Place(values, (row - first) * outputs + column, outputs, false);
    }
}
