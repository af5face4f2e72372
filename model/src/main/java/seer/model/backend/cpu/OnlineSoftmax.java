package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Softmax that sees its scores piece by piece; every lane is a query with its own maximum and sum.
///
/// Scores are in powers of two: the factor log2(e) is already in the queries.
final class OnlineSoftmax {
    /// What a score may lie above the maximum that it is held to: weights and their sums are floats, of any size.
    private static final float FAR_ABOVE = 16;

    private OnlineSoftmax() {
    }

    /// Makes weights of one more piece of scores, in place, and adds them to the sums: `2^(s - max)`, where `max` need
    /// not be the largest score. One by which weights are up to 2^16 costs no precision, and few keys go beyond that
    /// after the first piece: so nobody looks for a maximum, or shrinks what was summed up with an older one.
    ///
    /// @param s     `[keys, STRIP]`
    /// @param first the first of the lanes in what follows
    /// @param max   to which scores are held
    /// @param sum   running sum of weights
    /// @param added for passing use
    /// @return false if a score is too far above `max`: then `s` is of no use, and sums are as they were
    static boolean weigh(float[] s, int keys, int vectors, int first, float[] max, float[] sum, float[] added) {
        boolean fit = true;
        for (int vector = 0; vector < vectors; vector++) {
            fit &= VectorExp.strip(s, vector * LENGTH, keys, max, first + vector * LENGTH, FAR_ABOVE, added);
        }
        for (int lane = first; fit && lane < first + vectors * LENGTH; lane += LENGTH) {
            FloatVector.fromArray(SPECIES, sum, lane).add(FloatVector.fromArray(SPECIES, added, lane))
                    .intoArray(sum, lane);
        }
        return fit;
    }

    /// Makes weights of a piece of scores with a `max` that is the largest so far, and shrinks what was summed up with
    /// the former one.
    ///
    /// @param o `[height, STRIP]` from element `at` on: other sums
    static void raiseAndWeigh(float[] s, int keys, int vectors, int first, float[] max, float[] sum, float[] added,
                              float[] o, int at, int height, float[] shrink) {
        for (int vector = 0; vector < vectors; vector++) {
            int lane = first + vector * LENGTH;
            raise(s, vector * LENGTH, lane, keys, STRIP, max, shrink);
            VectorExp.column(shrink, lane, 1, STRIP, max, lane, added);
            FloatVector factor = FloatVector.fromArray(SPECIES, shrink, lane);
            FloatVector.fromArray(SPECIES, sum, lane).mul(factor).intoArray(sum, lane);
            for (int d = 0; d < height; d++) {
                int to = at + d * STRIP + vector * LENGTH;
                FloatVector.fromArray(SPECIES, o, to).mul(factor).intoArray(o, to);
            }
        }
        weigh(s, keys, vectors, first, max, sum, added);
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
