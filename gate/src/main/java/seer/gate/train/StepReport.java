package seer.gate.train;

import java.util.List;

/// What one step did.
///
/// @param step    steps made, this one included
/// @param rate    learning rate as a share of each gate's highest
/// @param tokens  tokens read in this step
/// @param seconds it took
/// @param gates   one for each gate, in the plan's order
public record StepReport(int step, double rate, long tokens, double seconds, List<Gate> gates) {

    /// Of one gate.
    ///
    /// @param loss         mean over the batch of the loss summed over the layers
    /// @param divergence   nats per row, mean over the batch; 0 for sigmoids
    /// @param gradientNorm before clipping
    public record Gate(double loss, double divergence, double gradientNorm) { }

    /// Tokens read per second.
    public double tokensPerSecond() {
        return tokens / seconds;
    }
}
