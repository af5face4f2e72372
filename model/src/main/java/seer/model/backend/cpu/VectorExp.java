package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Exponentials of arrays, to about one unit in the last place.
///
/// An argument splits into a whole number `n` and a rest `f` of at most one half. Adding `1.5 * 2^23` rounds
/// to the whole number and leaves it in the low bits of the sum, from where a shift by 23 moves it into the
/// exponent of `2^f`. The polynomials have degree 6 (largest relative error 3e-9, below that of fp32) and
/// the value exactly 1 at 0, so that equal scores give equal weights.
///
/// Both methods work on arrays, not vectors: a vector that crosses a call which the compiler does not inline
/// becomes an object, at ten times the price.
final class VectorExp {
    private static final float ROUND = 0x1.8p23f;
    private static final float LOG2_E = 1.44269504f;
    // ln 2 in two parts: the first has 12 trailing zeros, so that n times it is exact for |n| < 4096.
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    /// Below this, results would leave the normal range: they are 0.
    private static final float LOWEST = -126;
    private static final float HIGHEST = 127;

    private VectorExp() {
    }

    /// `x = 2^(x - minus)` in one column of vectors, and the sum of the results.
    ///
    /// Exactly 0 for differences below -126 and negative infinity; differences above 0 do not occur.
    ///
    /// @param x     rows `stride` apart from element `at` on, a vector each
    /// @param minus one vector from element `lane` on
    /// @param sum   out: one vector from element `lane` on
    static void column(float[] x, int at, int rows, int stride, float[] minus, int lane, float[] sum) {
        FloatVector m = FloatVector.fromArray(SPECIES, minus, lane);
        FloatVector total = FloatVector.zero(SPECIES);
        for (int j = 0, i = at; j < rows; j++, i += stride) {
            FloatVector d = FloatVector.fromArray(SPECIES, x, i).sub(m);
            FloatVector shifted = d.add(ROUND);
            FloatVector f = d.sub(shifted.sub(ROUND));
            FloatVector p = f.fma(FloatVector.broadcast(SPECIES, 1.55946781613e-4f),
                    FloatVector.broadcast(SPECIES, 1.34066439024e-3f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 9.61769297299e-3f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 5.55031055101e-2f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.240226527829f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.693147214968f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 1));
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
            p = p.blend(0, d.compare(VectorOperators.LT, LOWEST));
            p.intoArray(x, i);
            total = total.add(p);
        }
        total.intoArray(sum, lane);
    }

    /// `x = 2^(x - minus)` in one column of a strip, and the sum of the results, to two units in the last place: a
    /// polynomial of degree 5, whose largest relative error is 9e-8, by pairs of its terms: the processor has room for
    /// few steps that wait for one another.
    ///
    /// @param x     rows [Lanes#STRIP] apart from element `at` on, a vector each
    /// @param minus one vector from element `lane` on
    /// @param sum   out: one vector from element `lane` on
    /// @return whether no difference was greater than `most`; else the results are of no use. Bits of numbers above 0
    ///         are in their order, and those below 0 are negative: the largest is found in one instruction
    static boolean strip(float[] x, int at, int rows, float[] minus, int lane, float most, float[] sum) {
        FloatVector m = FloatVector.fromArray(SPECIES, minus, lane);
        FloatVector total = FloatVector.zero(SPECIES);
        IntVector largest = total.reinterpretAsInts();
        for (int i = 0; i < rows * STRIP; i += STRIP) {
            FloatVector d = FloatVector.fromArray(SPECIES, x, at + i).sub(m);
            largest = largest.max(d.reinterpretAsInts());
            FloatVector shifted = d.add(ROUND);
            FloatVector f = d.sub(shifted.sub(ROUND));
            FloatVector square = f.mul(f);
            FloatVector p = f.fma(FloatVector.broadcast(SPECIES, 1.32647273e-3f),
                    FloatVector.broadcast(SPECIES, 9.67151273e-3f));
            p = p.fma(square, f.fma(FloatVector.broadcast(SPECIES, 5.55073374e-2f),
                    FloatVector.broadcast(SPECIES, 0.240222421f)));
            p = p.fma(square, f.fma(FloatVector.broadcast(SPECIES, 0.693146978f), FloatVector.broadcast(SPECIES, 1)));
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
            p = p.blend(0, d.compare(VectorOperators.LT, LOWEST));
            p.intoArray(x, at + i);
            total = total.add(p);
        }
        total.intoArray(sum, lane);
        return !largest.compare(VectorOperators.GT, Float.floatToRawIntBits(most)).anyTrue();
    }

    /// `y = e^(x * factor - minus)` for `count` elements: 0 below -87.3, held at about 1e38 above 88.
    static void exp(float[] x, int at, int count, float factor, float minus, float[] y, int to) {
        int i = 0;
        for (; i <= count - LENGTH; i += LENGTH) {
            FloatVector d = FloatVector.fromArray(SPECIES, x, at + i).mul(factor).sub(minus);
            FloatVector scaled = d.mul(LOG2_E);
            scaled = scaled.blend(HIGHEST, scaled.compare(VectorOperators.GT, HIGHEST));
            FloatVector shifted = scaled.add(ROUND);
            FloatVector n = shifted.sub(ROUND);
            FloatVector f = n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), d);
            f = n.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), f);
            f = f.blend(0, scaled.compare(VectorOperators.EQ, HIGHEST));
            FloatVector p = f.fma(FloatVector.broadcast(SPECIES, 1.40612409434e-3f),
                    FloatVector.broadcast(SPECIES, 8.37901116061e-3f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 4.16647772892e-2f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.166663654413f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.500000043438f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 1.00000004964f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 1));
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            p = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
            p.blend(0, scaled.compare(VectorOperators.LT, LOWEST)).intoArray(y, to + i);
        }
        for (; i < count; i++) {
            y[to + i] = (float) Math.exp(x[at + i] * factor - minus);
        }
    }
}
