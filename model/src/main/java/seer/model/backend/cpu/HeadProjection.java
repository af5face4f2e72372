package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

/// A linear map of its own for each query head: `y[h, i] = pooled[h / (H / G), i] * w[h]`.
///
/// @param pooled  `[G, n, in]`
/// @param weights `[H, in, E]`, already in the order of a panel but for its width
/// @param y       `[H, n, E]`
record HeadProjection(CpuTensor pooled, CpuTensor weights, int from, int rows, CpuTensor y) {

    void run(CpuThreads threads) {
        int heads = weights.extent(0);
        int panels = CpuMatrix.panels(weights.extent(2));
        int tiles = (rows + PanelMatmul.ROWS - 1) / PanelMatmul.ROWS;
        var packed = new float[heads * panels][];
        threads.run(packed.length, (task, scratch) -> packed[task] = pack(task / panels, task % panels * PANEL));
        threads.run(heads * tiles, (task, scratch) -> {
            int head = task / tiles;
            int row = task % tiles * PanelMatmul.ROWS;
            int count = Math.min(PanelMatmul.ROWS, rows - row);
            for (int p = 0; p < panels; p++) {
                tile(head, from + row, count, packed[head * panels + p], p * PANEL, scratch);
            }
        });
    }

    private float[] pack(int head, int column) {
        int inputs = weights.extent(1);
        int outputs = weights.extent(2);
        var panel = new float[inputs * PANEL];
        int count = Math.min(PANEL, outputs - column);
        for (int k = 0; k < inputs; k++) {
            for (int lane = 0; lane < count; lane += STRIP) {
                System.arraycopy(weights.values(), (head * inputs + k) * outputs + column + lane, panel,
                        Panel.place(inputs, k, lane), Math.min(STRIP, count - lane));
            }
        }
        return panel;
    }

    private void tile(int head, int row, int count, float[] panel, int column, Scratch scratch) {
        int inputs = weights.extent(1);
        int outputs = weights.extent(2);
        int group = head / (weights.extent(0) / pooled.extent(0));
        float[] tile = scratch.floats(1, PanelMatmul.ROWS * PANEL);
        PanelMatmul.multiply(pooled.values(), (group * pooled.extent(1) + row) * inputs, inputs, count, inputs,
                new FloatPanel(panel), new PanelMatmul.Place(tile, 0, PANEL, false), scratch);
        int columns = Math.min(PANEL, outputs - column);
        for (int t = 0; t < count; t++) {
            System.arraycopy(tile, t * PANEL, y.values(), (head * y.extent(1) + row + t) * outputs + column, columns);
        }
    }
}
