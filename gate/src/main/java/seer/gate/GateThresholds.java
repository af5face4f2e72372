package seer.gate;

import java.util.List;
import java.util.stream.IntStream;
import seer.model.attention.GateActivation;
import seer.model.attention.SelectionRule;

/// Thresholds that an adapter carries: those that gave the density it was calibrated for.
///
/// @param values one for the whole model, one for each layer, or one for each head of each layer in turn
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
        int each = Math.max(1, values.size() / layers);
        return IntStream.range(0, layers).mapToObj(layer -> {
            int from = values.size() == 1 ? 0 : layer * each;
            var own = values.subList(from, from + each).stream().map(Double::floatValue).toList();
            return (SelectionRule) new SelectionRule.Threshold(own, activation);
        }).toList();
    }
}
