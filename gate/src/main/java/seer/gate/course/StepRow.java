package seer.gate.course;

import java.util.List;

/// What the metrics say of a step.
///
/// @param step    steps made, this one included
/// @param rate    learning rate, or its share of the highest
/// @param tokens  tokens read in this step
/// @param seconds it took
/// @param values  in the order of the training's own columns
public record StepRow(int step, double rate, long tokens, double seconds, List<Double> values) {
    public StepRow {
        values = List.copyOf(values);
    }

    /// Tokens read per second.
    public double tokensPerSecond() {
        return tokens / seconds;
    }
}
