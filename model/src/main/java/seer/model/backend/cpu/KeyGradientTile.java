package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;

/// The gradient by at most 64 keys and values of one group, with keys along the lanes.
///
/// ```text
///   p  [queries, lanes] = 2^(Q k^T - lse)     dv^T [D, lanes] += dO^T p
///   ds [queries, lanes] = p (dO v^T - delta)  dk^T [D, lanes] += Q^T ds
/// ```
///
/// Strip after strip of keys, each from the first query on that sees any of it.
final class KeyGradientTile {
    private final int width;
    private final int rows;
    private final int lanes;
    private final float[] k;
    private final float[] v;
    private final float[] p;
    private final float[] dp;
    private final float[] dk;
    private final float[] dv;
    private final float[] ones;
    private final float[] zeros;
    private final float[] sum;

    /// @param at   first element of keys and values, rows contiguous
    /// @param rows keys
    KeyGradientTile(float[] keys, float[] values, int at, int rows, int width, Scratch scratch) {
        this.width = width;
        this.rows = rows;
        lanes = Lanes.padded(rows);
        k = scratch.floats(0, width * lanes);
        p = scratch.floats(1, PANEL * STRIP);
        v = scratch.floats(2, width * lanes);
        dp = scratch.floats(3, PANEL * STRIP);
        dk = scratch.floats(4, width * lanes);
        zeros = scratch.floats(5, lanes);
        dv = scratch.floats(6, width * lanes);
        ones = scratch.floats(7, lanes);
        sum = scratch.floats(8, lanes);
        Transpose.toStrips(keys, at, rows, width, (float) (SoftmaxSlope.LOG2_E / Math.sqrt(width)), k, lanes);
        Transpose.toStrips(values, at, rows, width, 1, v, lanes);
        Arrays.fill(dk, 0, width * lanes, 0);
        Arrays.fill(dv, 0, width * lanes, 0);
        Arrays.fill(ones, 0, lanes, 1);
        Arrays.fill(zeros, 0, lanes, 0);
    }

    /// Takes at most 64 queries in, of which number `i` sees keys up to `i + ahead`.
    ///
    /// @param at    first element of the queries, rows contiguous
    /// @param row   first row of `back`
    /// @param sums  natural log-sum-exps from element `first` on
    void add(float[] queries, int at, OutputSlope back, int row, float[] sums, int first, int count, int ahead) {
        for (int lane = 0; lane < lanes; lane += STRIP) {
            int begin = Math.max(0, lane - ahead); // earlier queries see no key of the strip
            if (begin < count) {
                strip(queries, at + begin * width, back, row + begin, sums, first + begin, count - begin, lane,
                        ahead + begin - lane);
            }
        }
    }

    /// The keys of one strip, of which query number `i` sees those up to `i + ahead`.
    private void strip(float[] queries, int at, OutputSlope back, int row, float[] sums, int first, int count,
                       int lane, int ahead) {
        float[] dOut = back.values();
        int keys = Math.min(STRIP, lanes - lane);
        int to = lane * width;
        // -- weights --
        PanelKernel.multiply(queries, at, width, count, width, k, to, keys, p, 0, keys, false);
        SoftmaxSlope.rows(p, count, keys, sums, first, ahead);
        SoftmaxSlope.columns(p, count, keys, zeros, lane, sum);
        ValueKernel.accumulate(dOut, row * width, width, count, p, keys, ones, lane, dv, to);
        // -- slopes --
        PanelKernel.multiply(dOut, row * width, width, count, width, v, to, keys, dp, 0, keys, false);
        SoftmaxSlope.rows(p, dp, count, keys, back.delta(), row);
        ValueKernel.accumulate(queries, at, width, count, dp, keys, ones, lane, dk, to);
    }

    /// Writes row `j` to `dk[kAt + j * D ...]` and `dv[vAt + j * D ...]`.
    void finish(float[] keys, int kAt, float[] values, int vAt) {
        Transpose.fromStrips(dv, lanes, rows, width, ones, values, vAt, width);
        Arrays.fill(ones, 0, lanes, (float) (1 / Math.sqrt(width)));
        Transpose.fromStrips(dk, lanes, rows, width, ones, keys, kAt, width);
    }
}
