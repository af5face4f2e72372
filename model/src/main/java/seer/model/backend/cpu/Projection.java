package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

/// Where the columns of the stacked query, key and value projection go: heads apart.
///
/// @param bias   `[(H + 2G) * D]` or null
/// @param q      `[H, T, D]`
/// @param k      `[G, T, D]`
/// @param v      `[G, T, D]`
record Projection(float[] bias, CpuTensor q, CpuTensor k, CpuTensor v) implements PanelMatmul.Sink {

    @Override
    public void accept(int row, int rows, int column, int columns, float[] tile) {
        int width = q.extent(2);
        for (int c = 0; c < columns; ) {
            int head = (column + c) / width;
            int d = (column + c) % width;
            int run = Math.min(width - d, columns - c);
            if (head < q.extent(0)) {
                scatter(tile, c, rows, run, q, head, row, d, column + c);
            } else if (head < q.extent(0) + k.extent(0)) {
                scatter(tile, c, rows, run, k, head - q.extent(0), row, d, column + c);
            } else {
                scatter(tile, c, rows, run, v, head - q.extent(0) - k.extent(0), row, d, column + c);
            }
            c += run;
        }
    }

    /// A head that is as wide as a panel.
    @Override
    public PanelMatmul.Place place(int row, int column) {
        int width = q.extent(2);
        if (bias != null || width != PANEL) {
            return null;
        }
        int head = column / width;
        CpuTensor target = head < q.extent(0) ? q : head < q.extent(0) + k.extent(0) ? k : v;
        int own = head - (target == q ? 0 : target == k ? q.extent(0) : q.extent(0) + k.extent(0));
        return new PanelMatmul.Place(target.values(), (own * target.extent(1) + row) * width, width, false);
    }

    private void scatter(float[] tile, int from, int rows, int run, CpuTensor target, int head, int row, int d,
                         int column) {
        int width = target.extent(2);
        int at = (head * target.extent(1) + row) * width + d;
        for (int t = 0; t < rows; t++) {
            if (bias == null) {
                System.arraycopy(tile, t * PANEL + from, target.values(), at + t * width, run);
            } else {
                for (int i = 0; i < run; i++) {
                    target.values()[at + t * width + i] = tile[t * PANEL + from + i] + bias[column + i];
                }
            }
        }
    }
}
