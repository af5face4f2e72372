package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import java.util.Arrays;
import seer.model.backend.Arena;

/// Rows as 16-bit floats: half the memory, and half to read where reading is the cost. 11 bits of precision are kept;
/// what is beyond 65,504 becomes infinite, and is found where the layers' results are looked at.
///
/// They stand in segments, which take memory when the first of their rows comes: a session that may hold 8,192 tokens
/// and holds 500 takes a sixteenth of what it may take.
final class HalfRows implements CacheRows {
    /// Rows of a segment.
    static final int SEGMENT = 512;

    private final Arena arena;
    private final int groups;
    private final int capacity;
    private final int width;
    private short[][] segments; // of [G, rows of it, D], null where no row has come; null once the arena is closed

    HalfRows(Arena arena, int groups, int capacity, int width) {
        this.arena = arena;
        this.groups = groups;
        this.capacity = capacity;
        this.width = width;
        segments = new short[Math.ceilDiv(capacity, SEGMENT)][];
    }

    @Override
    public float[] floats(int group, int from, int count, int slot, Scratch scratch) {
        float[] wide = scratch.floats(slot, count * width);
        short[] segment = segments[from / SEGMENT];
        if (segment != null && from + count <= end(from)) {
            Halves.widen(segment, place(group, from), wide, 0, count * width);
        } else {
            widen(group, from, count, wide, 0);
        }
        return wide;
    }

    /// Rows of some segments. Those of one, which come again and again, have no loop around theirs: with it the
    /// compiler makes slower code of both.
    private void widen(int group, int from, int count, float[] wide, int at) {
        for (int row = from, next; row < from + count; row = next) {
            next = Math.min(from + count, end(row));
            int to = at + (row - from) * width;
            short[] segment = segments[row / SEGMENT];
            if (segment == null) {
                Arrays.fill(wide, to, to + (next - row) * width, 0);
            } else {
                Halves.widen(segment, place(group, row), wide, to, (next - row) * width);
            }
        }
    }

    @Override
    public float[] columns(int group, int from, int count, int slot, Scratch scratch) {
        short[] turned = scratch.shorts(Scratch.HALVES, width * PANEL);
        for (int row = from, next; row < from + count; row = next) {
            next = Math.min(from + count, end(row));
            short[] segment = segments[row / SEGMENT];
            if (segment == null) {
                Transpose.clear(turned, row - from, next - row, width);
            } else {
                Transpose.toPanel(segment, place(group, row), next - row, width, turned, row - from);
            }
        }
        float[] columns = scratch.floats(slot, width * PANEL);
        Halves.widen(turned, 0, columns, 0, width * PANEL);
        return columns;
    }

    @Override
    public int width() {
        return width;
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

    /// The row behind the last of the segment that a row stands in.
    private int end(int row) {
        return Math.min(capacity, (row / SEGMENT + 1) * SEGMENT);
    }

    /// Within its segment.
    private int place(int group, int row) {
        int first = row / SEGMENT * SEGMENT;
        return (group * (end(row) - first) + row - first) * width;
    }

    @Override
    public void put(CpuTensor x, int rows, int at) {
        for (int row = at, next; row < at + rows; row = next) {
            next = Math.min(at + rows, end(row));
            int s = row / SEGMENT;
            if (segments[s] == null) {
                segments[s] = new short[groups * (end(row) - s * SEGMENT) * width];
            }
            for (int group = 0; group < groups; group++) {
                Halves.narrow(x.values(), (group * x.extent(1) + row - at) * width, segments[s], place(group, row),
                        (next - row) * width);
            }
        }
    }

    @Override
    public CpuTensor tensor() {
        arena.requireOpen("a cache");
        var wide = new float[groups * capacity * width];
        for (int group = 0; group < groups; group++) {
            widen(group, 0, capacity, wide, group * capacity * width);
        }
        return new CpuTensor(arena, wide, groups, capacity, width);
    }

    void release() {
        segments = null;
    }
}
