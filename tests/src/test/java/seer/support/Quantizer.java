package seer.support;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import seer.model.load.DType;

/// Rounds weights to llama.cpp's block types and writes the blocks down, by the formats' definition and in the plainest
/// way: the oracle of what reads them. The rounded weights take the place of the given ones.
public final class Quantizer {
    private final ByteBuffer out;

    private Quantizer(ByteBuffer out) {
        this.out = out;
    }

    /// The bytes of these weights in a type; afterwards `weights` holds what the bytes say.
    public static byte[] encode(DType type, float[] weights) {
        var out = ByteBuffer.allocate(Math.toIntExact((long) weights.length / type.block() * type.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        var quantizer = new Quantizer(out);
        for (int from = 0; from < weights.length; from += type.block()) {
            quantizer.block(type, weights, from);
        }
        return out.array();
    }

    private void block(DType type, float[] w, int at) {
        switch (type) {
            case F32 -> out.putFloat(w[at]);
            case F16 -> w[at] = half(w[at]);
            case BF16 -> {
                int bits = Float.floatToRawIntBits(w[at]) & 0xFFFF0000;
                out.putShort((short) (bits >>> 16));
                w[at] = Float.intBitsToFloat(bits);
            }
            case Q8_0 -> {
                float d = half(largest(w, at, 32) / 127);
                for (int i = 0; i < 32; i++) {
                    int q = rounded(w[at + i] / d, -128, 127);
                    out.put((byte) q);
                    w[at + i] = d * q;
                }
            }
            case Q4_0 -> simple(w, at, 8, false, false);
            case Q4_1 -> simple(w, at, 15, true, false);
            case Q5_0 -> simple(w, at, 16, false, true);
            case Q5_1 -> simple(w, at, 31, true, true);
            case Q4_K -> lifted(w, at, 15);
            case Q5_K -> lifted(w, at, 31);
            case Q6_K -> sixBits(w, at);
            default -> throw new IllegalArgumentException("type is " + type + ", wanted a real one");
        }
    }

    /// Writes the nearest 16-bit float and returns it.
    private float half(float value) {
        short bits = Float.floatToFloat16(value);
        out.putShort(bits);
        return Float.float16ToFloat(bits);
    }

    private static int rounded(double value, int least, int most) {
        return Double.isNaN(value) ? 0 : Math.clamp(Math.round(value), least, most);
    }

    private static float largest(float[] w, int at, int count) {
        float largest = 0;
        for (int i = at; i < at + count; i++) {
            largest = Math.max(largest, Math.abs(w[i]));
        }
        return largest;
    }

    private static float extreme(float[] w, int at, int count, boolean low) {
        float extreme = w[at];
        for (int i = at; i < at + count; i++) {
            extreme = low ? Math.min(extreme, w[i]) : Math.max(extreme, w[i]);
        }
        return extreme;
    }

    /// 32 numbers of four or five bits around the middle, or from the smallest weight up.
    private void simple(float[] w, int at, int top, boolean base, boolean five) {
        float low = base ? extreme(w, at, 32, true) : 0;
        float d = half(base ? (extreme(w, at, 32, false) - low) / top : largest(w, at, 32) / (top - 1));
        float m = base ? half(low) : 0;
        int zero = base ? 0 : top;
        int most = five ? 31 : 15;
        var q = new int[32];
        int fifth = 0;
        for (int i = 0; i < 32; i++) {
            q[i] = rounded((w[at + i] - m) / d + zero, 0, most);
            fifth |= (q[i] >> 4) << i;
            w[at + i] = d * (q[i] - zero) + m;
        }
        if (five) {
            out.putInt(fifth);
        }
        for (int i = 0; i < 16; i++) {
            out.put((byte) (q[i] & 15 | (q[i + 16] & 15) << 4));
        }
    }

    /// Eight parts of 32 with steps and lifts of six bits.
    private void lifted(float[] w, int at, int top) {
        var step = new float[8];
        var lift = new float[8];
        for (int s = 0; s < 8; s++) {
            lift[s] = Math.max(0, -extreme(w, at + 32 * s, 32, true));
            step[s] = Math.max(0, extreme(w, at + 32 * s, 32, false) + lift[s]) / top;
        }
        float d = half(largest(step, 0, 8) / 63);
        float min = half(largest(lift, 0, 8) / 63);
        var sc = new int[8];
        var mc = new int[8];
        for (int s = 0; s < 8; s++) {
            sc[s] = rounded(step[s] / d, 0, 63);
            mc[s] = rounded(lift[s] / min, 0, 63);
        }
        for (int i = 0; i < 4; i++) {
            out.put((byte) (sc[i] | sc[i + 4] >> 4 << 6));
        }
        for (int i = 0; i < 4; i++) {
            out.put((byte) (mc[i] | mc[i + 4] >> 4 << 6));
        }
        for (int i = 4; i < 8; i++) {
            out.put((byte) (sc[i] & 15 | (mc[i] & 15) << 4));
        }
        var q = new int[256];
        for (int i = 0; i < 256; i++) {
            int s = i / 32;
            q[i] = rounded((w[at + i] + min * mc[s]) / (d * sc[s]), 0, top);
            w[at + i] = d * sc[s] * q[i] - min * mc[s];
        }
        if (top == 31) {
            for (int i = 0; i < 32; i++) {
                int bits = 0;
                for (int s = 0; s < 8; s++) {
                    bits |= (q[32 * s + i] >> 4) << s;
                }
                out.put((byte) bits);
            }
        }
        for (int pair = 0; pair < 4; pair++) {
            for (int i = 0; i < 32; i++) {
                out.put((byte) (q[64 * pair + i] & 15 | (q[64 * pair + 32 + i] & 15) << 4));
            }
        }
    }

    /// Sixteen parts of 16 with signed steps of eight bits.
    private void sixBits(float[] w, int at) {
        var step = new float[16];
        for (int s = 0; s < 16; s++) {
            step[s] = largest(w, at + 16 * s, 16) / 31 * (s % 2 == 0 ? 1 : -1);
        }
        short bits = Float.floatToFloat16(largest(step, 0, 16) / 127);
        float d = Float.float16ToFloat(bits);
        var q = new int[256];
        var sc = new int[16];
        for (int i = 0; i < 256; i++) {
            int s = i / 16;
            sc[s] = rounded(step[s] / d, -128, 127);
            q[i] = rounded(w[at + i] / (d * sc[s]), -32, 31);
            w[at + i] = d * sc[s] * q[i] + 0f; // no negative zero
            q[i] += 32;
        }
        for (int half = 0; half < 256; half += 128) {
            for (int i = 0; i < 64; i++) {
                out.put((byte) (q[half + i] & 15 | (q[half + 64 + i] & 15) << 4));
            }
        }
        for (int half = 0; half < 256; half += 128) {
            for (int i = 0; i < 32; i++) {
                out.put((byte) (q[half + i] >> 4 | q[half + 32 + i] >> 4 << 2 | q[half + 64 + i] >> 4 << 4
                        | q[half + 96 + i] >> 4 << 6));
            }
        }
        for (int step8 : sc) {
            out.put((byte) step8);
        }
        out.putShort(bits);
    }
}
