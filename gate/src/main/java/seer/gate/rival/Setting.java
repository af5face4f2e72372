package seer.gate.rival;

import java.math.BigDecimal;

/// A criterion and its value, as on a command line: `density=0.1`.
///
/// @param value of a threshold at least 0 and below 1, of a share above 0 and at most 1
public record Setting(Criterion criterion, double value) {

    public Setting {
        boolean threshold = criterion == Criterion.THRESHOLD; // probabilities are 32-bit floats
        if (threshold ? !(value >= 0 && (float) value < 1) : !(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(criterion.word() + " is " + value + ", wanted "
                    + (threshold ? "at least 0 and below 1" : "above 0 and at most 1"));
        }
    }

    /// A density.
    public static Setting density(double share) {
        return new Setting(Criterion.DENSITY, share);
    }

    /// A threshold that is kept as a 32-bit float: the shortest number that is this float.
    public static Setting threshold(float probability) {
        return new Setting(Criterion.THRESHOLD, Double.parseDouble(Float.toString(probability)));
    }

    /// As a label says it: the shortest way to write the value without an exponent, which reads as the same number.
    public String text() {
        var plain = BigDecimal.valueOf(value).stripTrailingZeros();
        return criterion.word() + "=" + (plain.signum() == 0 ? "0" : plain.toPlainString());
    }
}
