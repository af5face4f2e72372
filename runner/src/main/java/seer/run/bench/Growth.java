package seer.run.bench;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/// How the time of one kind of work grows with the length of the text.
///
/// @param label  of the work
/// @param tokens lengths, ascending
/// @param millis mean time at each
public record Growth(String label, List<Integer> tokens, List<Double> millis) {
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
    /// measured around it, both times taken for powers of the length. Empty where the measured lengths show no such
    /// place.
    ///
    /// @throws IllegalArgumentException if the lengths differ
    public OptionalDouble breakEven(Growth dense) {
        int first = fasterFrom(dense);
        if (first == 0 || first == tokens.size()) {
            return OptionalDouble.empty();
        }
        double before = lead(dense, first - 1);
        double after = lead(dense, first);
        double share = before / (before - after);
        double low = Math.log(tokens.get(first - 1));
        return OptionalDouble.of(Math.exp(low + share * (Math.log(tokens.get(first)) - low)));
    }

    /// Index of the first length from which on this work is faster than `dense`.
    private int fasterFrom(Growth dense) {
        if (!tokens.equals(dense.tokens)) {
            throw new IllegalArgumentException(label + " was measured at " + tokens + " tokens, " + dense.label + " at "
                    + dense.tokens + ", wanted the same lengths");
        }
        int first = tokens.size();
        while (first > 0 && lead(dense, first - 1) < 0) {
            first--;
        }
        return first;
    }

    /// Logarithm of the time as a share of the dense one's: negative where it is faster.
    private double lead(Growth dense, int i) {
        return Math.log(millis.get(i) / dense.millis.get(i));
    }

    /// In words.
    ///
    /// @param dense what it is compared with, or null
    public String sentence(Growth dense) {
        var text = new StringBuilder(label);
        if (tokens.size() > 1) {
            text.append(String.format(Locale.ROOT, ": time grows with tokens^%.2f (R^2 %.4f of %d lengths)", exponent(),
                    rSquare(), tokens.size()));
        }
        if (dense != null && dense != this) {
            text.append(tokens.size() > 1 ? "; " : ": ").append(comparison(dense));
        }
        return text.toString();
    }

    private String comparison(Growth dense) {
        int first = fasterFrom(dense);
        if (first == 0) {
            return String.format(Locale.ROOT, "faster than %s from the shortest length on, %,d tokens", dense.label,
                    tokens.getFirst());
        }
        var even = breakEven(dense);
        return even.isEmpty()
                ? String.format(Locale.ROOT, "not faster than %s at the longest length, %,d tokens", dense.label,
                        tokens.getLast())
                : String.format(Locale.ROOT, "faster than %s from %,.0f tokens on", dense.label, even.getAsDouble());
    }
}
