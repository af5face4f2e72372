package seer.run.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/// Exponents and break-even lengths of times that are known powers.
class GrowthTest {
    private static final List<Integer> LENGTHS = List.of(1000, 2000, 10_000);

    private static Growth of(String label, DoubleUnaryOperator millis) {
        return new Growth(label, LENGTHS, LENGTHS.stream().map(n -> millis.applyAsDouble(n)).toList());
    }

    @Test
    void theExponentIsThatOfThePower() {
        var growth = of("dense", n -> 3e-6 * Math.pow(n, 1.5));
        assertEquals(1.5, growth.exponent(), 1e-9);
        assertEquals(1, growth.rSquare(), 1e-9);
        assertEquals(Optional.of("dense: time grows with tokens^1.50 (R^2 1.0000 of 3 lengths)"),
                growth.sentence(List.of(growth)));
    }

    @Test
    void powersBreakEvenWhereTheyCross() {
        var dense = of("dense", n -> 1e-6 * n * n);
        var sparse = of("random 0.1", n -> 3e-3 * n); // equal at 3000
        assertEquals(3000, sparse.breakEven(dense).orElseThrow(), 1e-6);
        assertEquals(3000, Growth.breakEven(List.of(dense, sparse), "random 0.1"), 1e-6);
        assertTrue(sparse.sentence(List.of(dense, sparse)).orElseThrow()
                .endsWith("faster than dense from 3,000 tokens on"));
    }

    @Test
    void whatIsFasterBeforeAndSlowerLaterDoesNotBreakEven() {
        var dense = of("dense", n -> 1e-3 * n);
        var other = of("random 0.5", n -> 1e-6 * n * n); // slower from 1000 on
        assertTrue(other.breakEven(dense).isEmpty());
        assertTrue(other.sentence(List.of(dense, other)).orElseThrow()
                .endsWith("not faster than dense at the longest length, 10,000 tokens"));
    }

    @Test
    void whatIsFasterEverywhereSaysSo() {
        var dense = of("dense", n -> n);
        var sparse = of("gate 0.1", n -> 0.5 * n);
        assertTrue(Double.isNaN(Growth.breakEven(List.of(dense, sparse), "gate 0.1")));
        assertTrue(sparse.sentence(List.of(dense, sparse)).orElseThrow()
                .endsWith("faster than dense at every length, from 1,000 tokens on"));
    }

    @Test
    void onlyLengthsOfBothCount() {
        var dense = new Growth("dense", List.of(1000, 10_000), List.of(1.0, 100.0));
        var sparse = new Growth("gate:density=0.1", List.of(500, 1000, 10_000), List.of(0.01, 3.0, 30.0));
        assertEquals(3000, sparse.breakEven(dense).orElseThrow(), 1e-6);
        var apart = new Growth("gate:density=0.3", List.of(512), List.of(1.0));
        assertEquals(Optional.empty(), apart.sentence(List.of(dense, apart)));
        assertTrue(apart.breakEven(dense).isEmpty());
    }

    @Test
    void timingsHaveMeanAndSampleDeviation() {
        var timing = new Timing(1, 2, 3, 6);
        assertEquals(3, timing.mean(), 1e-12);
        assertEquals(Math.sqrt(14.0 / 3), timing.deviation(), 1e-12);
        assertEquals(1, timing.minimum());
        assertTrue(Double.isNaN(new Timing(5).deviation()));
        assertEquals(2000, new Timing(4).per(8).mean(), 1e-9);
    }

    @Test
    void repetitionsComeAfterThoseThatDoNotCount() {
        double[] next = {0};
        var timing = Timing.of(new Timing.Plan(2, 0, 3), () -> ++next[0], share -> { });
        assertEquals(List.of(3.0, 4.0, 5.0), java.util.Arrays.stream(timing.millis()).boxed().toList());
    }
}
