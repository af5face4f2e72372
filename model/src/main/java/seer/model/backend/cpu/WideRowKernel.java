package seer.model.backend.cpu;

import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static seer.model.backend.cpu.Lanes.INTS;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

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
final class WideRowKernel {
    /// Whether strips are four vectors wide here.
    static final boolean SUITS = Lanes.GROUP == 4;
    private static final int FOURS = Integer.SIZE / 4;
    private static final int EIGHTS = Integer.SIZE / 8;
    private static final int[] FOUR_BIT_MASKS = masks(4);
    private static final int[] EIGHT_BIT_MASKS = masks(8);

    private WideRowKernel() {
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
    /// @param both   `[2, STRIP]` for passing use
    static void fourBits(QuantizedStrip strip, int lifted, int inputs, float[] a, float[] sums, float[] both,
                          float[] out) {
        int[] data = strip.data();
        int words = strip.words();
        IntVector m0 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 0);
        IntVector m1 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, LENGTH);
        IntVector m2 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 2 * LENGTH);
        IntVector m3 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 3 * LENGTH);
        IntVector m4 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 4 * LENGTH);
        IntVector m5 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 5 * LENGTH);
        IntVector m6 = IntVector.fromArray(INTS, FOUR_BIT_MASKS, 6 * LENGTH);
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
            strip.scales(p, both);
            t0 = x0.add(y0).fma(FloatVector.fromArray(SPECIES, both, 0), t0);
            t1 = x1.add(y1).fma(FloatVector.fromArray(SPECIES, both, LENGTH), t1);
            t2 = x2.add(y2).fma(FloatVector.fromArray(SPECIES, both, 2 * LENGTH), t2);
            t3 = x3.add(y3).fma(FloatVector.fromArray(SPECIES, both, 3 * LENGTH), t3);
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

    /// The same for numbers of eight bits.
    static void eightBits(QuantizedStrip strip, int lifted, int inputs, float[] a, float[] sums, float[] both,
                          float[] out) {
        int[] data = strip.data();
        int words = strip.words();
        IntVector m0 = IntVector.fromArray(INTS, EIGHT_BIT_MASKS, 0);
        IntVector m1 = IntVector.fromArray(INTS, EIGHT_BIT_MASKS, LENGTH);
        IntVector m2 = IntVector.fromArray(INTS, EIGHT_BIT_MASKS, 2 * LENGTH);
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
            strip.scales(p, both);
            t0 = x0.add(y0).fma(FloatVector.fromArray(SPECIES, both, 0), t0);
            t1 = x1.add(y1).fma(FloatVector.fromArray(SPECIES, both, LENGTH), t1);
            t2 = x2.add(y2).fma(FloatVector.fromArray(SPECIES, both, 2 * LENGTH), t2);
            t3 = x3.add(y3).fma(FloatVector.fromArray(SPECIES, both, 3 * LENGTH), t3);
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
