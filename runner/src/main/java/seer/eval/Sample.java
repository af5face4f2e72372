package seer.eval;

import java.util.Map;
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
                     double prefillMs, Map<String, Double> parts) {
    private static final double MS = 1e-6;

    /// A sample of weight 1 with the costs of a prefill.
    public static Sample of(double value, PrefillReport report) {
        return of(value, 1, report);
    }

    /// A sample with the costs of a prefill.
    public static Sample of(double value, double weight, PrefillReport report) {
        return new Sample(value, weight, report.density(), report.selectionNanos() * MS, report.attentionNanos() * MS,
                report.totalNanos() * MS, Map.of());
    }
}
