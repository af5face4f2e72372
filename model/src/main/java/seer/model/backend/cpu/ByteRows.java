package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.PANEL;

import java.util.Arrays;
import seer.model.backend.Arena;

/// Rows as whole numbers of 8 bits, 32 of them with a scale, as [Bytes] rounds them: a little more than a quarter of
/// the memory of floats, and each number within half a step of what it was.
///
/// They stand in [RowSegments]. A row of zeros is one of numbers and scales that are 0, so one that never came needs no
/// other care than a segment that is not there.
final class ByteRows extends RoundedCacheRows {
    private final int blocks;
    private byte[][] numbers; // of [G, rows of a segment, D], null where no row has come; null once the arena is closed
    private short[][] scales; // of [G, rows of a segment, blocks of D]

    ByteRows(Arena arena, int groups, int capacity, int width) {
        super(arena, groups, capacity, width);
        blocks = Bytes.blocks(width);
        numbers = new byte[layout.count()][];
        scales = new short[layout.count()][];
    }

    /// Of so many rows, once all have come.
    static long bytes(long rows, int width) {
        return Math.multiplyExact(rows, (long) width + Short.BYTES * Bytes.blocks(width));
    }

    @Override
    public float[] floats(int group, int from, int count, int slot, Scratch scratch) {
        float[] wide = scratch.floats(slot, count * width);
        widen(group, from, count, wide, 0);
        return wide;
    }

    @Override
    void widen(int group, int from, int count, float[] wide, int at) {
        for (int row = from, next; row < from + count; row = next) {
            next = Math.min(from + count, layout.end(row));
            int to = at + (row - from) * width;
            int segment = RowSegments.of(row);
            if (numbers[segment] == null) {
                Arrays.fill(wide, to, to + (next - row) * width, 0);
            } else {
                Bytes.widen(numbers[segment], scales[segment], layout.place(group, row), next - row, width, wide, to);
            }
        }
    }

    @Override
    public float[] columns(int group, int from, int count, int slot, Scratch scratch) {
        byte[] turned = scratch.bytes(Scratch.BYTES, width * PANEL + Bytes.BEYOND);
        float[] scale = scratch.floats(Scratch.COLUMN_SCALES, blocks * PANEL);
        for (int row = from, next; row < from + count; row = next) {
            next = Math.min(from + count, layout.end(row));
            int segment = RowSegments.of(row);
            if (numbers[segment] == null) {
                for (int b = 0; b < blocks; b++) {
                    Arrays.fill(scale, b * PANEL + row - from, b * PANEL + next - from, 0);
                }
            } else {
                int first = layout.place(group, row);
                Transpose.toPanel(numbers[segment], first * width, next - row, width, turned, row - from);
                turn(scales[segment], first * blocks, next - row, scale, row - from);
            }
        }
        float[] columns = scratch.floats(slot, width * PANEL);
        Bytes.widenColumns(turned, scale, width, count, columns);
        return columns;
    }

    private void turn(short[] stored, int at, int count, float[] columns, int first) {
        for (int b = 0; b < blocks; b++) {
            for (int t = 0; t < count; t++) {
                columns[b * PANEL + first + t] = Bytes.scale(stored[at + t * blocks + b]);
            }
        }
    }

    @Override
    public void put(CpuTensor x, int rows, int at) {
        for (int row = at, next; row < at + rows; row = next) {
            next = Math.min(at + rows, layout.end(row));
            int segment = RowSegments.of(row);
            if (numbers[segment] == null) {
                numbers[segment] = new byte[layout.rows(row) * width + Bytes.BEYOND];
                scales[segment] = new short[layout.rows(row) * blocks];
            }
            for (int group = 0; group < layout.groups(); group++) {
                Bytes.narrow(x.values(), (group * x.extent(1) + row - at) * width, next - row, width,
                        numbers[segment], scales[segment], layout.place(group, row));
            }
        }
    }

    @Override
    void release() {
        numbers = null;
        scales = null;
    }
}
