package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Softmax made anew from its log-sum-exp, and what flows back through it: `p = 2^(s - lse)`, `ds = p (dp - delta)`.
///
/// Scores are in powers of two, as in [OnlineSoftmax]. A query is a lane, and then its numbers are vectors (`columns`),
/// or a row, and then they are spread over the lanes (`rows`).
final class SoftmaxSlope {
    static final double LOG2_E = 1 / Math.log(2);

    private SoftmaxSlope() {
    }

    /// `s = 2^(s - minus[first + lane])`.
    ///
    /// @param sum for passing use, as long as `minus`
    static void columns(float[] s, int rows, int lanes, float[] minus, int first, float[] sum) {
        for (int lane = 0; lane < lanes; lane += LENGTH) {
            VectorExp.column(s, lane, rows, lanes, minus, first + lane, sum);
        }
    }

    /// `dp = p * (dp - delta[first + lane])`.
    static void columns(float[] p, float[] dp, int rows, int lanes, float[] delta, int first) {
        for (int lane = 0; lane < lanes; lane += LENGTH) {
            FloatVector d = FloatVector.fromArray(SPECIES, delta, first + lane);
            for (int j = 0, at = lane; j < rows; j++, at += lanes) {
                FloatVector.fromArray(SPECIES, dp, at).sub(d).mul(FloatVector.fromArray(SPECIES, p, at))
                        .intoArray(dp, at);
            }
        }
    }

    /// `s[i, lane] -= lse[i]`, or negative infinity where key `lane` stands behind query `i`.
    ///
    /// @param sums  natural log-sum-exps from element `first` on
    /// @param ahead position of query 0 minus position of key 0
    static void rows(float[] s, int rows, int lanes, float[] sums, int first, int ahead) {
        FloatVector number = FloatVector.zero(SPECIES).addIndex(1);
        for (int i = 0; i < rows; i++) {
            float minus = (float) (sums[first + i] * LOG2_E);
            for (int lane = 0; lane < lanes; lane += LENGTH) {
                int at = i * lanes + lane;
                FloatVector x = FloatVector.fromArray(SPECIES, s, at).sub(minus);
                if (lane + LENGTH - 1 > i + ahead) {
                    x = x.blend(Float.NEGATIVE_INFINITY, number.compare(VectorOperators.GT, i + ahead - lane));
                }
                x.intoArray(s, at);
            }
        }
    }

    /// `dp[i, lane] = p * (dp - delta[i])`.
    static void rows(float[] p, float[] dp, int rows, int lanes, float[] delta, int first) {
        for (int i = 0; i < rows; i++) {
            float d = delta[first + i];
            for (int at = i * lanes; at < (i + 1) * lanes; at += LENGTH) {
                FloatVector.fromArray(SPECIES, dp, at).sub(d).mul(FloatVector.fromArray(SPECIES, p, at))
                        .intoArray(dp, at);
            }
        }
    }
}
