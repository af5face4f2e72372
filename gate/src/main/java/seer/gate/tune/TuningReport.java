package seer.gate.tune;

import java.util.List;
import java.util.stream.Stream;
import seer.gate.course.StepRow;

/// What one step of fine-tuning did.
///
/// @param step         steps made, this one included
/// @param rate         learning rate as a share of the highest
/// @param tokens       tokens read in this step
/// @param seconds      it took
/// @param loss         nats per token, mean over the batch
/// @param density      share of the causal blocks that were computed
/// @param gradientNorm before clipping, of all that learns
/// @param gates        loss of the gates, null where they do not learn
public record TuningReport(int step, double rate, long tokens, double seconds, double loss, double density,
                           double gradientNorm, Gates gates) {
    private static final List<String> MODEL = List.of("loss", "density", "gradient_norm");
    private static final List<String> GATES = List.of("gate_loss", "gate_kl_nats");

    /// Of the gates.
    ///
    /// @param loss       mean over the batch of the loss summed over the layers
    /// @param divergence nats per row, mean over the batch; 0 for sigmoids
    public record Gates(double loss, double divergence) { }

    /// The metrics' own columns.
    static List<String> columns(TuningPlan plan) {
        return plan.trainsGates() ? Stream.concat(MODEL.stream(), GATES.stream()).toList() : MODEL;
    }

    /// As a line of the metrics.
    StepRow row() {
        return new StepRow(step, rate, tokens, seconds, gates == null ? List.of(loss, density, gradientNorm)
                : List.of(loss, density, gradientNorm, gates.loss(), gates.divergence()));
    }

    /// What a line of the metrics says.
    static TuningReport of(StepRow row) {
        var values = row.values();
        return new TuningReport(row.step(), row.rate(), row.tokens(), row.seconds(), values.get(0), values.get(1),
                values.get(2), values.size() == MODEL.size() ? null : new Gates(values.get(3), values.get(4)));
    }

    /// Tokens read per second.
    public double tokensPerSecond() {
        return tokens / seconds;
    }
}
