package seer.sim;

import java.util.ArrayList;
import java.util.List;

import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// One item's share in the matrix fragments of its warp, 32 neighbours in x.
///
/// ```text
///   A 16x16: row r at byte 32 r         D 16x8: lane l holds rows l/4 and l/4 + 8,
///   B 16x8:  row k at byte 16 k                 columns 2 (l%4) and 2 (l%4) + 1
/// ```
/// An operand is decoded by the first lane that loads it, as a [Tile] for all; the others must ask
/// for the same one, in the same order. Of the addresses, lane l supplies row l % 16 (of A's left
/// half for l < 16, the right one else), and that is what counts as its read.
public final class Warp {

    private final WorkItem item;
    private int loads;

    Warp(WorkItem item) {
        this.item = item;
    }

    void beginPhase() {
        loads = 0;
    }

    int loads() {
        return loads;
    }

    private int lane() {
        return item.local(0) & 31;
    }

    public float[] fragment(float v) {
        return new float[] {v, v, v, v, Float.intBitsToFloat(Probe.FRAGMENT)};
    }

    public HalfFloat[] loadA(int[] tile, int byteOffset) {
        int lane = lane();
        touch(tile, byteOffset + lane % 16 * 32 + lane / 16 * 16);
        return new HalfFloat[] {shared(tile, byteOffset, 16, 16)};
    }

    public HalfFloat[] loadB(int[] tile, int byteOffset) {
        int lane = lane();
        if (lane < 16) {
            touch(tile, byteOffset + lane * 16);
        }
        return new HalfFloat[] {shared(tile, byteOffset, 16, 8)};
    }

    private void touch(int[] tile, int byteAddress) {
        if (byteAddress % 16 != 0) {
            throw fault(Fault.OUT_OF_RANGE, "a row of a fragment begins at byte " + byteAddress
                    + ", which is not a multiple of 16");
        }
        for (int i = 0; i < 4; i++) {
            item.group.locals.read(tile, byteAddress / 4 + i);
        }
    }

    private Tile shared(int[] source, int byteOffset, int rows, int columns) {
        List<Tile> tiles = item.group.tiles(item.local(0) / 32);
        if (loads == tiles.size()) {
            tiles.add(new Tile(source, byteOffset, rows, columns));
        }
        Tile tile = tiles.get(loads++);
        if (tile.source != source || tile.byteOffset != byteOffset
                || tile.values(true).length != rows * columns) {
            throw fault(Fault.DIVERGENT_WARP, "this lane loads another fragment than its warp");
        }
        return tile;
    }

    public float[] multiply(HalfFloat[] a, HalfFloat[] b, float[] c, MMAShape shape, boolean bf) {
        if (shape != MMAShape.M16N8K16) {
            throw fault(Fault.UNSUPPORTED, "16-bit operands need the shape M16N8K16, not " + shape);
        }
        float[] left = ((Tile) a[0]).values(bf);
        float[] right = ((Tile) b[0]).values(bf);
        if (left.length != 256 || right.length != 128) {
            throw fault(Fault.UNSUPPORTED, "the operands are not an A and a B fragment");
        }
        float[] d = c.clone();
        int row = lane() / 4 * 16;
        int column = lane() % 4 * 2;
        for (int k = 0; k < 16; k++) {
            float x = left[row + k];
            float y = left[row + 128 + k];
            float p = right[k * 8 + column];
            float q = right[k * 8 + column + 1];
            d[0] += x * p;
            d[1] += x * q;
            d[2] += y * p;
            d[3] += y * q;
        }
        return d;
    }

    public void store(float[] d, FloatArray c, int tileRow, int tileColumn, int columns) {
        int at = (tileRow + lane() / 4) * columns + tileColumn + lane() % 4 * 2;
        c.set(at, d[0]);
        c.set(at + 1, d[1]);
        c.set(at + 8 * columns, d[2]);
        c.set(at + 8 * columns + 1, d[3]);
    }

    private KernelFault fault(Fault fault, String reason) {
        return new KernelFault(fault, item.group.place(item.linear, null, -1), reason);
    }

    /// The tiles that each warp of a group loaded since the last barrier.
    static List<List<Tile>> perWarp(int items) {
        List<List<Tile>> tiles = new ArrayList<>();
        for (int i = 0; i < items; i += 32) {
            tiles.add(new ArrayList<>());
        }
        return tiles;
    }
}
