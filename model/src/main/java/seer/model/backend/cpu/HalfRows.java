package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import java.util.Arrays;
import seer.model.backend.Arena;

/// Rows as 16-bit floats: half the memory, and half to read where reading is the cost. 11 bits of precision are kept;
/// what is beyond 65,504 becomes infinite, and is found where the layers' results are looked at.
///
/// They stand in [RowSegments].
final class HalfRows extends RoundedCacheRows {
    private short[][] segments; // of [G, rows of it, D], null where no row has come; null once the arena is closed

    HalfRows(Arena arena, int groups, int capacity, int width) {
        super(arena, groups, capacity, width);
        segments = new short[layout.count()][];
    }

    @Override
    public float[] floats(int group, int from, int count, int slot, Scratch scratch) {
        float[] wide = scratch.floats(slot, count * width);
        short[] segment = segments[RowSegments.of(from)];
        if (segment != null && from + count <= layout.end(from)) {
            Halves.widen(segment, layout.place(group, from) * width, wide, 0, count * width);
        } else {
            widen(group, from, count, wide, 0);
        }
        return wide;
    }

    /// Rows of some segments. Those of one, which come again and again, have no loop around theirs: with it the
    /// compiler makes slower code of both.
    @Override
    void widen(int group, int from, int count, float[] wide, int at) {
        for (int row = from, next; row < from + count; row = next) {
            next = Math.min(from + count, layout.end(row));
            int to = at + (row - from) * width;
            short[] segment = segments[RowSegments.of(row)];
            if (segment == null) {
                Arrays.fill(wide, to, to + (next - row) * width, 0);
            } else {
                Halves.widen(segment, layout.place(group, row) * width, wide, to, (next - row) * width);
            }
        }
    }

    @Override
    public float[] columns(int group, int from, int count, int slot, Scratch scratch) {
        short[] turned = scratch.shorts(Scratch.HALVES, width * PANEL);
        for (int row = from, next; row < from + count; row = next) {
            next = Math.min(from + count, layout.end(row));
            short[] segment = segments[RowSegments.of(row)];
            if (segment == null) {
                Transpose.clear(turned, row - from, next - row, width);
            } else {
                Transpose.toPanel(segment, layout.place(group, row) * width, next - row, width, turned, row - from);
            }
        }
        float[] columns = scratch.floats(slot, width * PANEL);
        Halves.widen(turned, 0, columns, 0, width * PANEL);
        return columns;
    }

    @Override
    public void put(CpuTensor x, int rows, int at) {
        for (int row = at, next; row < at + rows; row = next) {
            next = Math.min(at + rows, layout.end(row));
            int s = RowSegments.of(row);
            if (segments[s] == null) {
                segments[s] = new short[layout.rows(row) * width];
            }
            for (int group = 0; group < layout.groups(); group++) {
                Halves.narrow(x.values(), (group * x.extent(1) + row - at) * width, segments[s],
                        layout.place(group, row) * width, (next - row) * width);
            }
        }
    }

    @Override
    void release() {
        segments = null;
    }
}
