package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.INTS;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SHORTS;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;
import static seer.model.backend.cpu.RoundedRows.BLOCK;
import static seer.model.backend.cpu.RoundedRows.ROWS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// Products of weights of four bits with inputs of eight, in whole numbers of 16 bits: twice as many to a vector as
/// floats, and exact.
///
/// ```text
///   one block of 32 inputs:   -8 <= weight <= 7,  -127 <= input <= 127:   |sum| <= 32 * 8 * 127 = 32,512 < 2^15
///
///   16-bit lanes of a sum    | output LENGTH + 1 | output 1 | output LENGTH | output 0 |
///   as 32-bit lanes          |   >> 16: output LENGTH + 1   |  >> 16: output LENGTH    |
///                            |   << 16: 2^16 * output 1     |  << 16: 2^16 * output 0  |
/// ```
///
/// After each block its sum becomes a float, times the scale of the inputs and that of the weights. What weights have
/// beside `scale * number`, a base, is multiplied with the sum of the block's inputs, once for all 32.
final class IntegerKernel {
    /// Outputs of a tile: two vectors of 16-bit numbers.
    static final int COLUMNS = 4 * LENGTH;
    /// What four bits are less, to be signed.
    static final int LESS = 8;
    /// Words of a block.
    private static final int WORDS = BLOCK / QuantizedKernel.EIGHT;
    /// What numbers in the upper half of a word are larger by.
    private static final float UPPER = 0x1p-16f;
    private static final float MOST = 127;
    private static final int MAGNITUDE = 0x7FFFFFFF;
    /// Blocks that are smaller throughout count as 0: 127 divided by them would not be finite.
    private static final float LEAST = 0x1p-120f;
    /// A number that is added to this ends up in the lowest bits, rounded to the nearest, ties to even.
    private static final float LAST_BITS = 0x1.8p23f;
    private static final short[] FOUR_BITS = shorts(0xF);
    private static final short[] EIGHTS = shorts(LESS);
    private static final int[] UPPER_HALF = ints(0xFFFF0000);

    private IntegerKernel() {
    }

    private static short[] shorts(int value) {
        var all = new short[2 * LENGTH];
        Arrays.fill(all, (short) value);
        return all;
    }

    private static int[] ints(int value) {
        var all = new int[LENGTH];
        Arrays.fill(all, value);
        return all;
    }

    /// Rounds a row to 8 bits; each number stands in both halves of its word. What is not finite makes the scale of its
    /// block NaN or infinite, and with it all that the row is multiplied with.
    ///
    /// @param a       `[32 * blocks]`
    /// @param numbers `[blocks, 32]`, blocks `apart` from each other
    /// @param scales  `[blocks]`, and `sums`: `step` from each other
    static void round(float[] a, int a0, int blocks, int[] numbers, int n0, int apart, float[] scales,
                      float[] sums, int s0, int step) {
        for (int b = 0; b < blocks; b++) {
            int from = a0 + b * BLOCK;
            int to = n0 + b * apart;
            // magnitudes in the order of their bits, a NaN above all: whole numbers are compared faster than floats
            IntVector most = IntVector.zero(INTS);
            for (int k = 0; k < BLOCK; k += LENGTH) {
                most = most.max(FloatVector.fromArray(SPECIES, a, from + k).reinterpretAsInts().and(MAGNITUDE));
            }
            float largest = Float.intBitsToFloat(most.reduceLanes(VectorOperators.MAX));
            float scale = largest < LEAST ? 0 : largest / MOST;
            float inverse = largest < LEAST ? 0 : MOST / largest;
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int k = 0; k < BLOCK; k += LENGTH) {
                FloatVector last = FloatVector.fromArray(SPECIES, a, from + k).mul(inverse).add(LAST_BITS);
                sum = sum.add(last.sub(LAST_BITS));
                IntVector bits = last.reinterpretAsInts();
                bits.lanewise(VectorOperators.LSHL, Short.SIZE).or(bits.and(0xFFFF)).intoArray(numbers, to + k);
            }
            scales[s0 + b * step] = scale;
            sums[s0 + b * step] = scale * Lanes.total(sum);
        }
    }

    /// Unpacks weights of one vector of 16-bit numbers, less [#LESS]: the first `LENGTH` outputs in the lower halves of
    /// words, the next ones in the upper halves.
    ///
    /// @param words `[rows, STRIP]` of eight inputs each, from the first output on
    /// @param out   `[8 * rows, COLUMNS]`
    static void unpack(int[] words, int w0, int rows, short[] out, int o0) {
        ShortVector mask = ShortVector.fromArray(SHORTS, FOUR_BITS, 0);
        ShortVector less = ShortVector.fromArray(SHORTS, EIGHTS, 0);
        IntVector upper = IntVector.fromArray(INTS, UPPER_HALF, 0);
        for (int row = 0; row < rows; row++) {
            int at = w0 + row * STRIP;
            int to = o0 + row * QuantizedKernel.EIGHT * COLUMNS;
            IntVector u = IntVector.fromArray(INTS, words, at);
            IntVector v = IntVector.fromArray(INTS, words, at + LENGTH);
            // inputs 0 to 3 of both, then 4 to 7
            ShortVector x = v.lanewise(VectorOperators.LSHL, Short.SIZE)
                    .or(u.lanewise(VectorOperators.LSHL, Short.SIZE).lanewise(VectorOperators.LSHR, Short.SIZE))
                    .reinterpretAsShorts();
            ShortVector y = v.and(upper).or(u.lanewise(VectorOperators.LSHR, Short.SIZE)).reinterpretAsShorts();
            x.and(mask).sub(less).intoArray(out, to);
            x.lanewise(VectorOperators.LSHR, 4).and(mask).sub(less).intoArray(out, to + COLUMNS);
            x.lanewise(VectorOperators.LSHR, 8).and(mask).sub(less).intoArray(out, to + 2 * COLUMNS);
            x.lanewise(VectorOperators.LSHR, 12).sub(less).intoArray(out, to + 3 * COLUMNS);
            y.and(mask).sub(less).intoArray(out, to + 4 * COLUMNS);
            y.lanewise(VectorOperators.LSHR, 4).and(mask).sub(less).intoArray(out, to + 5 * COLUMNS);
            y.lanewise(VectorOperators.LSHR, 8).and(mask).sub(less).intoArray(out, to + 6 * COLUMNS);
            y.lanewise(VectorOperators.LSHR, 12).sub(less).intoArray(out, to + 7 * COLUMNS);
        }
    }

    /// What the sums of a strip are multiplied with, and what is added where numbers are less.
    ///
    /// @param scale   `[blocks, STRIP]`, and `base`: of numbers that are not
    /// @param factors `[blocks, COLUMNS]`, the strip's from `f0` on, as [IntegerSumKernel#scale] wants them
    /// @param bases   `[blocks, COLUMNS]`, the same
    static void factors(float[] scale, float[] base, int blocks, float[] factors, float[] bases, int f0) {
        for (int b = 0; b < blocks; b++) {
            for (int i = 0; i < STRIP; i += 2 * LENGTH) {
                int from = b * STRIP + i;
                int to = f0 + b * COLUMNS + i;
                FloatVector u = FloatVector.fromArray(SPECIES, scale, from);
                FloatVector v = FloatVector.fromArray(SPECIES, scale, from + LENGTH);
                u.mul(UPPER).intoArray(factors, to);
                v.intoArray(factors, to + LENGTH);
                u.mul(LESS).add(FloatVector.fromArray(SPECIES, base, from)).intoArray(bases, to);
                v.mul(LESS).add(FloatVector.fromArray(SPECIES, base, from + LENGTH)).intoArray(bases, to + LENGTH);
            }
        }
    }

    /// Four rows times a tile of outputs, block by block.
    ///
    /// Two inputs at a time and not more: the compiler loads all that a loop's body multiplies with before it
    /// multiplies, and 16 registers hold 8 sums, 4 vectors of weights and what is on its way.
    ///
    /// @param a       `[blocks, ROWS, 32]`, rounded rows, those of the first of the four from `a0` on
    /// @param numbers `[32 * blocks, COLUMNS]`, as [#unpack] leaves them
    /// @param sums    `[blocks, ROWS, COLUMNS]`, those of the first of the four from `sums0` on
    static void multiply(int[] a, int a0, int blocks, short[] numbers, int n0, short[] sums, int sums0) {
        for (int b = 0; b < blocks; b++) {
            ShortVector s00 = ShortVector.zero(SHORTS);
            ShortVector s01 = ShortVector.zero(SHORTS);
            ShortVector s10 = ShortVector.zero(SHORTS);
            ShortVector s11 = ShortVector.zero(SHORTS);
            ShortVector s20 = ShortVector.zero(SHORTS);
            ShortVector s21 = ShortVector.zero(SHORTS);
            ShortVector s30 = ShortVector.zero(SHORTS);
            ShortVector s31 = ShortVector.zero(SHORTS);
            int from = a0 + b * BLOCK * ROWS;
            int at = n0 + b * BLOCK * COLUMNS;
            for (int k = 0; k < BLOCK; k += 2) {
                int n = at + k * COLUMNS;
                int x = from + k;
                ShortVector w0 = ShortVector.fromArray(SHORTS, numbers, n);
                ShortVector w1 = ShortVector.fromArray(SHORTS, numbers, n + 2 * LENGTH);
                ShortVector v0 = ShortVector.fromArray(SHORTS, numbers, n + COLUMNS);
                ShortVector v1 = ShortVector.fromArray(SHORTS, numbers, n + COLUMNS + 2 * LENGTH);
                ShortVector r0 = IntVector.broadcast(INTS, a[x]).reinterpretAsShorts();
                s00 = s00.add(r0.mul(w0));
                s01 = s01.add(r0.mul(w1));
                r0 = IntVector.broadcast(INTS, a[x + 1]).reinterpretAsShorts();
                s00 = s00.add(r0.mul(v0));
                s01 = s01.add(r0.mul(v1));
                ShortVector r1 = IntVector.broadcast(INTS, a[x + BLOCK]).reinterpretAsShorts();
                s10 = s10.add(r1.mul(w0));
                s11 = s11.add(r1.mul(w1));
                r1 = IntVector.broadcast(INTS, a[x + BLOCK + 1]).reinterpretAsShorts();
                s10 = s10.add(r1.mul(v0));
                s11 = s11.add(r1.mul(v1));
                ShortVector r2 = IntVector.broadcast(INTS, a[x + 2 * BLOCK]).reinterpretAsShorts();
                s20 = s20.add(r2.mul(w0));
                s21 = s21.add(r2.mul(w1));
                r2 = IntVector.broadcast(INTS, a[x + 2 * BLOCK + 1]).reinterpretAsShorts();
                s20 = s20.add(r2.mul(v0));
                s21 = s21.add(r2.mul(v1));
                ShortVector r3 = IntVector.broadcast(INTS, a[x + 3 * BLOCK]).reinterpretAsShorts();
                s30 = s30.add(r3.mul(w0));
                s31 = s31.add(r3.mul(w1));
                r3 = IntVector.broadcast(INTS, a[x + 3 * BLOCK + 1]).reinterpretAsShorts();
                s30 = s30.add(r3.mul(v0));
                s31 = s31.add(r3.mul(v1));
            }
            int to = sums0 + b * ROWS * COLUMNS;
            s00.intoArray(sums, to);
            s01.intoArray(sums, to + 2 * LENGTH);
            s10.intoArray(sums, to + 4 * LENGTH);
            s11.intoArray(sums, to + 6 * LENGTH);
            s20.intoArray(sums, to + 8 * LENGTH);
            s21.intoArray(sums, to + 10 * LENGTH);
            s30.intoArray(sums, to + 12 * LENGTH);
            s31.intoArray(sums, to + 14 * LENGTH);
        }
    }

    /// One row times two vectors of outputs, words as they are stored: the lower and the upper half of a word are four
    /// inputs each of one output, so a block's sum is that of two lanes, of 16 products each, which are at most
    /// 16 * 15 * 127 = 30,480.
    ///
    /// A loop within a loop, though it is short: with all of a block's words in one body registers do not suffice.
    ///
    /// @param words  `[4 * blocks, STRIP]`
    /// @param a      `[16 * blocks]`, inputs `k` and `k + 4` of each eight in a word
    /// @param scales `[blocks]` of the row
    /// @param sums   `[blocks]` of the row
    /// @param scale  `[blocks, STRIP]` of the weights, whose numbers are not negative here
    /// @param base   `[blocks, STRIP]`
    /// @param out    `[STRIP]`
    static void row(int[] words, int w0, int blocks, int[] a, float[] scales, float[] sums, float[] scale, float[] base,
                    int lane, float[] out) {
        ShortVector mask = ShortVector.fromArray(SHORTS, FOUR_BITS, 0);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        for (int b = 0; b < blocks; b++) {
            ShortVector x = ShortVector.zero(SHORTS);
            ShortVector y = ShortVector.zero(SHORTS);
            for (int word = 0; word < WORDS; word++) {
                int at = w0 + (b * WORDS + word) * STRIP + lane;
                int k = (b * WORDS + word) * WORDS;
                ShortVector u = IntVector.fromArray(INTS, words, at).reinterpretAsShorts();
                ShortVector v = IntVector.fromArray(INTS, words, at + LENGTH).reinterpretAsShorts();
                ShortVector r = IntVector.broadcast(INTS, a[k]).reinterpretAsShorts();
                x = x.add(u.and(mask).mul(r));
                y = y.add(v.and(mask).mul(r));
                r = IntVector.broadcast(INTS, a[k + 1]).reinterpretAsShorts();
                x = x.add(u.lanewise(VectorOperators.LSHR, 4).and(mask).mul(r));
                y = y.add(v.lanewise(VectorOperators.LSHR, 4).and(mask).mul(r));
                r = IntVector.broadcast(INTS, a[k + 2]).reinterpretAsShorts();
                x = x.add(u.lanewise(VectorOperators.LSHR, 8).and(mask).mul(r));
                y = y.add(v.lanewise(VectorOperators.LSHR, 8).and(mask).mul(r));
                r = IntVector.broadcast(INTS, a[k + 3]).reinterpretAsShorts();
                x = x.add(u.lanewise(VectorOperators.LSHR, 12).mul(r));
                y = y.add(v.lanewise(VectorOperators.LSHR, 12).mul(r));
            }
            int s = b * STRIP + lane;
            FloatVector factor = FloatVector.broadcast(SPECIES, scales[b]);
            IntVector i = x.reinterpretAsInts();
            IntVector j = y.reinterpretAsInts();
            t0 = ((FloatVector) i.lanewise(VectorOperators.LSHL, Short.SIZE).lanewise(VectorOperators.ASHR, Short.SIZE)
                    .add(i.lanewise(VectorOperators.ASHR, Short.SIZE))
                    .convertShape(VectorOperators.I2F, SPECIES, 0)).mul(factor)
                    .fma(FloatVector.fromArray(SPECIES, scale, s), t0);
            t1 = ((FloatVector) j.lanewise(VectorOperators.LSHL, Short.SIZE).lanewise(VectorOperators.ASHR, Short.SIZE)
                    .add(j.lanewise(VectorOperators.ASHR, Short.SIZE))
                    .convertShape(VectorOperators.I2F, SPECIES, 0)).mul(factor)
                    .fma(FloatVector.fromArray(SPECIES, scale, s + LENGTH), t1);
            FloatVector sum = FloatVector.broadcast(SPECIES, sums[b]);
            t0 = sum.fma(FloatVector.fromArray(SPECIES, base, s), t0);
            t1 = sum.fma(FloatVector.fromArray(SPECIES, base, s + LENGTH), t1);
        }
        t0.intoArray(out, lane);
        t1.intoArray(out, lane + LENGTH);
    }
}
