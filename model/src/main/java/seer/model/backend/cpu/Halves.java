package seer.model.backend.cpu;

/// 16-bit floats from and to floats: loops that the compiler makes vectors of, where the processor converts them.
final class Halves {
    private Halves() {
    }

    static void widen(short[] from, int at, float[] to, int first, int count) {
        for (int i = 0; i < count; i++) {
            to[first + i] = Float.float16ToFloat(from[at + i]);
        }
    }

    /// To the nearest; what is too large for them becomes infinite.
    static void narrow(float[] from, int at, short[] to, int first, int count) {
        for (int i = 0; i < count; i++) {
            to[first + i] = Float.floatToFloat16(from[at + i]);
        }
    }
}
