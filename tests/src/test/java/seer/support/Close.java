package seer.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

/// Comparisons of arrays that say where they differ most.
public final class Close {
    private static final double ROUNDING = Math.ulp(1.0f);

    private Close() { }

    /// Fails unless `|got - wanted| <= units * eps * sqrt(K) * (1 + |wanted|)`: what 32-bit sums can promise.
    ///
    /// @param units     1 for sums in the best of orders, more where terms are rounded more coarsely
    /// @param reduction `K`, how many products a value sums up, all stages together
    public static void assertRounded(double wanted, double got, double units, int reduction, String what) {
        double tolerance = units * ROUNDING * Math.sqrt(reduction) * (1 + Math.abs(wanted));
        if (got != wanted && !(Math.abs(got - wanted) <= tolerance)) {
            fail(what + ": got " + got + ", wanted " + wanted + " within " + tolerance);
        }
    }

    /// The same for every element.
    public static void assertRounded(double[] wanted, float[] got, double units, int reduction, String what) {
        assertEquals(wanted.length, got.length, what + ": number of elements");
        for (int i = 0; i < got.length; i++) {
            assertRounded(wanted[i], got[i], units, reduction, what + " [" + i + "]");
        }
    }

    /// Fails unless every element is within `tolerance` of the wanted one.
    public static void assertWithin(float[] wanted, float[] got, double tolerance, String what) {
        assertEquals(wanted.length, got.length, what + ": number of elements");
        int worst = 0;
        for (int i = 0; i < wanted.length; i++) {
            if (!(difference(wanted, got, i) <= difference(wanted, got, worst))) {
                worst = i;
            }
        }
        if (wanted.length > 0 && !(difference(wanted, got, worst) <= tolerance)) {
            fail("%s differs by %.3e (allowed %.1e) at %d: wanted %s, got %s".formatted(what,
                    difference(wanted, got, worst), tolerance, worst, wanted[worst], got[worst]));
        }
    }

    private static double difference(float[] wanted, float[] got, int i) {
        return wanted[i] == got[i] ? 0 : Math.abs((double) wanted[i] - got[i]);
    }
}
