package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Exponentials of whole vectors, to about one unit in the last place.
///
/// An argument splits into a whole number `n` and a rest `f` of at most one half. Adding `1.5 * 2^23` rounds
/// to the whole number and leaves it in the low bits of the sum, from where a shift by 23 moves it into the
/// exponent of `2^f`. The polynomials have degree 6 (largest relative error 3e-9, below that of fp32) and
/// the value exactly 1 at 0, so that equal scores give equal weights.
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

    /// `2^x` for `x <= 0`, exactly 0 below -126 and for negative infinity.
    static FloatVector exp2(FloatVector x) {
        FloatVector shifted = x.add(ROUND);
        FloatVector f = x.sub(shifted.sub(ROUND));
        FloatVector p = f.fma(FloatVector.broadcast(SPECIES, 1.55946781613e-4f),
                FloatVector.broadcast(SPECIES, 1.34066439024e-3f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, 9.61769297299e-3f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, 5.55031055101e-2f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, 0.240226527829f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, 0.693147214968f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, 1));
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        FloatVector scaled = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
        return scaled.blend(0, x.compare(VectorOperators.LT, LOWEST));
    }

    /// `e^x`; 0 below -87.3, held at about 1e38 above 88.
    static FloatVector exp(FloatVector x) {
        FloatVector scaled = x.mul(LOG2_E);
        scaled = scaled.blend(HIGHEST, scaled.compare(VectorOperators.GT, HIGHEST));
        FloatVector shifted = scaled.add(ROUND);
        FloatVector n = shifted.sub(ROUND);
        FloatVector f = n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), x);
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
        FloatVector result = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
        return result.blend(0, scaled.compare(VectorOperators.LT, LOWEST));
    }
}
