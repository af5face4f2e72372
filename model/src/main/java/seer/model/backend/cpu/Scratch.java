package seer.model.backend.cpu;

/// Buffers of one thread, kept from task to task: tiles are computed here and never allocated anew.
final class Scratch {
    private static final int SLOTS = 11;

    private final float[][] floats = new float[SLOTS][];
    private final double[][] doubles = new double[SLOTS][];

    /// At least `length` floats with arbitrary content; the same array for the same slot.
    float[] floats(int slot, int length) {
        float[] buffer = floats[slot];
        if (buffer == null || buffer.length < length) {
            buffer = new float[length];
            floats[slot] = buffer;
        }
        return buffer;
    }

    /// At least `length` doubles with arbitrary content; the same array for the same slot.
    double[] doubles(int slot, int length) {
        double[] buffer = doubles[slot];
        if (buffer == null || buffer.length < length) {
            buffer = new double[length];
            doubles[slot] = buffer;
        }
        return buffer;
    }
}
