package seer.model.backend.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static seer.model.backend.cpu.IntegerKernel.COLUMNS;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SHORTS;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.RoundedRows.ROWS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// What the sums of blocks are worth: `out += scale of the inputs * scale of the weights * sum + sum of the inputs *
/// base of the weights`, block after block.
final class IntegerSumKernel {
    /// Rows that are scaled at a time.
    static final int FOUR = 4;

    private IntegerSumKernel() {
    }

    /// Four rows times a tile of outputs, two and two. All four at once would make so large a graph of nodes of the
    /// compiler that it now and then gives up inlining, and makes an object of each vector: one process in three then
    /// read prompts at half the speed.
    ///
    /// @param sums    `[blocks, ROWS, COLUMNS]`, those of the first of the four from `from` on
    /// @param scales  `[blocks, ROWS]` of the rows, and `totals`: sums of their inputs; the first row's from `s0` on
    /// @param factors `[blocks, COLUMNS]`, scales of the weights; those of the first of two vectors are smaller by
    ///                2^16, which their sums are larger by
    /// @param bases   `[blocks, COLUMNS]`
    /// @param out     `[4, COLUMNS]`, rows `stride` apart
    /// @param add     to what is in `out`
    static void scale(short[] sums, int from, int blocks, float[] scales, float[] totals, int s0, float[] factors,
                      float[] bases, int f0, float[] out, int o0, int stride, boolean add) {
        two(sums, from, blocks, scales, totals, s0, factors, bases, f0, out, o0, stride, add);
        two(sums, from + 2 * COLUMNS, blocks, scales, totals, s0 + 2, factors, bases, f0, out, o0 + 2 * stride,
                stride, add);
    }

    private static FloatVector start(float[] out, int at, boolean add) {
        return add ? FloatVector.fromArray(SPECIES, out, at) : FloatVector.zero(SPECIES);
    }

    private static void two(short[] sums, int from0, int blocks, float[] scales, float[] totals, int s0,
                             float[] factors, float[] bases, int f0, float[] out, int o0, int stride, boolean add) {
        int o1 = o0 + stride;
        FloatVector t00 = start(out, o0, add);
        FloatVector t01 = start(out, o0 + LENGTH, add);
        FloatVector t02 = start(out, o0 + 2 * LENGTH, add);
        FloatVector t03 = start(out, o0 + 3 * LENGTH, add);
        FloatVector t10 = start(out, o1, add);
        FloatVector t11 = start(out, o1 + LENGTH, add);
        FloatVector t12 = start(out, o1 + 2 * LENGTH, add);
        FloatVector t13 = start(out, o1 + 3 * LENGTH, add);
        for (int b = 0; b < blocks; b++) {
            int from = from0 + b * ROWS * COLUMNS;
            int s = s0 + b * ROWS;
            int f = f0 + b * COLUMNS;
            FloatVector factor0 = FloatVector.fromArray(SPECIES, factors, f);
            FloatVector base0 = FloatVector.fromArray(SPECIES, bases, f);
            FloatVector factor1 = FloatVector.fromArray(SPECIES, factors, f + LENGTH);
            FloatVector base1 = FloatVector.fromArray(SPECIES, bases, f + LENGTH);
            FloatVector factor2 = FloatVector.fromArray(SPECIES, factors, f + 2 * LENGTH);
            FloatVector base2 = FloatVector.fromArray(SPECIES, bases, f + 2 * LENGTH);
            FloatVector factor3 = FloatVector.fromArray(SPECIES, factors, f + 3 * LENGTH);
            FloatVector base3 = FloatVector.fromArray(SPECIES, bases, f + 3 * LENGTH);
            FloatVector scale0 = FloatVector.broadcast(SPECIES, scales[s]);
            FloatVector total0 = FloatVector.broadcast(SPECIES, totals[s]);
            IntVector x00 = ShortVector.fromArray(SHORTS, sums, from).reinterpretAsInts();
            t00 = ((FloatVector) x00.lanewise(LSHL, Short.SIZE).convertShape(I2F, SPECIES, 0)).mul(scale0)
                    .fma(factor0, base0.fma(total0, t00));
            t01 = ((FloatVector) x00.lanewise(ASHR, Short.SIZE).convertShape(I2F, SPECIES, 0)).mul(scale0)
                    .fma(factor1, base1.fma(total0, t01));
            IntVector x01 = ShortVector.fromArray(SHORTS, sums, from + 2 * LENGTH).reinterpretAsInts();
            t02 = ((FloatVector) x01.lanewise(LSHL, Short.SIZE).convertShape(I2F, SPECIES, 0)).mul(scale0)
                    .fma(factor2, base2.fma(total0, t02));
            t03 = ((FloatVector) x01.lanewise(ASHR, Short.SIZE).convertShape(I2F, SPECIES, 0)).mul(scale0)
                    .fma(factor3, base3.fma(total0, t03));
            FloatVector scale1 = FloatVector.broadcast(SPECIES, scales[s + 1]);
            FloatVector total1 = FloatVector.broadcast(SPECIES, totals[s + 1]);
            IntVector x10 = ShortVector.fromArray(SHORTS, sums, from + COLUMNS).reinterpretAsInts();
            t10 = ((FloatVector) x10.lanewise(LSHL, Short.SIZE).convertShape(I2F, SPECIES, 0)).mul(scale1)
                    .fma(factor0, base0.fma(total1, t10));
            t11 = ((FloatVector) x10.lanewise(ASHR, Short.SIZE).convertShape(I2F, SPECIES, 0)).mul(scale1)
                    .fma(factor1, base1.fma(total1, t11));
            IntVector x11 = ShortVector.fromArray(SHORTS, sums, from + COLUMNS + 2 * LENGTH).reinterpretAsInts();
            t12 = ((FloatVector) x11.lanewise(LSHL, Short.SIZE).convertShape(I2F, SPECIES, 0)).mul(scale1)
                    .fma(factor2, base2.fma(total1, t12));
            t13 = ((FloatVector) x11.lanewise(ASHR, Short.SIZE).convertShape(I2F, SPECIES, 0)).mul(scale1)
                    .fma(factor3, base3.fma(total1, t13));
        }
        t00.intoArray(out, o0);
        t01.intoArray(out, o0 + LENGTH);
        t02.intoArray(out, o0 + 2 * LENGTH);
        t03.intoArray(out, o0 + 3 * LENGTH);
        t10.intoArray(out, o1);
        t11.intoArray(out, o1 + LENGTH);
        t12.intoArray(out, o1 + 2 * LENGTH);
        t13.intoArray(out, o1 + 3 * LENGTH);
    }
}
