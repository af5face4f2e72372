package seer.model.backend.tornado.device;

import seer.kernels.Tiles;
import seer.model.backend.ElementType;
import seer.model.backend.Matrix;

/// A weight matrix `w[outputs, inputs]` of bf16 in [seer.kernels.Tiles].
///
/// @param start  its first int
/// @param paired whether tiles of rows of two matrices alternate, as a feed-forward block wants its gate and its up
public record TileMatrix(DeviceArena arena, Place start, int outputs, int inputs, boolean paired) implements Matrix {

    /// Ints of so many rows, with room for a multiple of 128: kernels copy two tiles of rows at a time.
    public static long ints(int outputs, int inputs) {
        return Math.ceilDiv(outputs, 2 * Tiles.EDGE) * 2L * Tiles.along(inputs) * Tiles.INTS;
    }

    @Override
    public ElementType type() {
        return ElementType.BF16;
    }
}
