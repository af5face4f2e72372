package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import java.util.Arrays;

/// The two gradients of a product `y = x W^T`: by its inputs, `dx = dy W`, and by its weights, `dW += dy^T x`.
///
/// ```text
///   inputs:   task = 256 rows   dx [rows, 64 inputs] += dy [rows, 256 outputs] * W [256, 64], turned panel by panel
///   weights:  task = 64 outputs x 256 inputs    dW [64, 64] += dy^T [64, 512 rows] * x [512 rows, 64], rows in order
/// ```
///
/// Both are [PanelKernel]'s product, whose panels are packed while they are multiplied: 64 outputs or rows of work for
/// each element that is moved.
final class ProductGradient {
    /// Rows that share the work of turning a panel.
    private static final int ROWS = 256;
    /// Panels of outputs that are turned before they are multiplied.
    private static final int PANELS = 4;
    /// Rows that are summed up before they are added to the weights.
    private static final int DEPTH = 512;
    /// Inputs of a task.
    private static final int COLUMNS = 256;

    private ProductGradient() {
    }

    /// `dx = dy W`, or `dx += dy W`.
    ///
    /// @param dy `[rows, outputs]` from element 0 on
    /// @param dx `[rows, inputs]` from element `to` on
    static void inputs(CpuThreads threads, float[] dy, int from, int rows, CpuMatrix w, float[] dx, int to,
                       boolean add) {
        int tile = PanelMatmul.tileRows(rows, threads.count(), ROWS);
        threads.run(Math.ceilDiv(rows, tile), (task, scratch) -> {
            int row = task * tile;
            int count = Math.min(tile, rows - row);
            if (!add) {
                Arrays.fill(dx, to + row * w.inputs(), to + (row + count) * w.inputs(), 0);
            }
            for (int column = 0; column < w.inputs(); column += PANEL) {
                for (int panel = 0; panel < w.panels().length; panel += PANELS) {
                    inputs(dy, from + row * w.outputs(), count, w, panel, column, dx, to + row * w.inputs(), scratch);
                }
            }
        });
    }

    private static void inputs(float[] dy, int from, int rows, CpuMatrix w, int panel, int column, float[] dx, int to,
                               Scratch scratch) {
        int columns = Math.min(PANEL, w.inputs() - column);
        int lanes = Lanes.padded(columns);
        int first = panel * PANEL;
        int depth = Math.min(PANELS * PANEL, w.outputs() - first);
        float[] turned = scratch.floats(0, PANELS * PANEL * PANEL);
        for (int p = 0; p * PANEL < depth; p++) {
            turn(w.panels()[panel + p], column, columns, turned, p * PANEL * lanes, lanes, scratch);
        }
        float[] sums = scratch.floats(1, rows * lanes);
        PanelKernel.multiply(dy, from + first, w.outputs(), rows, depth, turned, 0, lanes, lanes, sums, 0, lanes);
        for (int t = 0; t < rows; t++) {
            Residual.add(sums, t * lanes, dx, to + t * w.inputs() + column, columns);
        }
    }

    /// `turned[output, input] = panel[input, output]` for 64 outputs and inputs `column .. column + columns`.
    private static void turn(Panel panel, int column, int columns, float[] turned, int to, int lanes,
                             Scratch scratch) {
        int depth = Math.ceilDiv(columns, 32) * 32;
        float[] weights = panel instanceof FloatPanel floats ? floats.weights() : panel.floats(column, depth, scratch);
        float[] block = scratch.floats(2, PANEL * PANEL);
        Transpose.toLanes(weights, panel.start(column), columns, PANEL, 1, block, lanes);
        System.arraycopy(block, 0, turned, to, PANEL * lanes);
    }

    /// `dW += dy^T x`.
    ///
    /// @param dy `[rows, outputs]` from element `dyAt` on
    /// @param x  `[rows, inputs]` from element `xAt` on
    /// @param dW `[outputs, inputs]` from element `to` on
    static void weights(CpuThreads threads, float[] dy, int dyAt, int outputs, float[] x, int xAt, int inputs, int rows,
                        float[] dW, int to) {
        int across = Math.ceilDiv(inputs, COLUMNS);
        threads.run(Math.ceilDiv(outputs, PANEL) * across, (task, scratch) -> {
            int output = task / across * PANEL;
            int count = Math.min(PANEL, outputs - output);
            int column = task % across * COLUMNS;
            int end = Math.min(inputs, column + COLUMNS);
            float[] turned = scratch.floats(0, PANEL * DEPTH);
            for (int row = 0; row < rows; row += DEPTH) {
                int depth = Math.min(DEPTH, rows - row);
                columns(dy, dyAt + row * outputs + output, outputs, depth, count, turned);
                for (int c = column; c < end; c += PANEL) {
                    weights(turned, count, x, xAt + row * inputs + c, inputs, depth, Math.min(PANEL, end - c), dW,
                            to + output * inputs + c, scratch);
                }
            }
        });
    }

    /// `turned[output, row] = dy[row, output]`, rows `depth` apart.
    private static void columns(float[] dy, int at, int stride, int depth, int count, float[] turned) {
        for (int t = 0; t < depth; t++) {
            int from = at + t * stride;
            for (int o = 0, target = t; o < count; o++, target += depth) {
                turned[target] = dy[from + o];
            }
        }
    }

    private static void weights(float[] turned, int outputs, float[] x, int at, int inputs, int depth, int columns,
                                float[] dW, int to, Scratch scratch) {
        int lanes = Lanes.padded(columns);
        float[] panel = scratch.floats(1, DEPTH * PANEL);
        for (int t = 0; t < depth; t++) {
            System.arraycopy(x, at + t * inputs, panel, t * lanes, columns);
            Arrays.fill(panel, t * lanes + columns, (t + 1) * lanes, 0);
        }
        float[] sums = scratch.floats(2, PANEL * PANEL);
        PanelKernel.multiply(turned, 0, depth, outputs, depth, panel, 0, lanes, lanes, sums, 0, lanes);
        for (int o = 0; o < outputs; o++) {
            Residual.add(sums, o * lanes, dW, to + o * inputs, columns);
        }
    }
}
