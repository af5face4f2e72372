package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import java.util.Arrays;
import java.util.List;
import seer.model.backend.Arena;
import seer.model.backend.ElementType;
import seer.model.backend.Matrix;
import seer.model.load.WeightTensor;

/// Weights in panels of 64 outputs, inputs outermost: the order in which [PanelKernel] reads them.
///
/// ```text
///   w[n, k]            panel p:  k = 0  [ n = 64 p ... 64 p + 63 ]     contiguous vectors of outputs;
///                                k = 1  [ n = 64 p ... 64 p + 63 ]     missing outputs are 0
/// ```
///
/// @param panels `[ceil(outputs / 64)][inputs * 64]`
record CpuMatrix(Arena arena, int outputs, int inputs, float[][] panels) implements Matrix {

    /// Stacks tensors `[outputs, inputs]` along their outputs.
    ///
    /// @param outputs of all of them
    static CpuMatrix stack(Arena arena, List<WeightTensor> stacked, int outputs, CpuThreads threads) {
        int inputs = stacked.getFirst().shape().getLast();
        var panels = new float[panels(outputs)][];
        threads.run(panels.length, (p, scratch) ->
                panels[p] = pack(stacked, p * PANEL, Math.min(outputs, (p + 1) * PANEL), inputs));
        return new CpuMatrix(arena, outputs, inputs, panels);
    }

    @Override
    public ElementType type() {
        return ElementType.F32;
    }

    /// Lets go of the panels: the arena is closed.
    void release() {
        Arrays.fill(panels, null);
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
