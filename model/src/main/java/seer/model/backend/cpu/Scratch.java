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
    /// Rows that were rounded to whole numbers, their scales and sums, and what is so on the way there.
    static final int ROUNDED_SCALES = 22;
    static final int ROUNDED_SUMS = 23;
    static final int PLAIN_SCALES = 24;
    static final int NUMBERS = 25;
    static final int PLAIN_NUMBERS = 26;
    /// Weights as whole numbers, and what these are multiplied with; rows fewer than four.
    static final int UNPACKED = 27;
    static final int FACTORS = 28;
    static final int TILE_BASES = 29;
    static final int FOUR_ROWS = 30;
    static final int BLOCK_SUMS = 32;
    /// Rows of values that are not as wide as a panel.
    static final int CUT = 33;
    /// Numbers of 16 bits as they lie in a cache.
    static final int HALVES = 34;
    /// Numbers of 8 bits as they lie in a cache, and their scales.
    static final int BYTES = 35;
    static final int COLUMN_SCALES = 36;
    /// Sums of a row's inputs by 16 and by 32.
    static final int SIXTEENS = 37;
    static final int BLOCKS = 38;
    private static final int SLOTS = 39;

    private final float[][] floats = new float[SLOTS][];
    private final double[][] doubles = new double[SLOTS][];
    private final int[][] ints = new int[SLOTS][];
    private final short[][] shorts = new short[SLOTS][];
    private final byte[][] bytes = new byte[SLOTS][];
    private float[][] pieces = {};
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

    /// At least `length` words with arbitrary content; the same array for the same slot.
    int[] ints(int slot, int length) {
        int[] buffer = ints[slot];
        if (buffer == null || buffer.length < length) {
            buffer = new int[length];
            ints[slot] = buffer;
        }
        return buffer;
    }

    /// At least `length` numbers of 16 bits with arbitrary content; the same array for the same slot.
    short[] shorts(int slot, int length) {
        short[] buffer = shorts[slot];
        if (buffer == null || buffer.length < length) {
            buffer = new short[length];
            shorts[slot] = buffer;
        }
        return buffer;
    }

    /// At least `length` numbers of 8 bits with arbitrary content; the same array for the same slot.
    byte[] bytes(int slot, int length) {
        byte[] buffer = bytes[slot];
        if (buffer == null || buffer.length < length) {
            buffer = new byte[length];
            bytes[slot] = buffer;
        }
        return buffer;
    }

    /// So many arrays of just `length` floats, and maybe more, with arbitrary content; the same ones each time.
    float[][] pieces(int count, int length) {
        if (pieces.length < count) {
            pieces = Arrays.copyOf(pieces, count);
        }
        for (int i = 0; i < count; i++) {
            if (pieces[i] == null || pieces[i].length != length) {
                pieces[i] = new float[length];
            }
        }
        return pieces;
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
