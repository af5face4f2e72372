package seer.gate.train;

/// Buffers of one thread, kept from step to step.
final class Workspace {
    /// What the buffers are for.
    enum Slot { KEY_INPUT, QUERY_INPUT, KEY, KEY_ROWS, QUERY, KEY_GRADIENT, QUERY_GRADIENT, TURNED, GRADIENTS, TARGET }

    private final float[][] buffers = new float[Slot.values().length][];

    /// At least `length` floats with arbitrary content; the same array for the same slot.
    float[] floats(Slot slot, int length) {
        float[] buffer = buffers[slot.ordinal()];
        if (buffer == null || buffer.length < length) {
            buffer = new float[length];
            buffers[slot.ordinal()] = buffer;
        }
        return buffer;
    }
}
