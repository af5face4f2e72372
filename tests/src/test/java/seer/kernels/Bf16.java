package seer.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Matrices of bf16 in buffers, surrounded by NaN.
public final class Bf16 {

    public static final int NAN = 0x7FC07FC0;
    /// The distance of neighbouring bf16, relative.
    private static final double STEP = 1.0 / 128;

    private Bf16() { }

    /// `x`, each number rounded in place.
    public static float[] round(float[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] = Float.intBitsToFloat(Tiles.round(x[i]) << 16);
        }
        return x;
    }

    /// Matrices of `[rows, columns]` one after the other, each in `tiles` rows of tiles whose unused rows are `beyond`.
    public static IntArray tiles(float[] x, int count, int rows, int columns, int tiles, float beyond, int before) {
        int wide = Tiles.along(columns) * Tiles.EDGE;
        int size = tiles * Tiles.EDGE * wide / 2;
        IntArray array = empty(count * size, before);
        for (int m = 0; m < count; m++) {
            var values = new float[tiles * Tiles.EDGE * columns];
            Arrays.fill(values, beyond);
            System.arraycopy(x, m * rows * columns, values, 0, rows * columns);
            int[] packed = Tiles.pack(values, tiles * Tiles.EDGE, columns);
            for (int i = 0; i < size; i++) {
                array.set(before + m * size + i, packed[i]);
            }
        }
        return array;
    }

    public static IntArray empty(int ints, int before) {
        var array = new IntArray(before + ints + 4);
        array.init(NAN);
        return array;
    }

    /// Requires rows `first ... first + rows` of one matrix in tiles to be those of `wanted`, rounded.
    ///
    /// @param at     first int of the matrix
    /// @param tiles  rows of tiles that it has
    /// @param wanted from element `from` on, row after row, each `width` after the one before
    /// @param error  of the numbers that were rounded
    public static void assertRounded(String what, double[] wanted, int from, int width, IntArray got, int at, int tiles,
                              int first, int rows, int columns, double error) {
        int size = tiles * Tiles.along(columns) * Tiles.INTS;
        float[] values = Tiles.unpack(Arrays.copyOfRange(got.toHeapArray(), at, at + size), tiles * Tiles.EDGE,
                columns);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                double want = wanted[from + r * width + c];
                float value = values[(first + r) * columns + c];
                if (!(Math.abs(value - want) <= STEP / 2 * Math.abs(want) * 1.01 + error)) {
                    fail(what + " [" + r + ", " + c + "] is " + value + ", not " + want);
                }
            }
        }
    }

    /// Requires the padding in front of and behind `ints` ints to be as [#empty] left it.
    public static void assertUntouched(String what, IntArray array, int before, int ints) {
        for (int i = 0; i < before; i++) {
            assertEquals(NAN, array.get(i), what + " [" + i + "]");
        }
        for (int i = before + ints; i < array.getSize(); i++) {
            assertEquals(NAN, array.get(i), what + " [" + i + "]");
        }
    }
}
