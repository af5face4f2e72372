package seer.gate.train;

import java.util.Arrays;

/// The few products that a gate's step is made of, four terms at a time.
///
/// Matrices are arrays of rows and loops run over rows from their first element on: only then does the compiler know
/// that what it writes is not what it reads, and makes of them vector instructions (six times the speed of offsets
/// into one long array). No sum is reordered by that, so results do not depend on when the compiler comes.
final class FloatLoops {
    private FloatLoops() { }

    /// `y[e][j] = sum over c of w[c, e] * x[c][j]`.
    ///
    /// @param w `[inputs, outputs]` from element `at` on
    /// @param x `[inputs][n]`, as many rows as a multiple of 4
    /// @param y `[outputs][n]`
    static void project(float[] w, int at, float[][] x, int inputs, int outputs, int n, float[][] y) {
        for (int e = 0; e < outputs; e++) {
            Arrays.fill(y[e], 0, n, 0);
        }
        for (int c = 0; c < inputs; c += 4) {
            for (int e = 0; e < outputs; e++) {
                int from = at + c * outputs + e;
                add4(y[e], n, w[from], x[c], w[from + outputs], x[c + 1], w[from + 2 * outputs], x[c + 2],
                        w[from + 3 * outputs], x[c + 3]);
            }
        }
    }

    /// `g[c, e] += sum over j of x[c][j] * d[j][e]`.
    ///
    /// @param x   `[inputs][n]`
    /// @param d   `[n][outputs]`
    /// @param sum `[outputs]` for passing use
    /// @param g   `[inputs, outputs]` from element `at` on
    static void addOuter(float[][] x, float[][] d, int inputs, int outputs, int n, float[] sum, float[] g, int at) {
        for (int c = 0; c < inputs; c++) {
            Arrays.fill(sum, 0, outputs, 0);
            combine(x[c], n, d, outputs, sum);
            for (int e = 0; e < outputs; e++) {
                g[at + c * outputs + e] += sum[e];
            }
        }
    }

    /// `y[e] += sum over j < n of a[j] * d[j][e]`.
    static void combine(float[] a, int n, float[][] d, int outputs, float[] y) {
        int j = 0;
        for (; j + 4 <= n; j += 4) {
            add4(y, outputs, a[j], d[j], a[j + 1], d[j + 1], a[j + 2], d[j + 2], a[j + 3], d[j + 3]);
        }
        for (; j < n; j++) {
            add(y, outputs, a[j], d[j]);
        }
    }

    /// `y[j] = sum over e of q[e][i] * k[e][j]` for `j < count`.
    static void scores(float[][] q, int i, float[][] k, int width, int count, float[] y) {
        Arrays.fill(y, 0, count, 0);
        int e = 0;
        for (; e + 4 <= width; e += 4) {
            add4(y, count, q[e][i], k[e], q[e + 1][i], k[e + 1], q[e + 2][i], k[e + 2], q[e + 3][i], k[e + 3]);
        }
        for (; e < width; e++) {
            add(y, count, q[e][i], k[e]);
        }
    }

    /// `y[j] += a * x[j]` for `j < count`.
    static void add(float[] y, int count, float a, float[] x) {
        for (int j = 0; j < count; j++) {
            y[j] += a * x[j];
        }
    }

    /// Four of [#add] in one pass.
    static void add4(float[] y, int count, float a0, float[] x0, float a1, float[] x1, float a2, float[] x2, float a3,
                     float[] x3) {
        for (int j = 0; j < count; j++) {
            y[j] += a0 * x0[j] + a1 * x1[j] + (a2 * x2[j] + a3 * x3[j]);
        }
    }

    /// `rows[j][e] = columns[e][j]`.
    static void transpose(float[][] columns, int width, int n, float[][] rows) {
        for (int e = 0; e < width; e++) {
            for (int j = 0; j < n; j++) {
                rows[j][e] = columns[e][j];
            }
        }
    }
}
