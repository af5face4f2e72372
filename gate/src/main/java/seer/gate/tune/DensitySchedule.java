package seer.gate.tune;

import java.math.BigDecimal;
import seer.model.load.Quoted;

/// Share of the causal blocks that attention computes: the same at every step, or going evenly from one to another.
///
/// @param first of the first step
/// @param last  of the last one
public record DensitySchedule(double first, double last) {
    /// What can be written.
    public static final String GRAMMAR = "a density, such as 0.5, or two, FROM..TO";

    public DensitySchedule {
        for (double density : new double[] {first, last}) {
            if (!(density > 0 && density <= 1)) {
                throw new IllegalArgumentException("density is " + density + ", wanted above 0 and at most 1");
            }
        }
    }

    /// For step `step` of `0 .. steps`.
    public double at(int step, int steps) {
        return steps < 2 || first == last ? last : first + (last - first) * step / (steps - 1);
    }

    /// As [#parse] reads it.
    public String text() {
        return first == last ? plain(first) : plain(first) + ".." + plain(last);
    }

    /// @throws IllegalArgumentException quoting what was written and what was wanted
    public static DensitySchedule parse(String text) {
        String[] parts = text.split("\\.\\.", -1);
        try {
            if (parts.length <= 2) {
                return new DensitySchedule(Double.parseDouble(parts[0]), Double.parseDouble(parts[parts.length - 1]));
            }
        } catch (NumberFormatException e) {
            throw wrong(text, e);
        }
        throw wrong(text, null);
    }

    private static IllegalArgumentException wrong(String text, NumberFormatException cause) {
        return new IllegalArgumentException("density is \"" + Quoted.of(text) + "\", wanted " + GRAMMAR, cause);
    }

    private static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
