package seer.kernels.attention;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Columns' lists cut into parts, by a plain loop.
///
/// @param most   parts that there is room for
/// @param parts  `[most, 3]`, the unused ones -1 and places that nobody may look at
/// @param firsts `[columns + 1]`
record ColumnParts(int most, int[] parts, int[] firsts) {
    private static final int FAR = 1_000_000;

    /// @param lists beginnings of all columns, and the last one's end
    ColumnParts(int[] lists, int columns, int length) {
        this(TransposedLists.most(columns, lists[columns], length),
                new int[TransposedLists.most(columns, lists[columns], length) * TransposedLists.PART],
                new int[columns + 1]);
        Arrays.setAll(parts, i -> i % TransposedLists.PART == 0 ? -1 : FAR + i % TransposedLists.PART);
        int at = 0;
        for (int c = 0; c < columns; c++) {
            firsts[c] = at;
            for (int from = lists[c]; from < lists[c + 1]; from += length) {
                parts[at * TransposedLists.PART] = c;
                parts[at * TransposedLists.PART + 1] = from;
                parts[at++ * TransposedLists.PART + 2] = Math.min(from + length, lists[c + 1]);
            }
        }
        firsts[columns] = at;
    }

    /// Columns of 0, 1, 2, 3, 0 ... parts.
    static ColumnParts drawn(int columns) {
        var lists = new int[columns + 1];
        for (int c = 0; c < columns; c++) {
            lists[c + 1] = lists[c] + c % 4;
        }
        return new ColumnParts(lists, columns, 1);
    }

    IntArray partsAt(int before) {
        return behind(before, parts);
    }

    IntArray firstsAt(int before) {
        return behind(before, firsts);
    }

    private static IntArray behind(int before, int[] values) {
        var array = new IntArray(before + values.length);
        array.init(-1_000_000);
        for (int i = 0; i < values.length; i++) {
            array.set(before + i, values[i]);
        }
        return array;
    }
}
