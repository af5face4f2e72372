package seer.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/// Samples to rows: means, intervals, differences to a baseline.
public final class Summary {
    private final Map<SampleKey, Map<String, Sample>> groups = new LinkedHashMap<>(); // by item

    private Summary(Samples samples) {
        samples.all().forEach((key, sample) ->
                groups.computeIfAbsent(key.group(), group -> new LinkedHashMap<>()).put(key.item(), sample));
    }

    /// One row for each selector of each task, in the order of the samples.
    ///
    /// @param baselines label of the selector that the selector of a label is compared with, or null
    public static List<EvalRow> rows(Samples samples, UnaryOperator<String> baselines) {
        var summary = new Summary(samples);
        return summary.groups.keySet().stream().map(key -> summary.row(key, baselines.apply(key.selector()))).toList();
    }

    private EvalRow row(SampleKey key, String baseline) {
        var samples = groups.get(key);
        var all = List.copyOf(samples.values());
        var value = Interval.student(values(all), weights(all));
        var other = baseline == null || baseline.equals(key.selector()) ? null : baseline(key, baseline);
        Interval difference = null;
        Interval bootstrap = null;
        if (other != null) {
            var both = samples.keySet().stream().filter(other::containsKey).toList();
            if (!both.isEmpty()) {
                double[] differences = both.stream()
                        .mapToDouble(item -> samples.get(item).value() - other.get(item).value()).toArray();
                double[] weights = both.stream().mapToDouble(item -> samples.get(item).weight()).toArray();
                difference = Interval.student(differences, weights);
                bootstrap = Interval.bootstrap(differences, weights);
            }
        }
        var shown = new Interval(key.measure().shown(value.mean()), key.measure().shown(value.low()),
                key.measure().shown(value.high()));
        return new EvalRow(key, all.size(), shown, all.stream().mapToDouble(Sample::density).average().orElseThrow(),
                median(all, Sample::selectionMs), median(all, Sample::attentionMs), median(all, Sample::prefillMs),
                difference == null ? null : baseline, difference, bootstrap);
    }

    /// The baseline's samples of the same task: those with as many dense last rows; dense attention has none.
    private Map<String, Sample> baseline(SampleKey key, String baseline) {
        int lastRows = baseline.equals(Contender.DENSE) ? 0 : key.denseLastRows();
        return groups.get(new SampleKey(key.measure(), key.task(), key.tokens(), baseline, lastRows, ""));
    }

    /// Rows of the samples' parts, such as one for each head: mean and interval of each.
    public static List<EvalRow> parts(Samples samples) {
        var apart = new Samples();
        samples.all().forEach((key, sample) -> sample.parts().forEach((part, value) ->
                apart.put(new SampleKey(key.measure(), key.task() + " " + part, key.tokens(), key.selector(),
                        key.denseLastRows(), key.item()), new Sample(value, 1, sample.density(), sample.selectionMs(),
                        sample.attentionMs(), sample.prefillMs(), Map.of()))));
        return rows(apart, label -> null);
    }

    private static double[] values(List<Sample> samples) {
        return samples.stream().mapToDouble(Sample::value).toArray();
    }

    private static double[] weights(List<Sample> samples) {
        return samples.stream().mapToDouble(Sample::weight).toArray();
    }

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> field) {
        return new Median().evaluate(samples.stream().mapToDouble(field).toArray());
    }
}
