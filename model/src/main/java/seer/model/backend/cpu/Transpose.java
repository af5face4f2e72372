package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;

/// Transposes between rows in memory and vectors along the lanes.
///
/// Four rows at a time: then each cache line of the transposed side is visited 4 times less often, the few lines of
/// the other side stay in level 1, and the address of a column is computed once for four elements.
final class Transpose {
    private Transpose() {
    }

    /// Lays rows out in strips: `[width, STRIP]` one after the other, the last as wide as is left of `lanes`.
    ///
    /// @param rows  `[count, width]` from element `at` on
    /// @param lanes at least `count`, a multiple of the vector length
    static void toStrips(float[] rows, int at, int count, int width, float scale, float[] strips, int lanes) {
        for (int lane = 0; lane < lanes; lane += STRIP) {
            toLanes(rows, at + lane * width, Math.min(STRIP, count - lane), width, scale, strips, lane * width,
                    Math.min(STRIP, lanes - lane));
        }
    }

    /// `columns[d, t] = rows[t, d] * scale`; lanes without a row are 0.
    ///
    /// @param rows    `[count, width]` from element `at` on
    /// @param columns `[width, lanes]` from element `to` on
    static void toLanes(float[] rows, int at, int count, int width, float scale, float[] columns, int to, int lanes) {
        if (count < lanes) {
            Arrays.fill(columns, to, to + width * lanes, 0);
        }
        int t = 0;
        for (; t + 4 <= count; t += 4) {
            four(rows, at + t * width, width, scale, columns, to + t, lanes);
        }
        for (; t < count; t++) {
            for (int d = 0; d < width; d++) {
                columns[to + d * lanes + t] = rows[at + t * width + d] * scale;
            }
        }
    }

    private static void four(float[] rows, int a0, int width, float scale, float[] columns, int t, int lanes) {
        int a1 = a0 + width;
        int a2 = a1 + width;
        int a3 = a2 + width;
        for (int d = 0, to = t; d < width; d++, to += lanes) {
            columns[to] = rows[a0 + d] * scale;
            columns[to + 1] = rows[a1 + d] * scale;
            columns[to + 2] = rows[a2 + d] * scale;
            columns[to + 3] = rows[a3 + d] * scale;
        }
    }

    /// Lays at most [Lanes#PANEL] rows out as the columns of a panel, `[width, PANEL]`; other columns stay as they are.
    ///
    /// @param rows `[count, width]` from element `at` on
    static void toPanel(float[] rows, int at, int count, int width, float[] panel) {
        int t = 0;
        for (; t + 4 <= count; t += 4) {
            int a0 = at + t * width;
            int a1 = a0 + width;
            int a2 = a1 + width;
            int a3 = a2 + width;
            for (int d = 0; d < width; d++) {
                int to = t + d * PANEL;
                panel[to] = rows[a0 + d];
                panel[to + 1] = rows[a1 + d];
                panel[to + 2] = rows[a2 + d];
                panel[to + 3] = rows[a3 + d];
            }
        }
        for (; t < count; t++) {
            for (int d = 0; d < width; d++) {
                panel[t + d * PANEL] = rows[at + t * width + d];
            }
        }
    }

    /// The same for halves, from column `first` on.
    static void toPanel(short[] rows, int at, int count, int width, short[] panel, int first) {
        int t = 0;
        for (; t + 4 <= count; t += 4) {
            int a0 = at + t * width;
            int a1 = a0 + width;
            int a2 = a1 + width;
            int a3 = a2 + width;
            for (int d = 0; d < width; d++) {
                int to = first + t + d * PANEL;
                panel[to] = rows[a0 + d];
                panel[to + 1] = rows[a1 + d];
                panel[to + 2] = rows[a2 + d];
                panel[to + 3] = rows[a3 + d];
            }
        }
        for (; t < count; t++) {
            for (int d = 0; d < width; d++) {
                panel[first + t + d * PANEL] = rows[at + t * width + d];
            }
        }
    }

    /// The same for numbers of 8 bits, from column `first` on.
    static void toPanel(byte[] rows, int at, int count, int width, byte[] panel, int first) {
        int t = 0;
        for (; t + 4 <= count; t += 4) {
            int a0 = at + t * width;
            int a1 = a0 + width;
            int a2 = a1 + width;
            int a3 = a2 + width;
            for (int d = 0; d < width; d++) {
                int to = first + t + d * PANEL;
                panel[to] = rows[a0 + d];
                panel[to + 1] = rows[a1 + d];
                panel[to + 2] = rows[a2 + d];
                panel[to + 3] = rows[a3 + d];
            }
        }
        for (; t < count; t++) {
            for (int d = 0; d < width; d++) {
                panel[first + t + d * PANEL] = rows[at + t * width + d];
            }
        }
    }

    /// Columns of zeros.
    static void clear(short[] panel, int first, int count, int width) {
        for (int d = 0; d < width; d++) {
            Arrays.fill(panel, d * PANEL + first, d * PANEL + first + count, (short) 0);
        }
    }

    /// Cuts rows into panels, `[ceil(width / PANEL), count, PANEL]`.
    ///
    /// @param rows `[count, width]` from element `at` on
    static void toPanels(float[] rows, int at, int count, int width, float[] panels) {
        for (int d = 0; d < width; d += PANEL) {
            int part = Math.min(PANEL, width - d);
            for (int t = 0; t < count; t++) {
                System.arraycopy(rows, at + t * width + d, panels, (d / PANEL * count + t) * PANEL, part);
            }
        }
    }

    /// Rows out of strips as [#toStrips] makes them, row `t` times `scale[t]`.
    ///
    /// @param rows `[count, width]` from element `at` on, rows `stride` apart
    static void fromStrips(float[] strips, int lanes, int count, int width, float[] scale, float[] rows, int at,
                           int stride) {
        for (int lane = 0; lane < count; lane += STRIP) {
            toRows(strips, lane * width, Math.min(STRIP, lanes - lane), Math.min(STRIP, count - lane), width, scale,
                    lane, rows, at + lane * stride, stride);
        }
    }

    /// `rows[t, d] = columns[d, t] * scale[first + t]`.
    ///
    /// @param columns `[width, lanes]` from element `from` on
    /// @param rows    `[count, width]` from element `at` on, rows `stride` apart
    private static void toRows(float[] columns, int from, int lanes, int count, int width, float[] scale, int first,
                       float[] rows, int at, int stride) {
        int t = 0;
        for (; t + 4 <= count; t += 4) {
            fourBack(columns, from + t, lanes, width, scale, first + t, rows, at + t * stride, stride);
        }
        for (; t < count; t++) {
            for (int d = 0; d < width; d++) {
                rows[at + t * stride + d] = columns[from + d * lanes + t] * scale[first + t];
            }
        }
    }

    private static void fourBack(float[] columns, int c0, int lanes, int width, float[] scale, int t, float[] rows,
                                 int r0, int stride) {
        int r1 = r0 + stride;
        int r2 = r1 + stride;
        int r3 = r2 + stride;
        float f0 = scale[t];
        float f1 = scale[t + 1];
        float f2 = scale[t + 2];
        float f3 = scale[t + 3];
        for (int d = 0, from = c0; d < width; d++, from += lanes) {
            rows[r0 + d] = columns[from] * f0;
            rows[r1 + d] = columns[from + 1] * f1;
            rows[r2 + d] = columns[from + 2] * f2;
            rows[r3 + d] = columns[from + 3] * f3;
        }
    }
}
