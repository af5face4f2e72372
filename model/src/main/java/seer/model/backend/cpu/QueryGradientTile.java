package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;

/// The gradient by at most 64 queries of one head, with queries along the lanes, as in [AttentionTile].
///
/// ```text
///   p  [keys, lanes] = 2^(K q^T - lse)     dp [keys, lanes] = V dO^T
///   ds [keys, lanes] = p (dp - delta)      dq^T [D, lanes] += K^T ds
/// ```
///
/// Strip after strip of queries, each as far as its own last query sees.
final class QueryGradientTile {
    private final int width;
    private final int rows;
    private final int lanes;
    private final float[] q;
    private final float[] p;
    private final float[] dOut;
    private final float[] dp;
    private final float[] dq;
    private final float[] logSumExp; // in powers of two; infinite in lanes without a query, whose weights are then 0
    private final float[] delta;
    private final float[] ones;
    private final float[] sum;

    /// @param queries `[.., D]`, rows contiguous from element `at` on
    /// @param row     first row of `back`
    /// @param sums    natural log-sum-exps from element `first` on
    QueryGradientTile(float[] queries, int at, OutputSlope back, int row, float[] sums, int first, int rows, int width,
                      Scratch scratch) {
        this.width = width;
        this.rows = rows;
        lanes = Lanes.padded(rows);
        q = scratch.floats(0, width * lanes);
        p = scratch.floats(1, PANEL * STRIP);
        dOut = scratch.floats(2, width * lanes);
        dp = scratch.floats(3, PANEL * STRIP);
        dq = scratch.floats(4, width * lanes);
        logSumExp = scratch.floats(5, lanes);
        delta = scratch.floats(6, lanes);
        ones = scratch.floats(7, lanes);
        sum = scratch.floats(8, lanes);
        Transpose.toStrips(queries, at, rows, width, (float) (SoftmaxSlope.LOG2_E / Math.sqrt(width)), q, lanes);
        Transpose.toStrips(back.values(), row * width, rows, width, 1, dOut, lanes);
        Arrays.fill(dq, 0, width * lanes, 0);
        Arrays.fill(ones, 0, lanes, 1);
        Arrays.fill(logSumExp, 0, lanes, Float.POSITIVE_INFINITY);
        Arrays.fill(delta, 0, lanes, 0);
        for (int t = 0; t < rows; t++) {
            logSumExp[t] = (float) (sums[first + t] * SoftmaxSlope.LOG2_E);
        }
        System.arraycopy(back.delta(), row, delta, 0, rows);
    }

    /// Takes keys `0 .. count` of one key block in, of which query `i` sees those up to `i + ahead`.
    void add(float[] keys, float[] values, int at, int count, int ahead) {
        int visible = Math.min(count, ahead + rows);
        for (int first = 0; first < visible; first += PANEL) {
            int piece = Math.min(PANEL, visible - first);
            int from = at + first * width;
            for (int lane = 0; lane < lanes; lane += STRIP) {
                int queries = Math.min(STRIP, lanes - lane);
                int seen = ahead - first + lane; // the last key that the strip's first query sees
                strip(keys, values, from, Math.min(piece, seen + queries), lane, queries, seen);
            }
        }
    }

    /// The queries of one strip and the keys that its last query sees, if any.
    private void strip(float[] keys, float[] values, int from, int piece, int lane, int queries, int ahead) {
        if (piece <= 0) {
            return;
        }
        int at = lane * width;
        // -- weights --
        PanelKernel.multiply(keys, from, width, piece, width, q, at, queries, p, 0, queries, false);
        if (piece - 1 > ahead) {
            OnlineSoftmax.mask(p, piece, queries, ahead);
        }
        SoftmaxSlope.columns(p, piece, queries, logSumExp, lane, sum);
        // -- slopes --
        PanelKernel.multiply(values, from, width, piece, width, dOut, at, queries, dp, 0, queries, false);
        SoftmaxSlope.columns(p, dp, piece, queries, delta, lane);
        // -- accumulate --
        ValueKernel.accumulate(keys, from, width, piece, dp, queries, ones, lane, dq, at);
    }

    /// Writes row `t` to `target[at + t * D ...]`.
    void finish(float[] target, int at) {
        Arrays.fill(ones, 0, lanes, (float) (1 / Math.sqrt(width)));
        Transpose.fromStrips(dq, lanes, rows, width, ones, target, at, width);
    }
}
