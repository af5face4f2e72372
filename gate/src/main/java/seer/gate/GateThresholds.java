package seer.gate;

import java.util.List;
import java.util.stream.IntStream;
import seer.model.attention.GateActivation;
import seer.model.attention.SelectionRule;

/// Thresholds that an adapter carries: those that gave the density it was calibrated for.
///
/// A row's probabilities sum to 1, so that those of a longer prompt are smaller, and a threshold belongs to a length.
/// Where there are several lengths, prompts between two of them get what lies on the line between the two, in the
/// logarithms of both; longer ones what lies on the last line drawn on; shorter ones the threshold of the shortest,
/// since few blocks are cheap to keep.
///
/// @param lengths   tokens of the prompts that they were found on, rising; empty if prompts of any length get the same
/// @param values    for each length, one after the other: one for the whole model, one for each layer, or one for each
///                  head, layer by layer
/// @param keepFirst whether every row kept the first block, counted in the density, when they were found
/// @param correction of what the chosen blocks give, which they were found with and are used with; null for none
public record GateThresholds(List<Integer> lengths, List<Double> values, boolean keepFirst,
                             CorrectionSpec correction) {
    /// Key of one number in the adapter's configuration.
    public static final String ONE = "seer_threshold";
    /// Key of a list of them.
    public static final String MANY = "seer_thresholds";
    /// Key of the lengths.
    public static final String LENGTHS = "seer_threshold_lengths";
    /// Key of whether the first block was kept; adapters that do not say so were calibrated without.
    public static final String KEEP_FIRST = "seer_keep_first";
    /// Key of the correction, as a selector ends: `+rest`.
    public static final String CORRECTION = "seer_correction";

    public GateThresholds {
        lengths = List.copyOf(lengths);
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException(MANY + " is empty, wanted at least one threshold");
        }
        int before = 0;
        for (int length : lengths) {
            if (length <= before) {
                throw new IllegalArgumentException(LENGTHS + " is " + lengths + ", wanted rising numbers above 0");
            }
            before = length;
        }
        if (lengths.size() == 1 || !lengths.isEmpty() && values.size() % lengths.size() != 0) {
            throw new IllegalArgumentException(LENGTHS + " has " + lengths.size() + " and " + MANY + " " + values.size()
                    + " numbers, wanted at least two lengths and as many thresholds for each");
        }
        for (double value : values) { // probabilities are 32-bit floats
            if (!(value >= 0 && (float) value < 1) || !lengths.isEmpty() && value == 0) {
                throw new IllegalArgumentException((values.size() == 1 ? ONE : MANY) + " holds " + value + ", wanted "
                        + (lengths.isEmpty() ? "at least 0" : "above 0") + " and below 1");
            }
        }
    }

    /// Without a correction.
    public GateThresholds(List<Integer> lengths, List<Double> values, boolean keepFirst) {
        this(lengths, values, keepFirst, null);
    }

    /// The same for prompts of any length.
    public GateThresholds(List<Double> values, boolean keepFirst) {
        this(List.of(), values, keepFirst);
    }

    /// Those of several lengths together.
    ///
    /// @param each for each length those of any
    public static GateThresholds of(List<Integer> lengths, List<GateThresholds> each) {
        return lengths.size() == 1 ? each.getFirst() : new GateThresholds(lengths,
                each.stream().flatMap(one -> one.values().stream()).toList(), each.getFirst().keepFirst(),
                each.getFirst().correction());
    }

    /// Thresholds of one length.
    int perLength() {
        return values.size() / Math.max(1, lengths.size());
    }

    /// Those of a prompt of `tokens` tokens.
    public List<Double> at(int tokens) {
        int each = perLength();
        if (lengths.isEmpty() || tokens <= lengths.getFirst()) {
            return values.subList(0, each);
        }
        int right = 1;
        while (right < lengths.size() - 1 && tokens > lengths.get(right)) {
            right++;
        }
        double left = Math.log(lengths.get(right - 1));
        double share = (Math.log(tokens) - left) / (Math.log(lengths.get(right)) - left);
        int from = (right - 1) * each;
        return IntStream.range(from, from + each).mapToObj(i -> Math.min(Math.nextDown(1f), Math.exp(
                (1 - share) * Math.log(values.get(i)) + share * Math.log(values.get(i + each))))).toList();
    }

    /// The rules of `layers` layers for a prompt of `tokens` tokens.
    public List<SelectionRule> rules(int layers, GateActivation activation, int tokens) {
        var own = at(tokens).stream().map(Double::floatValue).toList();
        int each = Math.max(1, own.size() / layers);
        return IntStream.range(0, layers).mapToObj(layer -> {
            int from = own.size() == 1 ? 0 : layer * each;
            return (SelectionRule) new SelectionRule.Threshold(own.subList(from, from + each), activation);
        }).toList();
    }
}
