package seer.model.backend.cpu;

import seer.model.backend.Arena;
import seer.model.backend.ElementType;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Rotary;

/// Keys and values of one layer.
///
/// @param arena that they live in
/// @param type  that both are stored in
record CpuCache(Arena arena, ElementType type, int groups, int capacity, int width, CacheRows keyRows,
                CacheRows valueRows) implements KeyValueCache {

    @Override
    public CpuTensor keys() {
        return keyRows.tensor();
    }

    @Override
    public CpuTensor values() {
        return valueRows.tensor();
    }

    /// Rows of `k`, turned, and of `v`, from position `offset` on.
    void append(CpuThreads threads, CpuTensor k, CpuTensor v, int rows, Rotary rotary, int offset) {
        if (rotary == null) {
            keyRows.put(k, rows, offset);
        } else if (keyRows instanceof FloatRows(CpuTensor tensor)) {
            new Rotation(rotary, offset, 1).run(threads, k, 0, rows, tensor, offset);
        } else {
            float[] turned = threads.own().floats(Scratch.TURNED, groups * rows * width);
            var between = new CpuTensor(arena, turned, groups, rows, width);
            new Rotation(rotary, offset, 1).run(threads, k, 0, rows, between, 0);
            keyRows.put(between, rows, offset);
        }
        valueRows.put(v, rows, offset);
    }
}
