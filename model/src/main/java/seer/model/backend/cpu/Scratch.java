package seer.model.backend.cpu;

import java.util.Arrays;

/// Buffers of one thread, kept from task to task: tiles are computed here and never allocated anew.
final class Scratch {
    /// Slots of panels and of single rows, which are in use while others hold inputs and results.
    static final int EXPANDED = 8;
    static final int SCALE = 9;
    static final int BASE = 10;
    static final int FOURS = 11;
    static final int EIGHTS = 12;
    static final int SUMS = 13;
    static final int ROW = 14;
    /// Rows of a cache that were widened, and keys on their way there.
    static final int KEYS = 15;
    static final int VALUES = 16;
    static final int TURNED = 17;
    /// What eight inputs of a row start from, or add up to.
    static final int STARTS = 18;
    /// Scales and bases of parts of blocks.
    static final int PART_SCALE = 19;
    static final int PART_BASE = 20;
    /// What lies between the two products of a feed-forward layer.
    static final int HIDDEN = 21;
    /// Rows of values that are not as wide as a panel.
    static final int CUT = 22;
    private static final int SLOTS = 23;

    private final float[][] floats = new float[SLOTS][];
    private final double[][] doubles = new double[SLOTS][];
    private short[] shorts = {};
    private Scratch[] heads = {};
    private Rotation.Angles angles;

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

    /// At least `length` 16-bit numbers with arbitrary content; always the same array.
    short[] shorts(int length) {
        if (shorts.length < length) {
            shorts = new short[length];
        }
        return shorts;
    }

    /// Those that were kept last, or null.
    Rotation.Angles angles() {
        return angles;
    }

    void keep(Rotation.Angles more) {
        angles = more;
    }

    /// Buffers for one of some heads that a task computes side by side.
    Scratch head(int head) {
        if (head >= heads.length) {
            int before = heads.length;
            heads = Arrays.copyOf(heads, head + 1);
            for (int i = before; i <= head; i++) {
                heads[i] = new Scratch();
            }
        }
        return heads[head];
    }
}
