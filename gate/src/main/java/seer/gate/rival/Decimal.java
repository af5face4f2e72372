package seer.gate.rival;

import java.math.BigDecimal;

/// Numbers in labels.
final class Decimal {
    private Decimal() { }

    /// The shortest way to write a number without an exponent: `0.1`, `1`.
    static String text(double value) {
        var plain = BigDecimal.valueOf(value).stripTrailingZeros();
        return plain.signum() == 0 ? "0" : plain.toPlainString();
    }
}
