package seer.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

/// Comparisons of arrays that say where they differ most.
public final class Close {
    private Close() { }

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
