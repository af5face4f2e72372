package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.INTS;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SHORTS;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// One row times a strip of four vectors of floats, or of their upper halves, for the reasons of [WideRowKernel].
final class WideFloatKernel {
    private WideFloatKernel() {
    }

    /// `out[lane] = sum over k of a[k] * strip[k, lane]`.
    ///
    /// @param strip `[inputs, STRIP]` from element `at` on
    static void floats(float[] strip, int at, int inputs, float[] a, float[] out) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        for (int k = 0; k < inputs; k++) {
            int p = at + k * STRIP;
            FloatVector r = FloatVector.broadcast(SPECIES, a[k]);
            s0 = r.fma(FloatVector.fromArray(SPECIES, strip, p), s0);
            s1 = r.fma(FloatVector.fromArray(SPECIES, strip, p + LENGTH), s1);
            s2 = r.fma(FloatVector.fromArray(SPECIES, strip, p + 2 * LENGTH), s2);
            s3 = r.fma(FloatVector.fromArray(SPECIES, strip, p + 3 * LENGTH), s3);
        }
        s0.intoArray(out, 0);
        s1.intoArray(out, LENGTH);
        s2.intoArray(out, 2 * LENGTH);
        s3.intoArray(out, 3 * LENGTH);
    }

    /// The same for BF16.
    static void halves(short[] strip, int at, int inputs, float[] a, float[] out) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        for (int k = 0; k < inputs; k++) {
            int p = at + k * STRIP;
            FloatVector r = FloatVector.broadcast(SPECIES, a[k]);
            s0 = r.fma(((IntVector) ShortVector.fromArray(HalfPanel.SHORTS, strip, p)
                    .convertShape(VectorOperators.S2I, INTS, 0))
                    .lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), s0);
            s1 = r.fma(((IntVector) ShortVector.fromArray(HalfPanel.SHORTS, strip, p + LENGTH)
                    .convertShape(VectorOperators.S2I, INTS, 0))
                    .lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), s1);
            s2 = r.fma(((IntVector) ShortVector.fromArray(HalfPanel.SHORTS, strip, p + 2 * LENGTH)
                    .convertShape(VectorOperators.S2I, INTS, 0))
                    .lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), s2);
            s3 = r.fma(((IntVector) ShortVector.fromArray(HalfPanel.SHORTS, strip, p + 3 * LENGTH)
                    .convertShape(VectorOperators.S2I, INTS, 0))
                    .lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), s3);
        }
        s0.intoArray(out, 0);
        s1.intoArray(out, LENGTH);
        s2.intoArray(out, 2 * LENGTH);
        s3.intoArray(out, 3 * LENGTH);
    }
}
