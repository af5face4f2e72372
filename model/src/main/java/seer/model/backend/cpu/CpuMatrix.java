package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import java.util.List;
import seer.model.backend.Matrix;
import seer.model.backend.Shapes;
import seer.model.load.WeightTensor;

/// Weights in panels of 64 outputs, inputs outermost: the order in which [PanelKernel] reads them.
///
/// ```text
///   w[n, k]            panel p:  k = 0  [ n = 64 p ... 64 p + 63 ]     contiguous vectors of outputs;
///                                k = 1  [ n = 64 p ... 64 p + 63 ]     missing outputs are 0
/// ```
///
/// @param panels `[ceil(outputs / 64)][inputs * 64]`
record CpuMatrix(int outputs, int inputs, float[][] panels) implements Matrix {

    /// Stacks tensors `[outputs, inputs]` along their outputs.
    static CpuMatrix stack(List<WeightTensor> stacked, CpuThreads threads) {
        int outputs = Shapes.outputs(stacked);
        int inputs = stacked.getFirst().shape().getLast();
        var panels = new float[panels(outputs)][];
        int total = outputs;
        threads.run(panels.length, (p, scratch) ->
                panels[p] = pack(stacked, p * PANEL, Math.min(total, (p + 1) * PANEL), inputs));
        return new CpuMatrix(outputs, inputs, panels);
    }

    /// Panels that hold so many columns.
    static int panels(int columns) {
        return (columns + PANEL - 1) / PANEL;
    }

    private static float[] pack(List<WeightTensor> stacked, int from, int to, int inputs) {
        var panel = new float[Math.multiplyExact(inputs, PANEL)];
        var row = new float[inputs];
        int first = 0;
        for (WeightTensor weights : stacked) {
            int rows = weights.shape().getFirst();
            for (int n = Math.max(from, first); n < Math.min(to, first + rows); n++) {
                weights.readFinite((long) (n - first) * inputs, inputs, row, 0);
                for (int k = 0; k < inputs; k++) {
                    panel[k * PANEL + n - from] = row[k];
                }
            }
            first += rows;
        }
        return panel;
    }

    /// Copies the weights of one output: an embedding, when the matrix is a table.
    void row(int n, float[] target, int at) {
        float[] panel = panels[n / PANEL];
        for (int k = 0; k < inputs; k++) {
            target[at + k] = panel[k * PANEL + n % PANEL];
        }
    }
}
