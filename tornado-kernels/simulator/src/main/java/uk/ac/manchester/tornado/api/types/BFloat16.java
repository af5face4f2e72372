package uk.ac.manchester.tornado.api.types;

/// Conversions between 32-bit floating point and its upper half, bfloat16.
///
/// Rounding is to nearest, ties to even, as compiled kernels do it on NVIDIA devices. (The same
/// class run as plain Java by TornadoVM rounds ties away from zero: one unit in the last place.)
public final class BFloat16 {

    /// The largest finite value.
    public static final float BF16_MAX = 3.3895314e38f;

    private BFloat16() {
    }

    public static float bf16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    public static short bf16FromFloat(float value) {
        if (Float.isNaN(value)) {
            return 0x7FC0;
        }
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }
}
