package seer.model.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One block of a quantized tensor, taken apart: whole numbers and what makes weights of them.
///
/// ```text
///   weight[i] = scale * steps[s] * number[i]  +  base * lifts[s]        s = i / part()
///
///   Q4_0  number 0..15, less 8       scale            Q4_K  0..15, parts of 32, steps and lifts of 6 bits
///   Q4_1  0..15                      scale, base      Q5_K  0..31, the same
///   Q5_0  0..31, less 16             scale            Q6_K  0..63, less 32, parts of 16, steps of 8 bits, signed
///   Q5_1  0..31                      scale, base
///   Q8_0  -128..127                  scale
/// ```
///
/// Scale and base are 16-bit floats in the file. The product of scale, step and number needs at most 25 bits, so that
/// a weight is exact or rounded once. One object serves a thread for any number of blocks.
public final class QuantizedBlock {
    /// Parts of the types of 256.
    private static final int MOST_PARTS = 16;

    private final DType type;
    private final byte[] raw;
    private final byte[] numbers;
    private final byte[] steps = new byte[MOST_PARTS];
    private final byte[] lifts = new byte[MOST_PARTS];
    private short scale;
    private short base;

    /// @throws IllegalArgumentException if the type is not quantized
    public QuantizedBlock(DType type) {
        if (!type.isQuantized()) {
            throw new IllegalArgumentException("type is " + type + ", wanted a quantized one");
        }
        this.type = type;
        this.raw = new byte[type.bytes()];
        this.numbers = new byte[type.block()];
        steps[0] = 1;
        lifts[0] = 1;
    }

    /// Elements that share a step and a lift.
    public static int part(DType type) {
        return switch (type) {
            case Q6_K -> 16;
            default -> 32;
        };
    }

    /// Whether weights are lifted by a base.
    public static boolean hasBase(DType type) {
        return switch (type) {
            case Q4_1, Q5_1, Q4_K, Q5_K -> true;
            default -> false;
        };
    }

    /// Whether parts have steps, and lifts where there is a base, of their own.
    public static boolean hasSteps(DType type) {
        return type.block() == 256;
    }

    /// Whether numbers are below 16 and at least 0 before [#less] is taken away, so that four bits hold them.
    public static boolean isFourBits(DType type) {
        return type == DType.Q4_0 || type == DType.Q4_1 || type == DType.Q4_K;
    }

    /// What is taken away from four bits.
    public static int less(DType type) {
        return type == DType.Q4_0 ? 8 : 0;
    }

    /// Takes block `index` of a tensor apart.
    void read(MemorySegment data, long index) {
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, index * raw.length, raw, 0, raw.length);
        switch (type) {
            case Q4_0 -> {
                scale = half(0);
                nibbles(2, 0, 8);
            }
            case Q4_1 -> {
                scaleAndBase();
                nibbles(4, 0, 0);
            }
            case Q5_0 -> {
                scale = half(0);
                nibbles(6, 0, 0);
                fifthBits(2, 16);
            }
            case Q5_1 -> {
                scaleAndBase();
                nibbles(8, 0, 0);
                fifthBits(4, 0);
            }
            case Q8_0 -> {
                scale = half(0);
                System.arraycopy(raw, 2, numbers, 0, 32);
            }
            case Q4_K, Q5_K -> lifted();
            default -> sixBits();
        }
    }

    private short half(int at) {
        return (short) (raw[at] & 0xFF | raw[at + 1] << 8);
    }

    private void scaleAndBase() {
        scale = half(0);
        base = half(2);
    }

    /// 32 numbers from 16 bytes: the low halves, then the high ones.
    private void nibbles(int from, int to, int less) {
        for (int i = 0; i < 16; i++) {
            numbers[to + i] = (byte) ((raw[from + i] & 15) - less);
            numbers[to + i + 16] = (byte) ((raw[from + i] >> 4 & 15) - less);
        }
    }

    private void fifthBits(int from, int less) {
        for (int i = 0; i < 32; i++) {
            int bit = raw[from + i / 8] >> i % 8 & 1;
            numbers[i] = (byte) ((numbers[i] | bit << 4) - less);
        }
    }

    /// Q4_K and Q5_K: scale, base, twelve bytes of steps and lifts, for Q5_K the fifth bits, then four runs of 32 bytes
    /// whose halves are two parts.
    private void lifted() {
        scale = half(0);
        base = (short) (half(2) ^ 0x8000); // the file's is taken away
        for (int s = 0; s < 8; s++) {
            if (s < 4) {
                steps[s] = (byte) (raw[4 + s] & 63);
                lifts[s] = (byte) (raw[8 + s] & 63);
            } else {
                steps[s] = (byte) (raw[8 + s] & 15 | (raw[s] >> 6 & 3) << 4);
                lifts[s] = (byte) (raw[8 + s] >> 4 & 15 | (raw[4 + s] >> 6 & 3) << 4);
            }
        }
        boolean fifth = type == DType.Q5_K;
        int from = fifth ? 48 : 16;
        for (int i = 0; i < 256; i++) {
            int four = raw[from + i / 64 * 32 + i % 32] >> (i / 32 % 2) * 4 & 15;
            int high = fifth ? raw[16 + i % 32] >> i / 32 & 1 : 0;
            numbers[i] = (byte) (four | high << 4);
        }
    }

    /// Q6_K: low halves, pairs of high bits, steps, scale; each half of the block for itself.
    private void sixBits() {
        scale = half(208);
        System.arraycopy(raw, 192, steps, 0, 16);
        for (int i = 0; i < 256; i++) {
            int half = i / 128;
            int quarter = i % 128 / 32;
            int four = raw[64 * half + quarter % 2 * 32 + i % 32] >> quarter / 2 * 4 & 15;
            int two = raw[128 + 32 * half + i % 32] >> 2 * quarter & 3;
            numbers[i] = (byte) ((four | two << 4) - 32);
        }
    }

    /// Whether the scale, and the base where there is one, are finite.
    boolean isFinite() {
        return Float.isFinite(Float.float16ToFloat(scale))
                && (!hasBase(type) || Float.isFinite(Float.float16ToFloat(base)));
    }

    /// The scale, a 16-bit float.
    public short scale() {
        return scale;
    }

    /// The base, a 16-bit float; without meaning where the type has none.
    public short base() {
        return base;
    }

    /// The step of a part, 1 where the type has none.
    public byte step(int part) {
        return steps[part];
    }

    /// The lift of a part, 1 where the type has none.
    public byte lift(int part) {
        return lifts[part];
    }

    /// The number of an element.
    public byte number(int i) {
        return numbers[i];
    }

    /// The weights from `from` to `to` of the block.
    void weights(int from, int to, float[] target, int at) {
        float wide = Float.float16ToFloat(scale);
        float ground = hasBase(type) ? Float.float16ToFloat(base) : 0;
        int part = part(type);
        for (int i = from; i < to; i++) {
            int s = hasSteps(type) ? i / part : 0;
            target[at + i - from] = wide * steps[s] * numbers[i] + ground * lifts[s];
        }
    }
}
