package seer.model.backend.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/// One row times a whole strip of quantized weights, four vectors of outputs at once: for processors of 32 registers,
/// where [QuantizedKernel] with its two vectors would go through each strip twice.
///
/// The weights come from memory, and the processor must foresee what comes: it does while each load of the loop reads
/// on at one distance, from strip to strip. So there is no second pass, scales are widened where they are used, and the
/// words of a matrix are all in one array, with nothing in between ([QuantizedStore]). With half-strips in two passes
/// one thread of a Zen 5 read 15 G weights/s of four bits, and reads 40 so.
///
/// Numbers stay where they are in their words, as in [QuantizedKernel]: registers suffice for a mask for each place,
/// and the last number is shifted down.
final class WideRow {
    /// Whether strips are four vectors wide here.
    static final boolean SUITS = Lanes.GROUP == 4;
    private static final int FOURS = Integer.SIZE / 4;
    private static final int EIGHTS = Integer.SIZE / 8;
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());
    private static final VectorSpecies<Byte> BYTES = QuantizedKernel.BYTES;
    private static final int[] FOUR_BIT_MASKS = masks(4);
    private static final int[] EIGHT_BIT_MASKS = masks(8);
    private static final int[] SIGN_AND_REST = all(QuantizedKernel.SIGN_AND_REST);

    private WideRow() {
    }

    static int[] all(int value) {
        var all = new int[LENGTH];
        Arrays.fill(all, value);
        return all;
    }

    /// One vector for each number of a word but the last.
    private static int[] masks(int bits) {
        var masks = new int[(Integer.SIZE / bits - 1) * LENGTH];
        for (int i = 0; i < masks.length; i++) {
            masks[i] = (1 << bits) - 1 << i / LENGTH * bits;
        }
        return masks;
    }

    /// The power of two that input `k` of a row is multiplied with for numbers of so many bits.
    static float place(int bits, int k) {
        int number = k % (Integer.SIZE / bits);
        return number == Integer.SIZE / bits - 1 ? 1 : Math.scalb(1f, -number * bits);
    }


    /// `out[lane] = sum over parts p of scale[p, lane] * sum over its k of a[k] * (number[k, lane] - lifted)`, and
    /// `+ sums[p] * base[p, lane]` where there are bases. Scales and bases are those of blocks in 16 bits, times bytes
    /// of each part where there are any.
    ///
    /// @param strip  where the strip lies
    /// @param lifted what numbers are larger by, 0 where there are bases
    /// @param a      `[inputs]`, each times its [#place]
    /// @param sums   `[inputs / part]` of the inputs of each part
    static void fourBits(QuantizedStrip strip, int lifted, int inputs, float[] a, float[] sums, float[] out) {
        int[] data = strip.data();
        int heads = strip.heads();
        int words = strip.words();
        boolean based = strip.based();
        byte[] steps = strip.steps();
        byte[] lifts = strip.lifts();
        int shift = strip.shift();
        IntVector m0 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 0);
        IntVector m1 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, LENGTH);
        IntVector m2 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 2 * LENGTH);
        IntVector m3 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 3 * LENGTH);
        IntVector m4 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 4 * LENGTH);
        IntVector m5 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 5 * LENGTH);
        IntVector m6 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 6 * LENGTH);
        IntVector rest = IntVector.fromArray(INTS, SIGN_AND_REST, 0);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        FloatVector t2 = FloatVector.zero(SPECIES);
        FloatVector t3 = FloatVector.zero(SPECIES);
        int part = strip.part() / FOURS;
        for (int p = 0; p < inputs / FOURS / part; p++) {
            int first = p * part;
            FloatVector x0 = FloatVector.broadcast(SPECIES, -lifted * sums[p]);
            FloatVector x1 = x0;
            FloatVector x2 = x0;
            FloatVector x3 = x0;
            FloatVector y0 = FloatVector.zero(SPECIES);
            FloatVector y1 = FloatVector.zero(SPECIES);
            FloatVector y2 = FloatVector.zero(SPECIES);
            FloatVector y3 = FloatVector.zero(SPECIES);
            for (int word = 0; word < part; word++) {
                int at = words + (first + word) * STRIP;
                int k = (first + word) * FOURS;
                IntVector u0 = IntVector.fromArray(INTS, data, at);
                IntVector u1 = IntVector.fromArray(INTS, data, at + LENGTH);
                IntVector u2 = IntVector.fromArray(INTS, data, at + 2 * LENGTH);
                IntVector u3 = IntVector.fromArray(INTS, data, at + 3 * LENGTH);
                FloatVector r = FloatVector.broadcast(SPECIES, a[k]);
                x0 = ((FloatVector) u0.and(m0).convertShape(I2F, SPECIES, 0)).fma(r, x0);
                x1 = ((FloatVector) u1.and(m0).convertShape(I2F, SPECIES, 0)).fma(r, x1);
                x2 = ((FloatVector) u2.and(m0).convertShape(I2F, SPECIES, 0)).fma(r, x2);
                x3 = ((FloatVector) u3.and(m0).convertShape(I2F, SPECIES, 0)).fma(r, x3);
                r = FloatVector.broadcast(SPECIES, a[k + 1]);
                y0 = ((FloatVector) u0.and(m1).convertShape(I2F, SPECIES, 0)).fma(r, y0);
                y1 = ((FloatVector) u1.and(m1).convertShape(I2F, SPECIES, 0)).fma(r, y1);
                y2 = ((FloatVector) u2.and(m1).convertShape(I2F, SPECIES, 0)).fma(r, y2);
                y3 = ((FloatVector) u3.and(m1).convertShape(I2F, SPECIES, 0)).fma(r, y3);
                r = FloatVector.broadcast(SPECIES, a[k + 2]);
                x0 = ((FloatVector) u0.and(m2).convertShape(I2F, SPECIES, 0)).fma(r, x0);
                x1 = ((FloatVector) u1.and(m2).convertShape(I2F, SPECIES, 0)).fma(r, x1);
                x2 = ((FloatVector) u2.and(m2).convertShape(I2F, SPECIES, 0)).fma(r, x2);
                x3 = ((FloatVector) u3.and(m2).convertShape(I2F, SPECIES, 0)).fma(r, x3);
                r = FloatVector.broadcast(SPECIES, a[k + 3]);
                y0 = ((FloatVector) u0.and(m3).convertShape(I2F, SPECIES, 0)).fma(r, y0);
                y1 = ((FloatVector) u1.and(m3).convertShape(I2F, SPECIES, 0)).fma(r, y1);
                y2 = ((FloatVector) u2.and(m3).convertShape(I2F, SPECIES, 0)).fma(r, y2);
                y3 = ((FloatVector) u3.and(m3).convertShape(I2F, SPECIES, 0)).fma(r, y3);
                r = FloatVector.broadcast(SPECIES, a[k + 4]);
                x0 = ((FloatVector) u0.and(m4).convertShape(I2F, SPECIES, 0)).fma(r, x0);
                x1 = ((FloatVector) u1.and(m4).convertShape(I2F, SPECIES, 0)).fma(r, x1);
                x2 = ((FloatVector) u2.and(m4).convertShape(I2F, SPECIES, 0)).fma(r, x2);
                x3 = ((FloatVector) u3.and(m4).convertShape(I2F, SPECIES, 0)).fma(r, x3);
                r = FloatVector.broadcast(SPECIES, a[k + 5]);
                y0 = ((FloatVector) u0.and(m5).convertShape(I2F, SPECIES, 0)).fma(r, y0);
                y1 = ((FloatVector) u1.and(m5).convertShape(I2F, SPECIES, 0)).fma(r, y1);
                y2 = ((FloatVector) u2.and(m5).convertShape(I2F, SPECIES, 0)).fma(r, y2);
                y3 = ((FloatVector) u3.and(m5).convertShape(I2F, SPECIES, 0)).fma(r, y3);
                r = FloatVector.broadcast(SPECIES, a[k + 6]);
                x0 = ((FloatVector) u0.and(m6).convertShape(I2F, SPECIES, 0)).fma(r, x0);
                x1 = ((FloatVector) u1.and(m6).convertShape(I2F, SPECIES, 0)).fma(r, x1);
                x2 = ((FloatVector) u2.and(m6).convertShape(I2F, SPECIES, 0)).fma(r, x2);
                x3 = ((FloatVector) u3.and(m6).convertShape(I2F, SPECIES, 0)).fma(r, x3);
                r = FloatVector.broadcast(SPECIES, a[k + 7]);
                y0 = ((FloatVector) u0.lanewise(LSHR, 28).convertShape(I2F, SPECIES, 0)).fma(r, y0);
                y1 = ((FloatVector) u1.lanewise(LSHR, 28).convertShape(I2F, SPECIES, 0)).fma(r, y1);
                y2 = ((FloatVector) u2.lanewise(LSHR, 28).convertShape(I2F, SPECIES, 0)).fma(r, y2);
                y3 = ((FloatVector) u3.lanewise(LSHR, 28).convertShape(I2F, SPECIES, 0)).fma(r, y3);
            }
            int block = p >> shift;
            int head = heads + (based ? block : block / 2) * STRIP;
            int left = based ? Short.SIZE : Short.SIZE - block % 2 * Short.SIZE;
            IntVector h0 = IntVector.fromArray(INTS, data, head);
            IntVector h1 = IntVector.fromArray(INTS, data, head + LENGTH);
            IntVector h2 = IntVector.fromArray(INTS, data, head + 2 * LENGTH);
            IntVector h3 = IntVector.fromArray(INTS, data, head + 3 * LENGTH);
            FloatVector s0 = h0.lanewise(LSHL, left).lanewise(ASHR, 3).and(rest)
                    .reinterpretAsFloats().mul(QuantizedKernel.REBASE);
            FloatVector s1 = h1.lanewise(LSHL, left).lanewise(ASHR, 3).and(rest)
                    .reinterpretAsFloats().mul(QuantizedKernel.REBASE);
            FloatVector s2 = h2.lanewise(LSHL, left).lanewise(ASHR, 3).and(rest)
                    .reinterpretAsFloats().mul(QuantizedKernel.REBASE);
            FloatVector s3 = h3.lanewise(LSHL, left).lanewise(ASHR, 3).and(rest)
                    .reinterpretAsFloats().mul(QuantizedKernel.REBASE);
            int step = strip.step() + p * STRIP;
            if (steps != null) {
                s0 = s0.mul(((FloatVector) ByteVector.fromArray(BYTES, steps, step)
                        .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                s1 = s1.mul(((FloatVector) ByteVector.fromArray(BYTES, steps, step + LENGTH)
                        .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                s2 = s2.mul(((FloatVector) ByteVector.fromArray(BYTES, steps, step + 2 * LENGTH)
                        .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                s3 = s3.mul(((FloatVector) ByteVector.fromArray(BYTES, steps, step + 3 * LENGTH)
                        .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
            }
            t0 = x0.add(y0).fma(s0, t0);
            t1 = x1.add(y1).fma(s1, t1);
            t2 = x2.add(y2).fma(s2, t2);
            t3 = x3.add(y3).fma(s3, t3);
            if (based) {
                FloatVector sum = FloatVector.broadcast(SPECIES, sums[p]);
                s0 = h0.lanewise(ASHR, 3).and(rest).reinterpretAsFloats().mul(QuantizedKernel.REBASE);
                s1 = h1.lanewise(ASHR, 3).and(rest).reinterpretAsFloats().mul(QuantizedKernel.REBASE);
                s2 = h2.lanewise(ASHR, 3).and(rest).reinterpretAsFloats().mul(QuantizedKernel.REBASE);
                s3 = h3.lanewise(ASHR, 3).and(rest).reinterpretAsFloats().mul(QuantizedKernel.REBASE);
                if (lifts != null) {
                    s0 = s0.mul(((FloatVector) ByteVector.fromArray(BYTES, lifts, step)
                            .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                    s1 = s1.mul(((FloatVector) ByteVector.fromArray(BYTES, lifts, step + LENGTH)
                            .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                    s2 = s2.mul(((FloatVector) ByteVector.fromArray(BYTES, lifts, step + 2 * LENGTH)
                            .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                    s3 = s3.mul(((FloatVector) ByteVector.fromArray(BYTES, lifts, step + 3 * LENGTH)
                            .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                }
                t0 = sum.fma(s0, t0);
                t1 = sum.fma(s1, t1);
                t2 = sum.fma(s2, t2);
                t3 = sum.fma(s3, t3);
            }
        }
        t0.intoArray(out, 0);
        t1.intoArray(out, LENGTH);
        t2.intoArray(out, 2 * LENGTH);
        t3.intoArray(out, 3 * LENGTH);
    }

    /// The same for numbers of eight bits.
    static void eightBits(QuantizedStrip strip, int lifted, int inputs, float[] a, float[] sums, float[] out) {
        int[] data = strip.data();
        int heads = strip.heads();
        int words = strip.words();
        boolean based = strip.based();
        byte[] steps = strip.steps();
        byte[] lifts = strip.lifts();
        int shift = strip.shift();
        IntVector m0 = IntVector.fromArray(INTS, EIGHT_BIT_MASKS, 0);
        IntVector m1 = IntVector.fromArray(INTS, EIGHT_BIT_MASKS, LENGTH);
        IntVector m2 = IntVector.fromArray(INTS, EIGHT_BIT_MASKS, 2 * LENGTH);
        IntVector rest = IntVector.fromArray(INTS, SIGN_AND_REST, 0);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        FloatVector t2 = FloatVector.zero(SPECIES);
        FloatVector t3 = FloatVector.zero(SPECIES);
        int part = strip.part() / EIGHTS;
        for (int p = 0; p < inputs / EIGHTS / part; p++) {
            int first = p * part;
            FloatVector x0 = FloatVector.broadcast(SPECIES, -lifted * sums[p]);
            FloatVector x1 = x0;
            FloatVector x2 = x0;
            FloatVector x3 = x0;
            FloatVector y0 = FloatVector.zero(SPECIES);
            FloatVector y1 = FloatVector.zero(SPECIES);
            FloatVector y2 = FloatVector.zero(SPECIES);
            FloatVector y3 = FloatVector.zero(SPECIES);
            for (int word = 0; word < part; word++) {
                int at = words + (first + word) * STRIP;
                int k = (first + word) * EIGHTS;
                IntVector u0 = IntVector.fromArray(INTS, data, at);
                IntVector u1 = IntVector.fromArray(INTS, data, at + LENGTH);
                IntVector u2 = IntVector.fromArray(INTS, data, at + 2 * LENGTH);
                IntVector u3 = IntVector.fromArray(INTS, data, at + 3 * LENGTH);
                FloatVector r = FloatVector.broadcast(SPECIES, a[k]);
                x0 = ((FloatVector) u0.and(m0).convertShape(I2F, SPECIES, 0)).fma(r, x0);
                x1 = ((FloatVector) u1.and(m0).convertShape(I2F, SPECIES, 0)).fma(r, x1);
                x2 = ((FloatVector) u2.and(m0).convertShape(I2F, SPECIES, 0)).fma(r, x2);
                x3 = ((FloatVector) u3.and(m0).convertShape(I2F, SPECIES, 0)).fma(r, x3);
                r = FloatVector.broadcast(SPECIES, a[k + 1]);
                y0 = ((FloatVector) u0.and(m1).convertShape(I2F, SPECIES, 0)).fma(r, y0);
                y1 = ((FloatVector) u1.and(m1).convertShape(I2F, SPECIES, 0)).fma(r, y1);
                y2 = ((FloatVector) u2.and(m1).convertShape(I2F, SPECIES, 0)).fma(r, y2);
                y3 = ((FloatVector) u3.and(m1).convertShape(I2F, SPECIES, 0)).fma(r, y3);
                r = FloatVector.broadcast(SPECIES, a[k + 2]);
                x0 = ((FloatVector) u0.and(m2).convertShape(I2F, SPECIES, 0)).fma(r, x0);
                x1 = ((FloatVector) u1.and(m2).convertShape(I2F, SPECIES, 0)).fma(r, x1);
                x2 = ((FloatVector) u2.and(m2).convertShape(I2F, SPECIES, 0)).fma(r, x2);
                x3 = ((FloatVector) u3.and(m2).convertShape(I2F, SPECIES, 0)).fma(r, x3);
                r = FloatVector.broadcast(SPECIES, a[k + 3]);
                y0 = ((FloatVector) u0.lanewise(LSHR, 24).convertShape(I2F, SPECIES, 0)).fma(r, y0);
                y1 = ((FloatVector) u1.lanewise(LSHR, 24).convertShape(I2F, SPECIES, 0)).fma(r, y1);
                y2 = ((FloatVector) u2.lanewise(LSHR, 24).convertShape(I2F, SPECIES, 0)).fma(r, y2);
                y3 = ((FloatVector) u3.lanewise(LSHR, 24).convertShape(I2F, SPECIES, 0)).fma(r, y3);
            }
            int block = p >> shift;
            int head = heads + (based ? block : block / 2) * STRIP;
            int left = based ? Short.SIZE : Short.SIZE - block % 2 * Short.SIZE;
            IntVector h0 = IntVector.fromArray(INTS, data, head);
            IntVector h1 = IntVector.fromArray(INTS, data, head + LENGTH);
            IntVector h2 = IntVector.fromArray(INTS, data, head + 2 * LENGTH);
            IntVector h3 = IntVector.fromArray(INTS, data, head + 3 * LENGTH);
            FloatVector s0 = h0.lanewise(LSHL, left).lanewise(ASHR, 3).and(rest)
                    .reinterpretAsFloats().mul(QuantizedKernel.REBASE);
            FloatVector s1 = h1.lanewise(LSHL, left).lanewise(ASHR, 3).and(rest)
                    .reinterpretAsFloats().mul(QuantizedKernel.REBASE);
            FloatVector s2 = h2.lanewise(LSHL, left).lanewise(ASHR, 3).and(rest)
                    .reinterpretAsFloats().mul(QuantizedKernel.REBASE);
            FloatVector s3 = h3.lanewise(LSHL, left).lanewise(ASHR, 3).and(rest)
                    .reinterpretAsFloats().mul(QuantizedKernel.REBASE);
            int step = strip.step() + p * STRIP;
            if (steps != null) {
                s0 = s0.mul(((FloatVector) ByteVector.fromArray(BYTES, steps, step)
                        .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                s1 = s1.mul(((FloatVector) ByteVector.fromArray(BYTES, steps, step + LENGTH)
                        .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                s2 = s2.mul(((FloatVector) ByteVector.fromArray(BYTES, steps, step + 2 * LENGTH)
                        .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                s3 = s3.mul(((FloatVector) ByteVector.fromArray(BYTES, steps, step + 3 * LENGTH)
                        .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
            }
            t0 = x0.add(y0).fma(s0, t0);
            t1 = x1.add(y1).fma(s1, t1);
            t2 = x2.add(y2).fma(s2, t2);
            t3 = x3.add(y3).fma(s3, t3);
            if (based) {
                FloatVector sum = FloatVector.broadcast(SPECIES, sums[p]);
                s0 = h0.lanewise(ASHR, 3).and(rest).reinterpretAsFloats().mul(QuantizedKernel.REBASE);
                s1 = h1.lanewise(ASHR, 3).and(rest).reinterpretAsFloats().mul(QuantizedKernel.REBASE);
                s2 = h2.lanewise(ASHR, 3).and(rest).reinterpretAsFloats().mul(QuantizedKernel.REBASE);
                s3 = h3.lanewise(ASHR, 3).and(rest).reinterpretAsFloats().mul(QuantizedKernel.REBASE);
                if (lifts != null) {
                    s0 = s0.mul(((FloatVector) ByteVector.fromArray(BYTES, lifts, step)
                            .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                    s1 = s1.mul(((FloatVector) ByteVector.fromArray(BYTES, lifts, step + LENGTH)
                            .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                    s2 = s2.mul(((FloatVector) ByteVector.fromArray(BYTES, lifts, step + 2 * LENGTH)
                            .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                    s3 = s3.mul(((FloatVector) ByteVector.fromArray(BYTES, lifts, step + 3 * LENGTH)
                            .convertShape(B2I, INTS, 0).convertShape(I2F, SPECIES, 0)));
                }
                t0 = sum.fma(s0, t0);
                t1 = sum.fma(s1, t1);
                t2 = sum.fma(s2, t2);
                t3 = sum.fma(s3, t3);
            }
        }
        t0.intoArray(out, 0);
        t1.intoArray(out, LENGTH);
        t2.intoArray(out, 2 * LENGTH);
        t3.intoArray(out, 3 * LENGTH);
    }
}
