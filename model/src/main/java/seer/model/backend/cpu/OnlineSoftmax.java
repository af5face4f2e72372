package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Softmax that sees its scores piece by piece; every lane is a query with its own maximum and sum.
///
/// Scores are in powers of two: the factor log2(e) is already in the queries.
final class OnlineSoftmax {
    private OnlineSoftmax() {
    }

    /// Takes one more piece of scores in and turns it into weights in place.
    ///
    /// @param s      `[keys, lanes]` scores in, `2^(s - max)` out
    /// @param max    `[lanes]` running maximum, starts at negative infinity
    /// @param sum    `[lanes]` running sum of weights, starts at 0
    /// @param shrink `[lanes]` out: what sums made with the old maximum are to be multiplied with
    static void step(float[] s, int keys, int lanes, float[] max, float[] sum, float[] shrink) {
        for (int lane = 0; lane < lanes; lane += LENGTH) {
            column(s, lane, keys, lanes, max, sum, shrink);
        }
    }

    private static void column(float[] s, int lane, int keys, int lanes, float[] max, float[] sum,
                               float[] shrink) {
        FloatVector old = FloatVector.fromArray(SPECIES, max, lane);
        FloatVector m = old;
        for (int j = 0, at = lane; j < keys; j++, at += lanes) {
            FloatVector x = FloatVector.fromArray(SPECIES, s, at);
            m = m.blend(x, x.compare(VectorOperators.GT, m));
        }
        FloatVector f = VectorExp.exp2(old.sub(m));
        FloatVector l = FloatVector.fromArray(SPECIES, sum, lane).mul(f);
        for (int j = 0, at = lane; j < keys; j++, at += lanes) {
            FloatVector p = VectorExp.exp2(FloatVector.fromArray(SPECIES, s, at).sub(m));
            p.intoArray(s, at);
            l = l.add(p);
        }
        m.intoArray(max, lane);
        l.intoArray(sum, lane);
        f.intoArray(shrink, lane);
    }

    /// Hides keys from queries that stand before them: key `j` of lane `i` becomes negative infinity unless
    /// `j <= i + ahead`.
    ///
    /// @param ahead position of lane 0 minus position of key 0
    static void mask(float[] s, int keys, int lanes, int ahead) {
        for (int j = Math.max(0, ahead + 1); j < keys; j++) {
            for (int lane = 0; lane < lanes; lane += LENGTH) {
                maskRow(s, j * lanes + lane, j - ahead - lane);
            }
        }
    }

    private static void maskRow(float[] s, int at, int firstVisible) {
        FloatVector x = FloatVector.fromArray(SPECIES, s, at);
        FloatVector lane = FloatVector.zero(SPECIES).addIndex(1);
        x.blend(Float.NEGATIVE_INFINITY, lane.compare(VectorOperators.LT, firstVisible)).intoArray(s, at);
    }
}
