package seer.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleSupplier;

/// Derivatives by finite differences, and comparisons with them.
public final class Slopes {
    /// Of a number near 1; the error of a central difference is its square.
    private static final double STEP = 1e-4;

    private Slopes() { }

    /// The derivative of `loss` by each element of `x`, which it reads.
    public static double[] of(double[] x, DoubleSupplier loss) {
        var slope = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double was = x[i];
            x[i] = was + STEP;
            double above = loss.getAsDouble();
            x[i] = was - STEP;
            double below = loss.getAsDouble();
            x[i] = was;
            slope[i] = (above - below) / (2 * STEP);
        }
        return slope;
    }

    /// The same of 32-bit numbers: as far as their steps really are.
    public static double[] of(float[] x, DoubleSupplier loss) {
        var slope = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            slope[i] = of(x, i, loss);
        }
        return slope;
    }

    /// By one of them, in four evaluations, so that the error falls with the fourth power of the step.
    public static double of(float[] x, int i, DoubleSupplier loss) {
        double near = central(x, i, 0x1p-7f, loss);
        double far = central(x, i, 0x1p-6f, loss);
        return (4 * near - far) / 3;
    }

    private static double central(float[] x, int i, float step, DoubleSupplier loss) {
        float was = x[i];
        x[i] = was + step;
        double to = x[i];
        double above = loss.getAsDouble();
        x[i] = was - step;
        double distance = to - x[i];
        double below = loss.getAsDouble();
        x[i] = was;
        return (above - below) / distance;
    }

    /// Requires two derivatives to be one, but for a difference whose length is at most `share` of theirs.
    public static void assertClose(String what, double[] wanted, float[] got, double share) {
        assertEquals(wanted.length, got.length, what + ": number of elements");
        double difference = 0;
        double length = 0;
        for (int i = 0; i < wanted.length; i++) {
            difference += (got[i] - wanted[i]) * (got[i] - wanted[i]);
            length += wanted[i] * wanted[i];
        }
        assertTrue(length > 0, what + ": nothing depends on it");
        assertTrue(Math.sqrt(difference / length) <= share, what + ": relative error "
                + Math.sqrt(difference / length) + ", wanted at most " + share);
    }

    /// As 64-bit numbers.
    public static double[] doubles(float[] values) {
        var result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }
}
