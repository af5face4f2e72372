package seer.sim;

import java.util.Arrays;

/// The different marks of writes that were met while many elements were read together, each with one of the elements:
/// all of a tile mostly bear the same.
final class ReadMarks {

    private long[] marks = new long[2];
    private int[] indices = new int[2];
    private int count;

    void add(long mark, int index) {
        for (int i = 0; i < count; i++) {
            if (marks[i] == mark) {
                return;
            }
        }
        if (count == marks.length) {
            marks = Arrays.copyOf(marks, 2 * count);
            indices = Arrays.copyOf(indices, 2 * count);
        }
        marks[count] = mark;
        indices[count++] = index;
    }

    int count() {
        return count;
    }

    long mark(int i) {
        return marks[i];
    }

    int index(int i) {
        return indices[i];
    }
}
