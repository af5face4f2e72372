package seer.model.text;

import java.util.Arrays;
import java.util.function.IntConsumer;

/// Ids in the making.
final class IntList implements IntConsumer {
    private int[] values = new int[16];
    private int size;

    @Override
    public void accept(int value) {
        reserve(1);
        values[size++] = value;
    }

    void addAll(int[] more) {
        reserve(more.length);
        System.arraycopy(more, 0, values, size, more.length);
        size += more.length;
    }

    private void reserve(int more) {
        if (size + more > values.length) {
            values = Arrays.copyOf(values, Math.max(2 * values.length, size + more));
        }
    }

    int[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
