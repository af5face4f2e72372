package seer.model.text;

import java.util.Arrays;

/// Many short strings of bytes in one array: as objects of their own they would take several times their length.
final class ByteStrings {
    private static final byte[] NOTHING = {};

    private final byte[] all;
    private final int[] start; // and, last, the end

    /// @param strings those that are null are empty
    ByteStrings(byte[][] strings) {
        start = new int[strings.length + 1];
        for (int i = 0; i < strings.length; i++) {
            start[i + 1] = Math.addExact(start[i], strings[i] == null ? 0 : strings[i].length);
        }
        all = new byte[start[strings.length]];
        for (int i = 0; i < strings.length; i++) {
            if (strings[i] != null) {
                System.arraycopy(strings[i], 0, all, start[i], strings[i].length);
            }
        }
    }

    int count() {
        return start.length - 1;
    }

    /// A copy of string `i`.
    byte[] get(int i) {
        return start[i] == start[i + 1] ? NOTHING : Arrays.copyOfRange(all, start[i], start[i + 1]);
    }

    /// String `i` against another, byte by byte.
    int compare(int i, byte[] other) {
        return Arrays.compareUnsigned(all, start[i], start[i + 1], other, 0, other.length);
    }

    /// Whether all are the same, in the same order.
    boolean sameAs(ByteStrings other) {
        return Arrays.equals(start, other.start) && Arrays.equals(all, other.all);
    }
}
