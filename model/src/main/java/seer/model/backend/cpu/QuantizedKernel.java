package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.INTS;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Whole numbers of one strip to floats: unpacked for many rows, or multiplied with a single row on the way.
///
/// ```text
///   word[lane]   | n7 | n6 | n5 | n4 | n3 | n2 | n1 | n0 |     eight inputs of one output, or four of eight bits
///   word & 0xF00 |  0 |  0 |  0 |  0 |  0 | n2 |  0 |  0 |     = 256 n2 as a whole number, and as a float
/// ```
///
/// A number stays where it is in its word: what it is multiplied with is smaller by that power of two, which is exact.
/// So a vector of weights takes three instructions, and now and then a shift keeps the sign bit free.
final class QuantizedKernel {
    /// Inputs that a single row is multiplied with at a time: a word of four bits each, or two of eight.
    static final int EIGHT = 8;
    /// What numbers are multiplied with for the place that they have in their word.
    private static final float[] FOUR_BITS = {1, 0x1p-4f, 0x1p-8f, 0x1p-12f};
    private static final float[] EIGHT_BITS = {1, 0x1p-8f, 0x1p-16f, 1};
    /// The lower and the higher number of a byte, or byte of 16 bits, in every lane.
    private static final int[] FOUR_BIT_MASKS = masks(0xF, 0xF0);
    private static final int[] EIGHT_BIT_MASKS = masks(0xFF, 0xFF00);
    /// Bytes for a vector of floats; vectors of four floats load eight and use half.
    static final VectorSpecies<Byte> BYTES = LENGTH >= 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    /// Elements that arrays of bytes have beyond the last vector.
    static final int BEYOND = BYTES.length();
    /// A 16-bit float in the upper half of a word, moved with its sign to where exponent and mantissa of 32 bits meet:
    /// without the copies of the sign between the first and the exponent, and without what was in the lower half.
    static final int SIGN_AND_REST = 0x8FFFE000;
    /// From the exponents of 16-bit floats to those of 32 bits.
    static final float REBASE = 0x1p112f;

    private QuantizedKernel() {
    }

    private static int[] masks(int low, int high) {
        var masks = new int[2 * LENGTH];
        Arrays.fill(masks, 0, LENGTH, low);
        Arrays.fill(masks, LENGTH, 2 * LENGTH, high);
        return masks;
    }

    /// The power of two that input `k` of a row is multiplied with for numbers of so many bits: every second one is the
    /// higher of its byte, or of its 16 bits.
    static float place(int bits, int k) {
        return (bits == 4 ? FOUR_BITS : EIGHT_BITS)[k % 2];
    }

    /// The lower and the upper halves of words as 16-bit floats, finite ones, to 32 bits: zeros and subnormal ones come
    /// out right, since the product is exact.
    ///
    /// @param words `count` of them, whole vectors
    static void halves(int[] words, int w0, int count, float[] low, float[] high) {
        for (int i = 0; i < count; i += LENGTH) {
            IntVector u = IntVector.fromArray(INTS, words, w0 + i);
            u.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(SIGN_AND_REST)
                    .reinterpretAsFloats().mul(REBASE).intoArray(low, i);
            u.lanewise(VectorOperators.ASHR, 3).and(SIGN_AND_REST).reinterpretAsFloats().mul(REBASE)
                    .intoArray(high, i);
        }
    }

    /// The same, strip by strip, of two blocks whose scales stand one after the other.
    ///
    /// @param words `[rows, STRIP]`
    /// @param both  `[2 * rows, STRIP]`
    static void halves(int[] words, int w0, int rows, float[] both) {
        for (int row = 0; row < rows; row++) {
            int at = w0 + row * STRIP;
            int to = 2 * row * STRIP;
            for (int lane = 0; lane < STRIP; lane += LENGTH) {
                IntVector u = IntVector.fromArray(INTS, words, at + lane);
                u.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 3).and(SIGN_AND_REST)
                        .reinterpretAsFloats().mul(REBASE).intoArray(both, to + lane);
                u.lanewise(VectorOperators.ASHR, 3).and(SIGN_AND_REST).reinterpretAsFloats().mul(REBASE)
                        .intoArray(both, to + STRIP + lane);
            }
        }
    }

    /// `target = values * factors`.
    static void multiply(float[] values, int v0, byte[] factors, int at, float[] target, int to) {
        for (int lane = 0; lane < STRIP; lane += LENGTH) {
            FloatVector.fromArray(SPECIES, values, v0 + lane).mul(bytes(factors, at + lane))
                    .intoArray(target, to + lane);
        }
    }

    /// A vector of bytes as floats.
    private static FloatVector bytes(byte[] numbers, int at) {
        return (FloatVector) ByteVector.fromArray(BYTES, numbers, at).convertShape(VectorOperators.B2I, INTS, 0)
                .convertShape(VectorOperators.I2F, SPECIES, 0);
    }

    /// The numbers under a mask, as floats and in their places.
    private static FloatVector under(IntVector words, int mask) {
        return (FloatVector) words.and(mask).convertShape(VectorOperators.I2F, SPECIES, 0);
    }

    /// Unpacks a part of 32 inputs: `number * scale + base`.
    ///
    /// @param words `[4, STRIP]`
    /// @param scale `[STRIP]`
    /// @param base  `[STRIP]` from the same element on
    /// @param out   `[32, STRIP]`
    static void unpackFourBits(int[] words, int w0, float[] scale, float[] base, int s0, float[] out, int o0) {
        for (int lane = 0; lane < STRIP; lane += LENGTH) {
            FloatVector b = FloatVector.fromArray(SPECIES, base, s0 + lane);
            FloatVector f0 = FloatVector.fromArray(SPECIES, scale, s0 + lane);
            FloatVector f1 = f0.mul(FOUR_BITS[1]);
            FloatVector f2 = f0.mul(FOUR_BITS[2]);
            FloatVector f3 = f0.mul(FOUR_BITS[3]);
            for (int row = 0; row < 4; row++) {
                IntVector u = IntVector.fromArray(INTS, words, w0 + row * STRIP + lane);
                int to = o0 + row * EIGHT * STRIP + lane;
                under(u, 0xF).fma(f0, b).intoArray(out, to);
                under(u, 0xF0).fma(f1, b).intoArray(out, to + STRIP);
                under(u, 0xF00).fma(f2, b).intoArray(out, to + 2 * STRIP);
                under(u, 0xF000).fma(f3, b).intoArray(out, to + 3 * STRIP);
                u = u.lanewise(VectorOperators.LSHR, 16);
                under(u, 0xF).fma(f0, b).intoArray(out, to + 4 * STRIP);
                under(u, 0xF0).fma(f1, b).intoArray(out, to + 5 * STRIP);
                under(u, 0xF00).fma(f2, b).intoArray(out, to + 6 * STRIP);
                under(u, 0xF000).fma(f3, b).intoArray(out, to + 7 * STRIP);
            }
        }
    }

    /// The same for a part of `inputs` inputs of eight bits.
    ///
    /// Eight inputs at a time here too: a smaller method is inlined where it is called, and then the vector operations
    /// within it are not.
    ///
    /// @param words `[inputs / 4, STRIP]`
    static void unpackEightBits(int[] words, int w0, int inputs, float[] scale, float[] base, int s0, float[] out,
                                int o0) {
        for (int lane = 0; lane < STRIP; lane += LENGTH) {
            FloatVector b = FloatVector.fromArray(SPECIES, base, s0 + lane);
            FloatVector f0 = FloatVector.fromArray(SPECIES, scale, s0 + lane);
            FloatVector f1 = f0.mul(EIGHT_BITS[1]);
            FloatVector f2 = f0.mul(EIGHT_BITS[2]);
            for (int pair = 0; pair < inputs / EIGHT; pair++) {
                int at = w0 + 2 * pair * STRIP + lane;
                int to = o0 + pair * EIGHT * STRIP + lane;
                IntVector u = IntVector.fromArray(INTS, words, at);
                IntVector v = IntVector.fromArray(INTS, words, at + STRIP);
                under(u, 0xFF).fma(f0, b).intoArray(out, to);
                under(u, 0xFF00).fma(f1, b).intoArray(out, to + STRIP);
                under(u, 0xFF0000).fma(f2, b).intoArray(out, to + 2 * STRIP);
                under(u.lanewise(VectorOperators.LSHR, 24), 0xFF).fma(f0, b).intoArray(out, to + 3 * STRIP);
                under(v, 0xFF).fma(f0, b).intoArray(out, to + 4 * STRIP);
                under(v, 0xFF00).fma(f1, b).intoArray(out, to + 5 * STRIP);
                under(v, 0xFF0000).fma(f2, b).intoArray(out, to + 6 * STRIP);
                under(v.lanewise(VectorOperators.LSHR, 24), 0xFF).fma(f0, b).intoArray(out, to + 7 * STRIP);
            }
        }
    }

    /// One row times two vectors of outputs:
    /// `out[lane] = sum over k of a[k] * (scale[k / 32, lane] * number[k, lane] + base[k / 32, lane])`.
    ///
    /// Eight inputs at a time, each time with the scale: a loop within the loop would be too short to be worth its
    /// start. Two masks alone, which come from memory: each constant would be broadcast anew before each use, and with
    /// four of them registers do not suffice. No method of ours in between, since of those the compiler inlines only so
    /// many.
    ///
    /// @param words  `[inputs / 8, STRIP]`
    /// @param a      `[inputs]`, each times its [#place]
    /// @param sums   `[inputs / 8]` of eight inputs each, without their places
    /// @param scale  `[inputs / 32, STRIP]`
    /// @param base   `[inputs / 32, STRIP]`
    /// @param out    `[STRIP]`
    static void fourBitRow(int[] words, int w0, int inputs, float[] a, float[] sums, float[] scale, float[] base,
                           int lane, float[] out) {
        IntVector low = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 0);
        IntVector high = IntVector.fromArray(INTS, FOUR_BIT_MASKS, LENGTH);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        for (int word = 0; word < inputs / EIGHT; word++) {
            int at = w0 + word * STRIP + lane;
            int k = word * EIGHT;
            IntVector u = IntVector.fromArray(INTS, words, at);
            IntVector v = IntVector.fromArray(INTS, words, at + LENGTH);
            FloatVector r = FloatVector.broadcast(SPECIES, a[k]);
            FloatVector x0 = ((FloatVector) u.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).mul(r);
            FloatVector y0 = ((FloatVector) v.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).mul(r);
            r = FloatVector.broadcast(SPECIES, a[k + 1]);
            FloatVector x1 = ((FloatVector) u.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).mul(r);
            FloatVector y1 = ((FloatVector) v.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).mul(r);
            r = FloatVector.broadcast(SPECIES, a[k + 2]);
            u = u.lanewise(VectorOperators.LSHR, 8);
            v = v.lanewise(VectorOperators.LSHR, 8);
            x0 = ((FloatVector) u.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x0);
            y0 = ((FloatVector) v.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y0);
            r = FloatVector.broadcast(SPECIES, a[k + 3]);
            x1 = ((FloatVector) u.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x1);
            y1 = ((FloatVector) v.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y1);
            r = FloatVector.broadcast(SPECIES, a[k + 4]);
            u = u.lanewise(VectorOperators.LSHR, 8);
            v = v.lanewise(VectorOperators.LSHR, 8);
            x0 = ((FloatVector) u.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x0);
            y0 = ((FloatVector) v.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y0);
            r = FloatVector.broadcast(SPECIES, a[k + 5]);
            x1 = ((FloatVector) u.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x1);
            y1 = ((FloatVector) v.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y1);
            r = FloatVector.broadcast(SPECIES, a[k + 6]);
            u = u.lanewise(VectorOperators.LSHR, 8);
            v = v.lanewise(VectorOperators.LSHR, 8);
            x0 = ((FloatVector) u.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x0);
            y0 = ((FloatVector) v.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y0);
            r = FloatVector.broadcast(SPECIES, a[k + 7]);
            x1 = ((FloatVector) u.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x1);
            y1 = ((FloatVector) v.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y1);
            int s = word / 4 * STRIP + lane;
            t0 = x0.add(x1).fma(FloatVector.fromArray(SPECIES, scale, s), t0);
            t1 = y0.add(y1).fma(FloatVector.fromArray(SPECIES, scale, s + LENGTH), t1);
            r = FloatVector.broadcast(SPECIES, sums[word]);
            t0 = r.fma(FloatVector.fromArray(SPECIES, base, s), t0);
            t1 = r.fma(FloatVector.fromArray(SPECIES, base, s + LENGTH), t1);
        }
        t0.intoArray(out, lane);
        t1.intoArray(out, lane + LENGTH);
    }

    /// The same for numbers of eight bits and parts of `part` inputs, but for the bases.
    ///
    /// @param words  `[inputs / 4, STRIP]`
    /// @param starts `[inputs / 8]`, what eight inputs add to before their scale
    /// @param scale  `[inputs / part, STRIP]`
    static void eightBitRow(int[] words, int w0, int inputs, int part, float[] a, float[] starts, float[] scale,
                            int lane, float[] out) {
        IntVector low = IntVector.fromArray(INTS, EIGHT_BIT_MASKS, 0);
        IntVector high = IntVector.fromArray(INTS, EIGHT_BIT_MASKS, LENGTH);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        int shift = Integer.numberOfTrailingZeros(part / EIGHT);
        for (int pair = 0; pair < inputs / EIGHT; pair++) {
            int at = w0 + pair * 2 * STRIP + lane;
            int k = pair * EIGHT;
            IntVector u = IntVector.fromArray(INTS, words, at);
            IntVector v = IntVector.fromArray(INTS, words, at + LENGTH);
            FloatVector x0 = FloatVector.broadcast(SPECIES, starts[pair]);
            FloatVector y0 = x0;
            FloatVector r = FloatVector.broadcast(SPECIES, a[k]);
            x0 = ((FloatVector) u.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x0);
            y0 = ((FloatVector) v.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y0);
            r = FloatVector.broadcast(SPECIES, a[k + 1]);
            FloatVector x1 = ((FloatVector) u.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).mul(r);
            FloatVector y1 = ((FloatVector) v.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).mul(r);
            r = FloatVector.broadcast(SPECIES, a[k + 2]);
            u = u.lanewise(VectorOperators.LSHR, 16);
            v = v.lanewise(VectorOperators.LSHR, 16);
            x0 = ((FloatVector) u.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x0);
            y0 = ((FloatVector) v.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y0);
            r = FloatVector.broadcast(SPECIES, a[k + 3]);
            x1 = ((FloatVector) u.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x1);
            y1 = ((FloatVector) v.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y1);
            r = FloatVector.broadcast(SPECIES, a[k + 4]);
            u = IntVector.fromArray(INTS, words, at + STRIP);
            v = IntVector.fromArray(INTS, words, at + STRIP + LENGTH);
            x0 = ((FloatVector) u.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x0);
            y0 = ((FloatVector) v.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y0);
            r = FloatVector.broadcast(SPECIES, a[k + 5]);
            x1 = ((FloatVector) u.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x1);
            y1 = ((FloatVector) v.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y1);
            r = FloatVector.broadcast(SPECIES, a[k + 6]);
            u = u.lanewise(VectorOperators.LSHR, 16);
            v = v.lanewise(VectorOperators.LSHR, 16);
            x0 = ((FloatVector) u.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x0);
            y0 = ((FloatVector) v.and(low).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y0);
            r = FloatVector.broadcast(SPECIES, a[k + 7]);
            x1 = ((FloatVector) u.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, x1);
            y1 = ((FloatVector) v.and(high).convertShape(VectorOperators.I2F, SPECIES, 0)).fma(r, y1);
            int s = (pair >> shift) * STRIP + lane;
            t0 = x0.add(x1).fma(FloatVector.fromArray(SPECIES, scale, s), t0);
            t1 = y0.add(y1).fma(FloatVector.fromArray(SPECIES, scale, s + LENGTH), t1);
        }
        t0.intoArray(out, lane);
        t1.intoArray(out, lane + LENGTH);
    }

    /// `out[lane] += sum over parts of sums[part] * base[part, lane]`.
    ///
    /// @param sums of the inputs of each part
    /// @param base `[parts, STRIP]`
    static void addBases(float[] sums, float[] base, int parts, int lane, float[] out) {
        FloatVector t0 = FloatVector.fromArray(SPECIES, out, lane);
        FloatVector t1 = FloatVector.fromArray(SPECIES, out, lane + LENGTH);
        for (int part = 0; part < parts; part++) {
            FloatVector sum = FloatVector.broadcast(SPECIES, sums[part]);
            t0 = sum.fma(FloatVector.fromArray(SPECIES, base, part * STRIP + lane), t0);
            t1 = sum.fma(FloatVector.fromArray(SPECIES, base, part * STRIP + lane + LENGTH), t1);
        }
        t0.intoArray(out, lane);
        t1.intoArray(out, lane + LENGTH);
    }
}
