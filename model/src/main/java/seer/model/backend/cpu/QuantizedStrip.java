package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

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
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());

    /// The scales of part `p`, and behind them the bases, where there are any.
    ///
    /// @param both `[2, STRIP]`
    void scales(int p, float[] both) {
        int block = p >> shift;
        int head = heads + (based ? block : block / 2) * STRIP;
        int left = based ? Short.SIZE : Short.SIZE - block % 2 * Short.SIZE;
        int at = step + p * STRIP;
        for (int lane = 0; lane < STRIP; lane += LENGTH) {
            IntVector h = IntVector.fromArray(INTS, data, head + lane);
            FloatVector scale = h.lanewise(VectorOperators.LSHL, left).lanewise(VectorOperators.ASHR, 3)
                    .and(QuantizedKernel.SIGN_AND_REST).reinterpretAsFloats().mul(QuantizedKernel.REBASE);
            if (steps != null) {
                scale = scale.mul((FloatVector) ByteVector.fromArray(QuantizedKernel.BYTES, steps, at + lane)
                        .convertShape(VectorOperators.B2I, INTS, 0).convertShape(VectorOperators.I2F, SPECIES, 0));
            }
            scale.intoArray(both, lane);
            if (based) {
                FloatVector base = h.lanewise(VectorOperators.ASHR, 3).and(QuantizedKernel.SIGN_AND_REST)
                        .reinterpretAsFloats().mul(QuantizedKernel.REBASE);
                if (lifts != null) {
                    base = base.mul((FloatVector) ByteVector.fromArray(QuantizedKernel.BYTES, lifts, at + lane)
                            .convertShape(VectorOperators.B2I, INTS, 0).convertShape(VectorOperators.I2F, SPECIES, 0));
                }
                base.intoArray(both, STRIP + lane);
            }
        }
    }
}
