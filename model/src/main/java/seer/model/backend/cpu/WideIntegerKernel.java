package seer.model.backend.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static seer.model.backend.cpu.Lanes.INTS;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SHORTS;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// [IntegerKernel#row] for a whole strip of four vectors, and for the reasons of [WideRowKernel].
final class WideIntegerKernel {
    private static final int EIGHT = QuantizedKernel.EIGHT;
    private static final short[] FOUR_BITS = fourBits();

    private WideIntegerKernel() {
    }

    private static short[] fourBits() {
        var all = new short[2 * LENGTH];
        Arrays.fill(all, (short) 0xF);
        return all;
    }

    /// One row, rounded, times a strip of weights of four bits.
    ///
    /// @param lifted what numbers are larger by, 0 where there are bases
    /// @param a      as in [RoundedRow]
    /// @param both   `[2, STRIP]` for passing use
    static void row(QuantizedStrip strip, int lifted, int inputs, RoundedRow a, float[] both, float[] out) {
        int[] data = strip.data();
        int words = strip.words();
        int[] pairs = a.pairs();
        float[] factors = a.scales();
        float[] sums = a.sums();
        ShortVector mask = ShortVector.fromArray(SHORTS, FOUR_BITS, 0);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        FloatVector t2 = FloatVector.zero(SPECIES);
        FloatVector t3 = FloatVector.zero(SPECIES);
        int part = strip.part() / EIGHT;
        for (int p = 0; p < inputs / EIGHT / part; p++) {
            int first = p * part;
            ShortVector i0 = ShortVector.zero(SHORTS);
            ShortVector i1 = ShortVector.zero(SHORTS);
            ShortVector i2 = ShortVector.zero(SHORTS);
            ShortVector i3 = ShortVector.zero(SHORTS);
            for (int word = 0; word < part; word++) {
                int at = words + (first + word) * STRIP;
                int k = (first + word) * (EIGHT / 2);
                ShortVector u0 = IntVector.fromArray(INTS, data, at).reinterpretAsShorts();
                ShortVector u1 = IntVector.fromArray(INTS, data, at + LENGTH).reinterpretAsShorts();
                ShortVector u2 = IntVector.fromArray(INTS, data, at + 2 * LENGTH).reinterpretAsShorts();
                ShortVector u3 = IntVector.fromArray(INTS, data, at + 3 * LENGTH).reinterpretAsShorts();
                ShortVector r = IntVector.broadcast(INTS, pairs[k]).reinterpretAsShorts();
                i0 = i0.add(u0.and(mask).mul(r));
                i1 = i1.add(u1.and(mask).mul(r));
                i2 = i2.add(u2.and(mask).mul(r));
                i3 = i3.add(u3.and(mask).mul(r));
                r = IntVector.broadcast(INTS, pairs[k + 1]).reinterpretAsShorts();
                i0 = i0.add(u0.lanewise(LSHR, 4).and(mask).mul(r));
                i1 = i1.add(u1.lanewise(LSHR, 4).and(mask).mul(r));
                i2 = i2.add(u2.lanewise(LSHR, 4).and(mask).mul(r));
                i3 = i3.add(u3.lanewise(LSHR, 4).and(mask).mul(r));
                r = IntVector.broadcast(INTS, pairs[k + 2]).reinterpretAsShorts();
                i0 = i0.add(u0.lanewise(LSHR, 8).and(mask).mul(r));
                i1 = i1.add(u1.lanewise(LSHR, 8).and(mask).mul(r));
                i2 = i2.add(u2.lanewise(LSHR, 8).and(mask).mul(r));
                i3 = i3.add(u3.lanewise(LSHR, 8).and(mask).mul(r));
                r = IntVector.broadcast(INTS, pairs[k + 3]).reinterpretAsShorts();
                i0 = i0.add(u0.lanewise(LSHR, 12).mul(r));
                i1 = i1.add(u1.lanewise(LSHR, 12).mul(r));
                i2 = i2.add(u2.lanewise(LSHR, 12).mul(r));
                i3 = i3.add(u3.lanewise(LSHR, 12).mul(r));
            }
            FloatVector factor = FloatVector.broadcast(SPECIES, factors[p]);
            FloatVector start = FloatVector.broadcast(SPECIES, -lifted * sums[p]);
            IntVector j0 = i0.reinterpretAsInts();
            FloatVector x0 = ((FloatVector) j0.lanewise(LSHL, Short.SIZE).lanewise(ASHR, Short.SIZE)
                    .add(j0.lanewise(ASHR, Short.SIZE)).convertShape(I2F, SPECIES, 0)).fma(factor, start);
            IntVector j1 = i1.reinterpretAsInts();
            FloatVector x1 = ((FloatVector) j1.lanewise(LSHL, Short.SIZE).lanewise(ASHR, Short.SIZE)
                    .add(j1.lanewise(ASHR, Short.SIZE)).convertShape(I2F, SPECIES, 0)).fma(factor, start);
            IntVector j2 = i2.reinterpretAsInts();
            FloatVector x2 = ((FloatVector) j2.lanewise(LSHL, Short.SIZE).lanewise(ASHR, Short.SIZE)
                    .add(j2.lanewise(ASHR, Short.SIZE)).convertShape(I2F, SPECIES, 0)).fma(factor, start);
            IntVector j3 = i3.reinterpretAsInts();
            FloatVector x3 = ((FloatVector) j3.lanewise(LSHL, Short.SIZE).lanewise(ASHR, Short.SIZE)
                    .add(j3.lanewise(ASHR, Short.SIZE)).convertShape(I2F, SPECIES, 0)).fma(factor, start);
            strip.scales(p, both);
            t0 = x0.fma(FloatVector.fromArray(SPECIES, both, 0), t0);
            t1 = x1.fma(FloatVector.fromArray(SPECIES, both, LENGTH), t1);
            t2 = x2.fma(FloatVector.fromArray(SPECIES, both, 2 * LENGTH), t2);
            t3 = x3.fma(FloatVector.fromArray(SPECIES, both, 3 * LENGTH), t3);
            if (strip.based()) {
                FloatVector sum = FloatVector.broadcast(SPECIES, sums[p]);
                t0 = sum.fma(FloatVector.fromArray(SPECIES, both, STRIP), t0);
                t1 = sum.fma(FloatVector.fromArray(SPECIES, both, STRIP + LENGTH), t1);
                t2 = sum.fma(FloatVector.fromArray(SPECIES, both, STRIP + 2 * LENGTH), t2);
                t3 = sum.fma(FloatVector.fromArray(SPECIES, both, STRIP + 3 * LENGTH), t3);
            }
        }
        t0.intoArray(out, 0);
        t1.intoArray(out, LENGTH);
        t2.intoArray(out, 2 * LENGTH);
        t3.intoArray(out, 3 * LENGTH);
    }
}
