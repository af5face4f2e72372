package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Sums over rows, each column's by itself: the gradient by a bias, and what parts of a longer sum come to.
///
/// ## Shapes
/// | buffer    | shape           | type | direction | note                                                        |
/// |-----------|-----------------|------|-----------|-------------------------------------------------------------|
/// | `a`       | `[T, C]`        | f32  | in        |                                                             |
/// | `y`       | `[parts, C]`    | f32  | out       | of `P_SPAN` rows each, `parts = ceil(T / P_SPAN)`; or added to |
///
/// ## Tile
///   `parts`: item = column of a part: neighbours read neighbours. `total`, over the parts, leaves one row: group = 32
///   columns, item (c, s) takes rows s, s + 8, ..., and the first of a column's eight adds them up. The order of a sum
///   depends on `T` alone.
/// ## Formula
///   y[part, c] = sum over the part's rows of a[t, c]
/// ## Cost
///   reads each element once: memory-bound.
/// ## Versions
///   `reference` plain loops, double · `parts` one item per column and part · `total` eight items per column
public final class ColumnSum {
    public static final int P_ROWS = 0;
    public static final int P_C = 1;
    public static final int P_SPAN = 2;
    public static final int P_A = 3;
    public static final int P_Y = 4;
    public static final int P_ADD = 5;

    /// Items of a group of [#total], and columns.
    public static final int GROUP = 256;
    public static final int COLUMNS = 32;

    private ColumnSum() {
    }

    /// The oracle, of one part.
    public static double[] reference(float[] a, int T, int C) {
        var y = new double[C];
        for (int i = 0; i < T * C; i++) {
            y[i % C] += a[i];
        }
        return y;
    }

    /// One item for each column along x, parts along y.
    public static void parts(KernelContext context, FloatArray a, FloatArray y, IntArray p) {
        int c = context.globalIdx;
        int part = context.globalIdy;
        int width = p.get(P_C);
        if (c < width) {
            int end = TornadoMath.min(p.get(P_ROWS), (part + 1) * p.get(P_SPAN));
            float sum = 0.0f;
            for (int t = part * p.get(P_SPAN); t < end; t++) {
                sum += a.get(p.get(P_A) + t * width + c);
            }
            int to = p.get(P_Y) + part * width + c;
            if (p.get(P_ADD) == 1) {
                sum = sum + y.get(to);
            }
            y.set(to, sum);
        }
    }

    /// `y[c] += sum over the rows of a`: one group for each [#COLUMNS] columns. `P_SPAN` and `P_ADD` are
    /// not read.
    public static void total(KernelContext context, FloatArray a, FloatArray y, IntArray p) {
        float[] sums = context.allocateFloatLocalArray(GROUP);
        int item = context.localIdx;
        int width = p.get(P_C);
        int c = context.groupIdx * COLUMNS + item % COLUMNS;
        float sum = 0.0f;
        if (c < width) {
            for (int t = item / COLUMNS; t < p.get(P_ROWS); t += GROUP / COLUMNS) {
                sum += a.get(p.get(P_A) + t * width + c);
            }
        }
        sums[item] = sum;
        context.localBarrier();
        if (item < COLUMNS && c < width) {
            float all = y.get(p.get(P_Y) + c);
            for (int i = item; i < GROUP; i += COLUMNS) {
                all = all + sums[i];
            }
            y.set(p.get(P_Y) + c, all);
        }
    }
}
