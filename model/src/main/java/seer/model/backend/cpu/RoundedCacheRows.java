package seer.model.backend.cpu;

import seer.model.backend.Arena;

/// Rows that take less than floats do, in [RowSegments]: what those of 16 and of 8 bits have in common.
abstract sealed class RoundedCacheRows implements CacheRows permits HalfRows, ByteRows {
    final RowSegments layout;
    final int width;
    private final Arena arena;

    RoundedCacheRows(Arena arena, int groups, int capacity, int width) {
        this.arena = arena;
        this.width = width;
        layout = new RowSegments(groups, capacity);
    }

    /// Rows `from .. from + count` of a head as floats, into `wide` from element `at` on; those that never came are 0.
    abstract void widen(int group, int from, int count, float[] wide, int at);

    /// Lets the memory go.
    abstract void release();

    @Override
    public final int width() {
        return width;
    }

    /// Widening is what reads them, in their order, which the processor foresees.
    @Override
    public final float touch(int group, int from, int count) {
        return 0;
    }

    /// They come in the scratch's array.
    @Override
    public final int start(int group, int from) {
        return 0;
    }

    @Override
    public final CpuTensor tensor() {
        arena.requireOpen("a cache");
        int capacity = layout.capacity();
        var wide = new float[layout.groups() * capacity * width];
        for (int group = 0; group < layout.groups(); group++) {
            widen(group, 0, capacity, wide, group * capacity * width);
        }
        return new CpuTensor(arena, wide, layout.groups(), capacity, width);
    }
}
