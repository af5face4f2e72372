package seer.gate.rival;

import seer.model.backend.NotFiniteException;

/// The softmax of a row, on the host, of gates and rivals alike. Training has its own, which is one pass with the loss.
public final class Softmax {
    private Softmax() { }

    /// Makes probabilities of `values[at .. at + count]`; their sum is taken in double precision. Negative infinity
    /// stands for what is not seen.
    ///
    /// @throws NotFiniteException if one is NaN or positive infinity, or nothing is seen
    public static void inPlace(float[] values, int at, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < count; j++) {
            max = Math.max(max, values[at + j]);
        }
        double sum = 0;
        for (int j = 0; j < count; j++) {
            values[at + j] = (float) Math.exp(values[at + j] - max);
            sum += values[at + j];
        }
        if (!(sum < Double.POSITIVE_INFINITY)) {
            throw new NotFiniteException("a score that blocks are chosen by is NaN or infinite, wanted a finite one");
        }
        for (int j = 0; j < count; j++) {
            values[at + j] = (float) (values[at + j] / sum);
        }
    }
}
