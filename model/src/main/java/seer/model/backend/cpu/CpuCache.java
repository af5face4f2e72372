package seer.model.backend.cpu;

import seer.model.backend.KeyValueCache;
import seer.model.backend.Rotary;

/// Keys and values of one layer as two tensors `[G, S, D]`.
record CpuCache(CpuTensor keys, CpuTensor values) implements KeyValueCache {

    /// Rows of `k`, turned, and of `v`, from position `offset` on.
    void append(CpuThreads threads, CpuTensor k, CpuTensor v, int rows, Rotary rotary, int offset) {
        if (rotary == null) {
            copy(k, rows, keys, offset);
        } else {
            new Rotation(rotary, offset, 1).run(threads, k, 0, rows, keys, offset);
        }
        copy(v, rows, values, offset);
    }

    private static void copy(CpuTensor from, int rows, CpuTensor to, int at) {
        int width = to.extent(2);
        for (int group = 0; group < to.extent(0); group++) {
            System.arraycopy(from.values(), group * from.extent(1) * width, to.values(),
                    (group * to.extent(1) + at) * width, rows * width);
        }
    }
}
