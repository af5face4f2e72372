package seer.model.backend.cpu;

import seer.model.backend.Arena;

/// Rows as 16-bit floats: half the memory, and half to read where reading is the cost. 11 bits of precision are kept;
/// what is beyond 65,504 becomes infinite, and is found where the layers' results are looked at.
final class HalfRows implements CacheRows {
    private final Arena arena;
    private final int groups;
    private final int capacity;
    private final int width;
    private short[] halves; // [G, S, D]; null once the arena is closed

    HalfRows(Arena arena, int groups, int capacity, int width, short[] halves) {
        this.arena = arena;
        this.groups = groups;
        this.capacity = capacity;
        this.width = width;
        this.halves = halves;
    }

    @Override
    public float[] floats(int group, int from, int count, int slot, Scratch scratch) {
        float[] wide = scratch.floats(slot, count * width);
        Halves.widen(halves, place(group, from), wide, 0, count * width);
        return wide;
    }

    /// Widening is what reads them, in their order, which the processor foresees.
    @Override
    public float touch(int group, int from, int count) {
        return 0;
    }

    @Override
    public int start(int group, int from) {
        return 0;
    }

    private int place(int group, int row) {
        return (group * capacity + row) * width;
    }

    @Override
    public void put(CpuTensor x, int rows, int at) {
        for (int group = 0; group < groups; group++) {
            Halves.narrow(x.values(), group * x.extent(1) * width, halves, place(group, at), rows * width);
        }
    }

    @Override
    public CpuTensor tensor() {
        arena.requireOpen("a cache");
        var wide = new float[halves.length];
        Halves.widen(halves, 0, wide, 0, wide.length);
        return new CpuTensor(arena, wide, groups, capacity, width);
    }

    void release() {
        halves = null;
    }
}
