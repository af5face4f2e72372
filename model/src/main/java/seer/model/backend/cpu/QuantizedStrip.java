package seer.model.backend.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static seer.model.backend.cpu.Lanes.INTS;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Where the weights of a strip lie, for kernels that read all of it: see [QuantizedPanel].
///
/// @param data  heads and words
/// @param heads the element of the first
/// @param words the element of the first
/// @param part  inputs that have a scale in common
/// @param shift a power of two: parts of a block
/// @param based whether there are bases
/// @param steps what scales of parts are multiplied with, or null
/// @param lifts the same for bases, or null
/// @param step  the element of the first of both
record QuantizedStrip(int[] data, int heads, int words, int part, int shift, boolean based, byte[] steps, byte[] lifts,
                      int step) {
    /// The scales of part `p`, and behind them the bases, where there are any.
    ///
    /// All four vectors by hand: so the method is too long to be inlined in the kernels, whose own vectors are as many
    /// as the compiler keeps out of memory.
    ///
    /// @param both `[2, STRIP]`
    void scales(int p, float[] both) {
        int block = p >> shift;
        int head = heads + (based ? block : block / 2) * STRIP;
        int left = based ? Short.SIZE : Short.SIZE - block % 2 * Short.SIZE;
        IntVector h0 = IntVector.fromArray(INTS, data, head);
        IntVector h1 = IntVector.fromArray(INTS, data, head + LENGTH);
        IntVector h2 = IntVector.fromArray(INTS, data, head + 2 * LENGTH);
        IntVector h3 = IntVector.fromArray(INTS, data, head + 3 * LENGTH);
        h0.lanewise(LSHL, left).lanewise(ASHR, 3).and(QuantizedKernel.SIGN_AND_REST).reinterpretAsFloats()
                .mul(QuantizedKernel.REBASE).intoArray(both, 0);
        h1.lanewise(LSHL, left).lanewise(ASHR, 3).and(QuantizedKernel.SIGN_AND_REST).reinterpretAsFloats()
                .mul(QuantizedKernel.REBASE).intoArray(both, LENGTH);
        h2.lanewise(LSHL, left).lanewise(ASHR, 3).and(QuantizedKernel.SIGN_AND_REST).reinterpretAsFloats()
                .mul(QuantizedKernel.REBASE).intoArray(both, 2 * LENGTH);
        h3.lanewise(LSHL, left).lanewise(ASHR, 3).and(QuantizedKernel.SIGN_AND_REST).reinterpretAsFloats()
                .mul(QuantizedKernel.REBASE).intoArray(both, 3 * LENGTH);
        if (based) {
            h0.lanewise(ASHR, 3).and(QuantizedKernel.SIGN_AND_REST).reinterpretAsFloats()
                    .mul(QuantizedKernel.REBASE).intoArray(both, STRIP);
            h1.lanewise(ASHR, 3).and(QuantizedKernel.SIGN_AND_REST).reinterpretAsFloats()
                    .mul(QuantizedKernel.REBASE).intoArray(both, STRIP + LENGTH);
            h2.lanewise(ASHR, 3).and(QuantizedKernel.SIGN_AND_REST).reinterpretAsFloats()
                    .mul(QuantizedKernel.REBASE).intoArray(both, STRIP + 2 * LENGTH);
            h3.lanewise(ASHR, 3).and(QuantizedKernel.SIGN_AND_REST).reinterpretAsFloats()
                    .mul(QuantizedKernel.REBASE).intoArray(both, STRIP + 3 * LENGTH);
        }
        if (steps != null) {
            multiply(both, 0, steps, step + p * STRIP);
        }
        if (lifts != null) {
            multiply(both, STRIP, lifts, step + p * STRIP);
        }
    }

    private static void multiply(float[] both, int at, byte[] factors, int from) {
        for (int lane = 0; lane < STRIP; lane += LENGTH) {
            FloatVector factor = (FloatVector) ByteVector.fromArray(QuantizedKernel.BYTES, factors, from + lane)
                    .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0);
            FloatVector.fromArray(SPECIES, both, at + lane).mul(factor).intoArray(both, at + lane);
        }
    }
}
