package seer.gate.rival;

import seer.model.LayerView;

/// Vertical and slanting lines through one head's map of blocks: which key blocks every row keeps, and which block
/// diagonals.
final class Lines implements MassPattern.Choice {
    private final int first;
    private final int rows;
    private final boolean[] column; // [key blocks]
    private final boolean[] diagonal; // [key blocks] query block minus key block
    private int kept; // causal blocks of the chunk's rows on any line

    Lines(LayerView view, int block) {
        first = view.firstBlock(block);
        rows = view.blocks(block);
        column = new boolean[first + rows];
        diagonal = new boolean[first + rows];
    }

    /// Blocks on the lines, of the chunk's rows.
    @Override
    public int kept() {
        return kept;
    }

    /// Adds key block `j` for all rows, unless more than `limit` blocks would then be kept.
    void column(int j, long limit) {
        if (column[j]) {
            return;
        }
        int added = 0;
        for (int i = Math.max(first, j); i < first + rows; i++) {
            added += diagonal[i - j] ? 0 : 1;
        }
        if (kept + added <= limit) {
            column[j] = true;
            kept += added;
        }
    }

    /// Adds the block diagonals that the tokens at one distance pass through, unless more than `limit` blocks would
    /// then be kept: diagonal `d`, and the next one where the distance is not a whole number of blocks.
    void slash(int d, boolean whole, long limit) {
        int last = whole ? d : Math.min(d + 1, diagonal.length - 1);
        int added = added(d) + (last > d ? added(last) : 0);
        if (kept + added <= limit) {
            diagonal[d] = true;
            diagonal[last] = true;
            kept += added;
        }
    }

    private int added(int d) {
        if (diagonal[d]) {
            return 0;
        }
        int added = 0;
        for (int i = Math.max(first, d); i < first + rows; i++) {
            added += column[i - d] ? 0 : 1;
        }
        return added;
    }

    /// Sets the key blocks of a row that are on a line.
    @Override
    public void mark(int row, boolean[] marked) {
        for (int j = 0; j <= row; j++) {
            marked[j] = column[j] || diagonal[row - j];
        }
    }
}
