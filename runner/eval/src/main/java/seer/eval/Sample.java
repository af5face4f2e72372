package seer.eval;

import java.io.Serializable;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import seer.model.PrefillReport;

/// One prompt or window read with one selector.
///
/// @param value       as the [Measure] says
/// @param weight      of this sample in the mean: tokens scored, or 1
/// @param density     share of the causal blocks computed, forced ones counted
/// @param selectionMs choosing blocks, milliseconds of the whole prefill
/// @param attentionMs attention
/// @param prefillMs   from tokens in memory to the logits of the last position
/// @param parts       further values by name, such as one for each head; not kept in files
public record Sample(double value, double weight, double density, double selectionMs, double attentionMs,
                     double prefillMs, Map<String, Double> parts) implements Serializable {
    private static final double MS = 1e-6;
    private static final double ROUNDING = 1e-6;
    private static final double LONGEST = 1e10; // milliseconds: four months

    /// A sample of weight 1 with the costs of a prefill.
    public static Sample of(double value, PrefillReport report) {
        return of(value, 1, report);
    }

    /// A sample with the costs of a prefill.
    public static Sample of(double value, double weight, PrefillReport report) {
        return new Sample(value, weight, report.density(), report.selectionNanos() * MS, report.attentionNanos() * MS,
                report.totalNanos() * MS, Map.of());
    }

    /// Whether another measurement of the same gave the same, times aside.
    boolean agrees(Sample other) {
        return value == other.value && weight == other.weight && density == other.density;
    }

    /// The field that no sample of that measure can have, what was wanted and what was found; null if all is well.
    String fault(Measure measure) {
        if (!measure.holds(value)) {
            return "value: wanted " + measure.range() + ", got " + value;
        }
        if (!(weight > 0 && weight <= Integer.MAX_VALUE)) {
            return "weight: wanted a number above 0, of tokens at most, got " + weight;
        }
        if (!(density > 0 && density <= 1 + ROUNDING)) {
            return "density: wanted a number above 0 and at most 1, got " + density;
        }
        return Stream.of(time("selection_ms", selectionMs), time("attention_ms", attentionMs),
                time("prefill_ms", prefillMs)).filter(Objects::nonNull).findFirst().orElse(null);
    }

    private static String time(String field, double milliseconds) {
        return Double.isNaN(milliseconds) || milliseconds >= 0 && milliseconds <= LONGEST ? null
                : field + ": wanted milliseconds, a number from 0 to " + LONGEST + ", got " + milliseconds;
    }
}
