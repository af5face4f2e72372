package seer.gate;

import java.util.List;
import java.util.stream.IntStream;
import seer.model.attention.GateActivation;
import seer.model.attention.SelectionRule;

/// Thresholds that an adapter carries: those that gave the density it was calibrated for.
///
/// @param values    one for the whole model, one for each layer, or one for each head, layer by layer
/// @param keepFirst whether every row kept the first block, counted in the density, when they were found
public record GateThresholds(List<Double> values, boolean keepFirst) {
    /// Key of one number in the adapter's configuration.
    public static final String ONE = "seer_threshold";
    /// Key of a list of them.
    public static final String MANY = "seer_thresholds";
    /// Key of whether the first block was kept; adapters that do not say so were calibrated without.
    public static final String KEEP_FIRST = "seer_keep_first";

    public GateThresholds {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException(MANY + " is empty, wanted at least one threshold");
        }
        for (double value : values) {
            if (!(value >= 0 && (float) value < 1)) { // probabilities are 32-bit floats
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
