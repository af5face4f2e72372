package seer.run.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/// How the time of one kind of work grows with the length of the text.
///
/// @param label  of the work
/// @param tokens lengths, ascending
/// @param millis mean time at each
public record Growth(String label, List<Integer> tokens, List<Double> millis) {
    /// The label of dense attention, with which all else is compared.
    public static final String DENSE = "dense";

    public Growth {
        tokens = List.copyOf(tokens);
        millis = List.copyOf(millis);
    }

    /// The power of the length that the time grows with: the slope of log time on log tokens; NaN of one length.
    public double exponent() {
        return regression().getSlope();
    }

    /// Share of the variance that the power explains; NaN of one length.
    public double rSquare() {
        return regression().getRSquare();
    }

    private SimpleRegression regression() {
        var regression = new SimpleRegression();
        IntStream.range(0, tokens.size())
                .forEach(i -> regression.addData(Math.log(tokens.get(i)), Math.log(millis.get(i))));
        return regression;
    }

    /// The length at which this work, slower before, becomes faster than `dense` and stays so: between the two lengths
    /// measured around it, both times taken for powers of the length. Empty where the lengths at which both were
    /// measured show no such place.
    public OptionalDouble breakEven(Growth dense) {
        List<Integer> shared = shared(dense);
        int first = fasterFrom(dense, shared);
        if (first == 0 || first == shared.size()) {
            return OptionalDouble.empty();
        }
        double before = lead(dense, shared.get(first - 1));
        double after = lead(dense, shared.get(first));
        double low = Math.log(shared.get(first - 1));
        double high = Math.log(shared.get(first));
        return OptionalDouble.of(Math.exp(low + before / (before - after) * (high - low)));
    }

    private List<Integer> shared(Growth dense) {
        return tokens.stream().filter(dense.tokens::contains).toList();
    }

    /// Index of the first of these lengths from which on this work is faster than `dense`.
    private int fasterFrom(Growth dense, List<Integer> lengths) {
        int first = lengths.size();
        while (first > 0 && lead(dense, lengths.get(first - 1)) < 0) {
            first--;
        }
        return first;
    }

    /// Logarithm of the time as a share of the dense one's: negative where it is faster.
    private double lead(Growth dense, int length) {
        return Math.log(at(length) / dense.at(length));
    }

    private double at(int length) {
        return millis.get(tokens.indexOf(length));
    }

    /// In words; empty where one length alone says nothing.
    public Optional<String> sentence(List<Growth> lines) {
        var parts = new ArrayList<String>();
        if (tokens.size() > 1) {
            parts.add(String.format(Locale.ROOT, "time grows with tokens^%.2f (R^2 %.4f of %d lengths)", exponent(),
                    rSquare(), tokens.size()));
        }
        if (!label.equals(DENSE)) {
            line(lines, DENSE).filter(dense -> !shared(dense).isEmpty()).ifPresent(dense -> {
                int longest = shared(dense).getLast();
                parts.add(String.format(Locale.ROOT, "%.2f times as fast as dense at %,d tokens",
                        Math.exp(-lead(dense, longest)), longest));
                parts.add(comparison(dense));
            });
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(label + ": " + String.join("; ", parts));
    }

    private String comparison(Growth dense) {
        List<Integer> shared = shared(dense);
        if (fasterFrom(dense, shared) == 0) {
            return String.format(Locale.ROOT, "faster than dense at every length, from %,d tokens on",
                    shared.getFirst());
        }
        var even = breakEven(dense);
        return even.isEmpty()
                ? String.format(Locale.ROOT, "not faster than dense at the longest length, %,d tokens",
                        shared.getLast())
                : String.format(Locale.ROOT, "faster than dense from %,.0f tokens on", even.getAsDouble());
    }

    /// A line for each label among some rows, in the order of the rows.
    static <R> List<Growth> of(List<R> rows, Function<R, String> label, ToIntFunction<R> tokens,
                               ToDoubleFunction<R> millis) {
        var lines = new LinkedHashMap<String, TreeMap<Integer, Double>>();
        rows.forEach(row -> lines.computeIfAbsent(label.apply(row), name -> new TreeMap<>())
                .put(tokens.applyAsInt(row), millis.applyAsDouble(row)));
        return lines.entrySet().stream().map(line -> new Growth(line.getKey(), List.copyOf(line.getValue().keySet()),
                List.copyOf(line.getValue().values()))).toList();
    }

    /// The line of that label.
    static Optional<Growth> line(List<Growth> lines, String label) {
        return lines.stream().filter(line -> line.label.equals(label)).findFirst();
    }

    /// The exponent of the line of that label.
    static double exponent(List<Growth> lines, String label) {
        return line(lines, label).orElseThrow().exponent();
    }

    /// Where the line of that label crosses the dense one; NaN where it does not.
    static double breakEven(List<Growth> lines, String label) {
        Growth line = line(lines, label).orElseThrow();
        return line(lines, DENSE).map(dense -> line.breakEven(dense).orElse(Double.NaN)).orElse(Double.NaN);
    }
}
