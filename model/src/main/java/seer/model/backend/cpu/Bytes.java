package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Rows of floats to whole numbers of 8 bits, 32 of them with a scale of their own, and back.
///
/// ```text
///   scale = m / 127, rounded up     number = round(x / scale)     m = the largest magnitude of the 32
/// ```
///
/// A scale is the upper half of a 32-bit float: its whole range in two bytes, and a step that is larger by at most
/// 1/128. A block with NaN or an infinity gets NaN as its scale, and so comes back as NaN throughout.
final class Bytes {
    /// Elements that share a scale; the last of a row's blocks may be shorter.
    static final int BLOCK = 32;
    /// Bytes for a vector of floats; vectors of four floats load eight and use half.
    private static final VectorSpecies<Byte> BYTES = LENGTH >= 16
            ? VectorSpecies.of(byte.class, VectorShape.forBitSize(LENGTH * Byte.SIZE))
            : ByteVector.SPECIES_64;
    /// Elements that arrays of numbers have beyond the last one.
    static final int BEYOND = BYTES.length();
    private static final float LARGEST = 127;
    private static final short NOT_A_NUMBER = 0x7FC0;
    /// Added and taken away again, it leaves the nearest whole number, the even one of two.
    private static final float WHOLE = 0x1.8p23f;

    private Bytes() {
    }

    /// Scales of a row.
    static int blocks(int width) {
        return Math.ceilDiv(width, BLOCK);
    }

    /// A scale as a float.
    static float scale(short stored) {
        return Float.intBitsToFloat(stored << Short.SIZE);
    }

    /// The least scale with which a block of this largest magnitude stays within 127 steps.
    static short scaleOf(float largest) {
        return largest <= Float.MAX_VALUE
                ? (short) (Float.floatToRawIntBits(largest / LARGEST) + 0xFFFF >>> Short.SIZE) : NOT_A_NUMBER;
    }

    /// @param rows   `[count, width]` from element `at` on
    /// @param to     row that they become the first of
    static void narrow(float[] rows, int at, int count, int width, byte[] numbers, short[] scales, int to) {
        int blocks = blocks(width);
        for (int row = 0; row < count; row++) {
            for (int b = 0; b < blocks; b++) {
                int d = b * BLOCK;
                int x = at + row * width + d;
                int length = Math.min(BLOCK, width - d);
                short scale = scaleOf(largest(rows, x, length));
                scales[(to + row) * blocks + b] = scale;
                round(rows, x, length, scale(scale), numbers, (to + row) * width + d);
            }
        }
    }

    private static float largest(float[] x, int at, int count) {
        FloatVector vector = FloatVector.zero(SPECIES);
        int i = 0;
        for (; i <= count - LENGTH; i += LENGTH) {
            vector = vector.max(FloatVector.fromArray(SPECIES, x, at + i).abs());
        }
        float largest = vector.reduceLanes(VectorOperators.MAX);
        for (; i < count; i++) {
            largest = Math.max(largest, Math.abs(x[at + i]));
        }
        return largest;
    }

    private static void round(float[] x, int at, int count, float scale, byte[] numbers, int to) {
        float step = scale == 0 ? 1 : scale;
        int i = 0;
        if (BYTES.length() == LENGTH) {
            for (; i <= count - LENGTH; i += LENGTH) {
                ((ByteVector) FloatVector.fromArray(SPECIES, x, at + i).div(step).add(WHOLE).sub(WHOLE)
                        .convertShape(VectorOperators.F2B, BYTES, 0)).intoArray(numbers, to + i);
            }
        }
        for (; i < count; i++) {
            numbers[to + i] = (byte) (x[at + i] / step + WHOLE - WHOLE);
        }
    }

    /// The inverse of [#narrow], as far as there is one.
    ///
    /// @param numbers [#BEYOND] longer than its rows
    /// @param from    the first row
    /// @param rows    `[count, width]` from element `at` on
    static void widen(byte[] numbers, short[] scales, int from, int count, int width, float[] rows, int at) {
        int blocks = blocks(width);
        int whole = width / BLOCK * BLOCK;
        for (int row = 0; row < count; row++) {
            int x = (from + row) * width;
            int to = at + row * width;
            int s = (from + row) * blocks;
            for (int d = 0; d < whole; d += BLOCK) {
                FloatVector scale = FloatVector.broadcast(SPECIES, scale(scales[s++]));
                for (int i = d; i < d + BLOCK; i += LENGTH) {
                    floats(numbers, x + i).mul(scale).intoArray(rows, to + i);
                }
            }
            for (int d = whole; d < width; d++) {
                rows[to + d] = numbers[x + d] * scale(scales[s]);
            }
        }
    }

    /// Panels of rows turned, `[width, PANEL]`, to floats.
    ///
    /// @param turned  [#BEYOND] longer than that
    /// @param scales  `[blocks(width), PANEL]`
    /// @param columns as many as matter
    static void widenColumns(byte[] turned, float[] scales, int width, int columns, float[] panel) {
        for (int first = 0; first < width; first += BLOCK) {
            int end = Math.min(width, first + BLOCK);
            for (int column = 0; column < columns; column += LENGTH) {
                FloatVector scale = FloatVector.fromArray(SPECIES, scales, first / BLOCK * PANEL + column);
                for (int at = first * PANEL + column; at < end * PANEL; at += PANEL) {
                    floats(turned, at).mul(scale).intoArray(panel, at);
                }
            }
        }
    }

    private static FloatVector floats(byte[] numbers, int at) {
        return (FloatVector) ByteVector.fromArray(BYTES, numbers, at).convertShape(VectorOperators.B2F, SPECIES, 0);
    }
}
