package seer.model.backend.tornado.device;

import seer.kernels.Tiles;
import seer.model.backend.Arena;
import seer.model.backend.ElementType;
import seer.model.backend.Tensor;

/// A tensor of bf16 in [Tiles]: what goes from operation to operation where tensor cores compute. Heads, if it has
/// any, are apart, and each has room for a multiple of 128 rows, so that no group of a kernel reads beyond it.
public final class TileTensor implements Tensor {
    /// Rows of a group of a kernel.
    private static final int ROWS = 128;

    private final DeviceArena arena;
    private final Place start;
    private final int[] shape;

    /// @param shape `[H, T, D]`, or `[T, C]`
    TileTensor(DeviceArena arena, Place start, int... shape) {
        this.arena = arena;
        this.start = start;
        this.shape = shape.clone();
    }

    /// Tiles of rows of one head.
    static int rowTiles(int rows) {
        return Math.ceilDiv(rows, ROWS) * (ROWS / Tiles.EDGE);
    }

    /// Ints of a tensor of this shape.
    static long ints(int... shape) {
        int[] last = {shape[shape.length - 2], shape[shape.length - 1]};
        long head = (long) rowTiles(last[0]) * Tiles.along(last[1]) * Tiles.INTS;
        return shape.length == 2 ? head : Math.multiplyExact(head, (long) shape[0]);
    }

    @Override
    public Arena arena() {
        return arena;
    }

    @Override
    public int[] shape() {
        return shape;
    }

    @Override
    public ElementType type() {
        return ElementType.BF16;
    }

    /// Its first int.
    public Place start() {
        return start;
    }

    public int heads() {
        return shape.length == 2 ? 1 : shape[0];
    }

    public int rows() {
        return shape[shape.length - 2];
    }

    public int width() {
        return shape[shape.length - 1];
    }

    /// Tiles of rows that a head has room for.
    public int rowTiles() {
        return rowTiles(rows());
    }

    /// Ints from one head to the next.
    public int stride() {
        return rowTiles() * Tiles.along(width()) * Tiles.INTS;
    }

    @Override
    public float[] download() {
        arena.requireOpen("a tensor");
        return arena.device().tiles().read(this);
    }
}
