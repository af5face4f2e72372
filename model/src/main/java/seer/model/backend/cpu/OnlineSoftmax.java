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

    /// Takes one more piece of scores in and makes weights of them in place.
    ///
    /// @param s      `[keys, lanes]` scores in, `2^(s - max)` out
    /// @param first  the first of the lanes in what follows
    /// @param max    running maximum, starts at negative infinity
    /// @param sum    running sum of weights, starts at 0
    /// @param shrink out: what sums made with the old maximum are to be multiplied with
    /// @param added  for passing use
    static void step(float[] s, int keys, int lanes, int first, float[] max, float[] sum, float[] shrink,
                     float[] added) {
        int end = first + lanes;
        for (int lane = first; lane < end; lane += LENGTH) {
            raise(s, lane - first, lane, keys, lanes, max, shrink);
        }
        for (int lane = first; lane < end; lane += LENGTH) {
            VectorExp.column(shrink, lane, 1, lanes, max, lane, added);
        }
        for (int lane = first; lane < end; lane += LENGTH) {
            VectorExp.column(s, lane - first, keys, lanes, max, lane, added);
        }
        for (int lane = first; lane < end; lane += LENGTH) {
            FloatVector.fromArray(SPECIES, sum, lane)
                    .fma(FloatVector.fromArray(SPECIES, shrink, lane), FloatVector.fromArray(SPECIES, added, lane))
                    .intoArray(sum, lane);
        }
    }

    /// Raises `max` to the largest score of each lane; its former value goes to `old`.
    ///
    /// @param from first score of the first key
    /// @param lane first of the lanes
    /// Four maxima side by side: one alone would wait for its own last comparison.
    static void raise(float[] s, int from, int lane, int keys, int lanes, float[] max, float[] old) {
        FloatVector m0 = FloatVector.fromArray(SPECIES, max, lane);
        m0.intoArray(old, lane);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        int j = 0;
        int at = from;
        for (; j + 4 <= keys; j += 4, at += 4 * lanes) {
            m0 = larger(m0, FloatVector.fromArray(SPECIES, s, at));
            m1 = larger(m1, FloatVector.fromArray(SPECIES, s, at + lanes));
            m2 = larger(m2, FloatVector.fromArray(SPECIES, s, at + 2 * lanes));
            m3 = larger(m3, FloatVector.fromArray(SPECIES, s, at + 3 * lanes));
        }
        for (; j < keys; j++, at += lanes) {
            m0 = larger(m0, FloatVector.fromArray(SPECIES, s, at));
        }
        larger(larger(m0, m1), larger(m2, m3)).intoArray(max, lane);
    }

    /// Compare and blend are two instructions; `max` with its rules for NaN and signed zeros would be six.
    private static FloatVector larger(FloatVector m, FloatVector x) {
        return m.blend(x, x.compare(VectorOperators.GT, m));
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

    /// Hides all keys from the lanes before `reader`.
    static void maskBefore(float[] s, int keys, int lanes, int reader) {
        for (int j = 0; j < keys; j++) {
            for (int lane = 0; lane < Math.min(reader, lanes); lane += LENGTH) {
                maskRow(s, j * lanes + lane, reader - lane);
            }
        }
    }

    private static void maskRow(float[] s, int at, int firstVisible) {
        FloatVector x = FloatVector.fromArray(SPECIES, s, at);
        FloatVector lane = FloatVector.zero(SPECIES).addIndex(1);
        x.blend(Float.NEGATIVE_INFINITY, lane.compare(VectorOperators.LT, firstVisible)).intoArray(s, at);
    }
}
