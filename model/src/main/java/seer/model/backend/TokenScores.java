package seer.model.backend;

/// What the model says of each token it has read: one entry per position.
///
/// @param negativeLogLikelihood of the successor, in nats; NaN where there is none
/// @param best                  the most likely successor
public record TokenScores(float[] negativeLogLikelihood, int[] best) {

    /// Sum of the negative log-likelihoods of the successors of positions `from .. to`.
    public double nats(int from, int to) {
        double sum = 0;
        for (int t = from; t < to; t++) {
            sum += negativeLogLikelihood[t];
        }
        return sum;
    }
}
