package seer.gate.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import seer.gate.course.StepRow;

/// What one step did.
///
/// @param step    steps made, this one included
/// @param rate    learning rate as a share of each gate's highest
/// @param tokens  tokens read in this step
/// @param seconds it took
/// @param gates   one for each gate, in the plan's order
public record StepReport(int step, double rate, long tokens, double seconds, List<Gate> gates) {
    private static final List<String> PER_GATE = List.of("loss", "kl_nats", "gradient_norm");

    /// Of one gate.
    ///
    /// @param loss         mean over the batch of the loss summed over the layers
    /// @param divergence   nats per row, mean over the batch; 0 for sigmoids
    /// @param gradientNorm before clipping
    public record Gate(double loss, double divergence, double gradientNorm) { }

    /// The metrics' own columns of these gates. Losses are means over the batch; `kl_nats` is the divergence per row.
    static List<String> columns(List<GateRecipe> gates) {
        return gates.stream().flatMap(gate -> PER_GATE.stream().map(column -> gate.name() + "_" + column)).toList();
    }

    /// As a line of the metrics.
    StepRow row() {
        return new StepRow(step, rate, tokens, seconds, gates.stream()
                .flatMap(gate -> Stream.of(gate.loss(), gate.divergence(), gate.gradientNorm())).toList());
    }

    /// What a line of the metrics says.
    static StepReport of(StepRow row) {
        var gates = new ArrayList<Gate>();
        for (int at = 0; at < row.values().size(); at += PER_GATE.size()) {
            gates.add(new Gate(row.values().get(at), row.values().get(at + 1), row.values().get(at + 2)));
        }
        return new StepReport(row.step(), row.rate(), row.tokens(), row.seconds(), gates);
    }

    /// Tokens read per second.
    public double tokensPerSecond() {
        return tokens / seconds;
    }
}
