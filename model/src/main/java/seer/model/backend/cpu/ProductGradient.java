package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;

/// The two gradients of a product `y = x W^T`: by its inputs, `dx = dy W`, and by its weights, `dW += dy^T x`.
///
/// ```text
///   inputs:   task = 256 rows   dx [rows, 64 inputs] += dy [rows, 256 outputs] * W [256, 64], turned panel by panel
///   weights:  task = 64 outputs x 256 inputs    dW [64, 64] += dy^T [64, 512 rows] * x [512 rows, 64], rows in order
/// ```
///
/// Both are [PanelKernel]'s product, whose strips are packed while they are multiplied: 64 outputs or rows of work for
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
            turn(w.panels()[panel + p], column, columns, turned, p * PANEL, scratch);
        }
        float[] sums = scratch.floats(1, rows * lanes);
        for (int lane = 0; lane < lanes; lane += STRIP) {
            PanelKernel.multiply(dy, from + first, w.outputs(), rows, depth, turned, lane * PANELS * PANEL,
                    Math.min(STRIP, lanes - lane), sums, lane, lanes, false);
        }
        for (int t = 0; t < rows; t++) {
            Residual.add(sums, t * lanes, dx, to + t * w.inputs() + column, columns);
        }
    }

    /// `turned[first + output, input] = panel[input, output]` for 64 outputs and inputs `column .. column + columns`,
    /// from strips of outputs to strips of inputs, `[256, STRIP]`.
    private static void turn(Panel panel, int column, int columns, float[] turned, int first, Scratch scratch) {
        int depth = Math.ceilDiv(columns, 32) * 32;
        float[] weights = panel.floats(column, depth, scratch);
        int lanes = Lanes.padded(columns);
        for (int lane = 0; lane < lanes; lane += STRIP) {
            int wide = Math.min(STRIP, lanes - lane);
            for (int output = 0; output < PANEL; output += STRIP) {
                int from = panel.start(column) + output / STRIP * panel.step(depth) + lane * STRIP;
                Transpose.toLanes(weights, from, Math.min(STRIP, columns - lane), STRIP, 1, turned,
                        lane * PANELS * PANEL + (first + output) * wide, wide);
            }
        }
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
        float[] strips = scratch.floats(1, DEPTH * PANEL);
        for (int t = 0; t < depth; t++) {
            strips(x, at + t * inputs, columns, strips, t, depth);
        }
        float[] sums = scratch.floats(2, PANEL * PANEL);
        for (int lane = 0; lane < lanes; lane += STRIP) {
            PanelKernel.multiply(turned, 0, depth, outputs, depth, strips, lane * depth, Math.min(STRIP, lanes - lane),
                    sums, lane, lanes, false);
        }
        for (int o = 0; o < outputs; o++) {
            Residual.add(sums, o * lanes, dW, to + o * inputs, columns);
        }
    }

    /// Copies a row of `columns` into row `t` of strips `[depth, STRIP]`, the last as wide as its vectors.
    private static void strips(float[] x, int at, int columns, float[] strips, int t, int depth) {
        int lanes = Lanes.padded(columns);
        for (int lane = 0; lane < columns; lane += STRIP) {
            int wide = Math.min(STRIP, lanes - lane);
            int count = Math.min(STRIP, columns - lane);
            int to = lane * depth + t * wide;
            System.arraycopy(x, at + lane, strips, to, count);
            Arrays.fill(strips, to + count, to + wide, 0);
        }
    }
}
