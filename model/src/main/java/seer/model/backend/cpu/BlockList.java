package seer.model.backend.cpu;

import java.util.Arrays;

/// A growing list of kept blocks.
final class BlockList {
    private int[] blocks = new int[256];
    private int size;

    void add(int block) {
        if (size == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * size);
        }
        blocks[size++] = block;
    }

    int size() {
        return size;
    }

    void copy(int[] target, int at) {
        System.arraycopy(blocks, 0, target, at, size);
    }
}
