package seer.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Intervals against values worked out by hand from tables of Student's t; also beside TornadoVM, which brings an older
/// Commons Math that goes before ours.
@Tag("tornado")
class IntervalTest {
    @Test
    void studentsIntervalOfFourValues() {
        // mean 2.5, s = sqrt(5 / 3) = 1.290994, t(3) = 3.182446: half = 3.182446 * 1.290994 / 2
        var interval = Interval.student(1, 2, 3, 4);
        assertEquals(2.5, interval.mean(), 1e-12);
        assertEquals(2.5 - 2.054260, interval.low(), 1e-5);
        assertEquals(2.5 + 2.054260, interval.high(), 1e-5);
    }

    @Test
    void weightsMoveMeanAndVariance() {
        // mean (3 + 3) / 4 = 1.5; s^2 = 2 / 1 * (3 * 0.25 + 2.25) / 4 = 1.5; t(1) = 12.706205
        var interval = Interval.student(new double[] {1, 3}, new double[] {3, 1});
        assertEquals(1.5, interval.mean(), 1e-12);
        assertEquals(1.5 + 12.706205 * Math.sqrt(1.5 / 2), interval.high(), 1e-4);
        var plain = Interval.student(1, 2, 3, 4);
        var doubled = Interval.student(new double[] {1, 2, 3, 4}, new double[] {2, 2, 2, 2});
        assertEquals(plain.high(), doubled.high(), 1e-12);
    }

    @Test
    void oneValueLeavesTheEndsOpen() {
        assertTrue(Double.isNaN(Interval.student(7).low()) && Interval.student(7).mean() == 7);
        assertTrue(Double.isNaN(Interval.bootstrap(new double[] {7}, new double[] {1}).high()));
        assertThrows(IllegalArgumentException.class, Interval::student);
    }

    @Test
    void bootstrapOfTwoValuesReachesBoth() {
        // a resample is 0, 0.5 or 1 with probabilities 1/4, 1/2, 1/4
        var interval = Interval.bootstrap(new double[] {0, 1}, new double[] {1, 1});
        assertEquals(0, interval.low());
        assertEquals(1, interval.high());
        assertEquals(interval, Interval.bootstrap(new double[] {0, 1}, new double[] {1, 1}));
    }

    @Test
    void bootstrapOfManyValuesIsNearTheNormalInterval() {
        var values = new double[400];
        java.util.Arrays.setAll(values, i -> i % 2); // s = 0.5, standard error 0.025
        var interval = Interval.bootstrap(values, Interval.ones(values.length));
        assertEquals(0.5 - 1.96 * 0.025, interval.low(), 0.003);
        assertEquals(0.5 + 1.96 * 0.025, interval.high(), 0.003);
    }
}
