package seer.model.backend;

import static org.junit.jupiter.api.Assertions.fail;

/// When a 32-bit result counts as right, and random inputs.
final class Close {
    private static final double EPSILON = Math.ulp(1.0f);

    private Close() {
    }

    /// `|got - wanted| <= eps * sqrt(K) * (1 + |wanted|)`.
    ///
    /// @param reduction K, how many products a value sums up, all stages together
    static void check(String what, double got, double wanted, int reduction) {
        double tolerance = EPSILON * Math.sqrt(reduction) * (1 + Math.abs(wanted));
        if (got != wanted && !(Math.abs(got - wanted) <= tolerance)) {
            fail(what + ": got " + got + ", wanted " + wanted + " within " + tolerance);
        }
    }

    static void check(String what, float[] got, double[] wanted, int reduction) {
        if (got.length != wanted.length) {
            fail(what + " has " + got.length + " values, wanted " + wanted.length);
        }
        for (int i = 0; i < got.length; i++) {
            check(what + " [" + i + "]", got[i], wanted[i], reduction);
        }
    }

    static void check(String what, float[] got, float[] wanted, int reduction) {
        for (int i = 0; i < got.length; i++) {
            check(what + " [" + i + "]", got[i], wanted[i], reduction);
        }
    }
}
