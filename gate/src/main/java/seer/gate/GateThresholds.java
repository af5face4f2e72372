package seer.gate;

import java.util.List;
import seer.model.attention.GateActivation;
import seer.model.attention.SelectionRule;

/// Thresholds that an adapter carries: those that gave the density it was calibrated for.
///
/// @param values one for the whole model, or one for each layer
public record GateThresholds(List<Double> values) {
    /// Key of one number in the adapter's configuration.
    public static final String ONE = "seer_threshold";
    /// Key of a list of them.
    public static final String MANY = "seer_thresholds";

    public GateThresholds {
        values = List.copyOf(values);
        for (double value : values) {
            if (!(value >= 0 && value < 1)) {
                throw new IllegalArgumentException((values.size() == 1 ? ONE : MANY) + " holds " + value
                        + ", wanted at least 0 and below 1");
            }
        }
    }

    /// The rules of `layers` layers.
    public List<SelectionRule> rules(int layers, GateActivation activation) {
        return java.util.stream.IntStream.range(0, layers)
                .mapToObj(layer -> (SelectionRule) new SelectionRule.Threshold(
                        values.get(values.size() == 1 ? 0 : layer).floatValue(), activation))
                .toList();
    }
}
