package seer.gate.train;

import java.util.Arrays;

/// The few products that a gate's step is made of, four terms at a time: loops that the compiler turns into vector
/// instructions without reordering a sum.
final class FloatLoops {
    private FloatLoops() { }

    /// `y[e, j] = sum over c of w[c, e] * x[c, j]`.
    ///
    /// @param w `[inputs, outputs]` from element `w0` on
    /// @param x `[inputs, n]`
    /// @param y `[outputs, n]`
    static void project(float[] w, int w0, float[] x, int inputs, int outputs, int n, float[] y) {
        Arrays.fill(y, 0, outputs * n, 0);
        for (int c = 0; c + 4 <= inputs; c += 4) { // head widths are multiples of 4
            for (int e = 0; e < outputs; e++) {
                int at = w0 + c * outputs + e;
                add4(y, e * n, n, w[at], x, c * n, w[at + outputs], x, (c + 1) * n, w[at + 2 * outputs], x,
                        (c + 2) * n, w[at + 3 * outputs], x, (c + 3) * n);
            }
        }
    }

    /// `g[c, e] += sum over j of x[c, j] * d[j, e]`.
    ///
    /// @param x `[inputs, n]`
    /// @param d `[n, outputs]`
    /// @param g `[inputs, outputs]` from element `g0` on
    static void addOuter(float[] x, float[] d, int inputs, int outputs, int n, float[] g, int g0) {
        for (int c = 0; c < inputs; c++) {
            combine(x, c * n, n, d, outputs, g, g0 + c * outputs);
        }
    }

    /// `y[to + e] += sum over j < n of a[from + j] * d[j, e]`.
    ///
    /// @param d `[n, outputs]`
    static void combine(float[] a, int from, int n, float[] d, int outputs, float[] y, int to) {
        int j = 0;
        for (; j + 4 <= n; j += 4) {
            add4(y, to, outputs, a[from + j], d, j * outputs, a[from + j + 1], d, (j + 1) * outputs,
                    a[from + j + 2], d, (j + 2) * outputs, a[from + j + 3], d, (j + 3) * outputs);
        }
        for (; j < n; j++) {
            add(y, to, outputs, a[from + j], d, j * outputs);
        }
    }

    /// `y[j] = sum over e of q[e, i] * k[e, j]` for `j < count`.
    ///
    /// @param q `[width, n]`
    /// @param k `[width, n]`
    static void scores(float[] q, int i, float[] k, int width, int n, int count, float[] y, int to) {
        Arrays.fill(y, to, to + count, 0);
        int e = 0;
        for (; e + 4 <= width; e += 4) {
            int at = e * n;
            add4(y, to, count, q[at + i], k, at, q[at + n + i], k, at + n, q[at + 2 * n + i], k, at + 2 * n,
                    q[at + 3 * n + i], k, at + 3 * n);
        }
        for (; e < width; e++) {
            add(y, to, count, q[e * n + i], k, e * n);
        }
    }

    /// `y[at + j] += a * x[from + j]` for `j < count`.
    static void add(float[] y, int at, int count, float a, float[] x, int from) {
        for (int j = 0; j < count; j++) {
            y[at + j] += a * x[from + j];
        }
    }

    /// Four of [#add] in one pass.
    static void add4(float[] y, int at, int count, float a0, float[] x0, int f0, float a1, float[] x1, int f1,
                     float a2, float[] x2, int f2, float a3, float[] x3, int f3) {
        for (int j = 0; j < count; j++) {
            y[at + j] += a0 * x0[f0 + j] + a1 * x1[f1 + j] + (a2 * x2[f2 + j] + a3 * x3[f3 + j]);
        }
    }

    /// `rows[j, e] = columns[e, j]`.
    static void turn(float[] columns, int width, int n, float[] rows) {
        for (int e = 0; e < width; e++) {
            for (int j = 0; j < n; j++) {
                rows[j * width + e] = columns[e * n + j];
            }
        }
    }
}
