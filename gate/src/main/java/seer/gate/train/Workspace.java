package seer.gate.train;

import java.util.Arrays;

/// Buffers of one thread, kept from step to step.
final class Workspace {
    /// What the buffers are for.
    enum Slot { KEY_INPUT, QUERY_INPUT, KEY, KEY_ROWS, QUERY, KEY_GRADIENT, QUERY_GRADIENT, TRANSPOSED, GRADIENTS, SUM,
        TARGET, SCORES, BEST }

    private final float[][][] buffers = new float[Slot.values().length][0][];

    /// At least `count` rows of at least `length` floats with arbitrary content; the same arrays for the same slot.
    float[][] rows(Slot slot, int count, int length) {
        float[][] rows = buffers[slot.ordinal()];
        if (rows.length < count || rows[0].length < length) {
            int longest = rows.length == 0 ? length : Math.max(length, rows[0].length);
            rows = new float[Math.max(count, rows.length)][longest];
            buffers[slot.ordinal()] = rows;
        }
        return rows;
    }

    /// The same, with zeros.
    float[][] zeros(Slot slot, int count, int length) {
        float[][] rows = rows(slot, count, length);
        for (int i = 0; i < count; i++) {
            Arrays.fill(rows[i], 0, length, 0);
        }
        return rows;
    }

    /// At least `length` floats.
    float[] floats(Slot slot, int length) {
        return rows(slot, 1, length)[0];
    }
}
