package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import java.util.Arrays;

/// Raw scores of query blocks against key blocks, 64 rows at a time.
///
/// The pooled keys of a head are laid out once as panels, 64 blocks along the lanes, as if they were weights:
/// then a row of scores comes out in its natural order.
final class BlockScores {
    private final CpuTensor queries; // [H, rows.., E]
    private final CpuTensor keys;    // [Hk, count.., E]
    private final int fold;
    private final int count;
    private final int firstRow;
    private final float scale;
    private final int panels;
    private final float[][] packed;  // [Hk * panels][E * 64], of the caller's scratch

    /// @param fold  key vectors to a block: the best of them is the block's
    /// @param count key vectors
    BlockScores(CpuTensor queries, CpuTensor keys, int fold, int count, int firstRow, double scale,
                CpuThreads threads) {
        this.queries = queries;
        this.keys = keys;
        this.fold = fold;
        this.count = count;
        this.firstRow = firstRow;
        this.scale = (float) scale;
        panels = CpuMatrix.panels(count);
        int all = keys.extent(0) * panels;
        packed = threads.own().pieces(all, keys.extent(2) * PANEL);
        threads.run(all, (task, scratch) -> pack(task / panels, task % panels * PANEL, packed[task]));
    }

    private void pack(int head, int first, float[] panel) {
        int width = keys.extent(2);
        Transpose.toStrips(keys.values(), (head * keys.extent(1) + first) * width, Math.min(PANEL, count - first),
                width, scale, panel, PANEL);
    }

    /// Elements between the rows of a tile.
    int stride() {
        return panels * PANEL;
    }

    /// Scores of rows `row .. row + rows` into `tile[rows, stride()]`; row `r` is good up to and including
    /// column `firstRow + r`.
    void tile(int head, int row, int rows, float[] tile, Scratch scratch) {
        int width = queries.extent(2);
        int at = (head * queries.extent(1) + row) * width;
        int keyHead = head / (queries.extent(0) / keys.extent(0));
        int seen = Math.min(count, (firstRow + row + rows) * fold);
        for (int p = 0; p <= (seen - 1) / PANEL; p++) {
            var panel = new FloatPanel(packed[keyHead * panels + p]);
            PanelMatmul.multiply(queries.values(), at, width, rows, width, panel,
                    new PanelMatmul.Place(tile, p * PANEL, stride(), false), scratch);
        }
        for (int t = 0; t < rows && fold > 1; t++) {
            best(tile, t * stride(), seen);
        }
    }

    /// The best of each block moves to the block's place.
    private void best(float[] scores, int at, int seen) {
        for (int j = 0; j * fold < seen; j++) {
            float best = scores[at + j * fold];
            for (int key = j * fold + 1; key < Math.min(seen, (j + 1) * fold); key++) {
                best = Math.max(best, scores[at + key]);
            }
            scores[at + j] = best;
        }
    }

    /// All rows of one head, `[rows, firstRow + rows]`, negative infinity above the diagonal.
    float[] map(int head, int rows, CpuThreads threads) {
        int columns = firstRow + rows;
        var map = new float[Math.multiplyExact(rows, columns)];
        Arrays.fill(map, Float.NEGATIVE_INFINITY);
        threads.run((rows + PanelMatmul.ROWS - 1) / PanelMatmul.ROWS, (task, scratch) -> {
            int row = task * PanelMatmul.ROWS;
            int count = Math.min(PanelMatmul.ROWS, rows - row);
            float[] tile = scratch.floats(0, count * stride());
            tile(head, row, count, tile, scratch);
            for (int t = 0; t < count; t++) {
                System.arraycopy(tile, t * stride(), map, (row + t) * columns, firstRow + row + t + 1);
            }
        });
        return map;
    }
}
