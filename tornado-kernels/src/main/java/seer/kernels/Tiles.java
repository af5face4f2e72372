package seer.kernels;

/// Matrices of bf16 as tensor cores and the copy engine want them: tiles of 64 rows and 64 columns, 8 KiB each.
///
/// ```text
///   a matrix of R rows and C columns:  [R / 64][C / 64] tiles, each 2,048 ints, one after the other
///   a row of a tile: 64 columns = 32 ints of two bf16 (the even column in the lower half) = 8 chunks of 16 bytes
///
///   chunk 0..7 of row r stands at chunk (c ^ r % 8):       row 0   0 1 2 3 4 5 6 7
///   eight rows below each other then lie in all            row 1   1 0 3 2 5 4 7 6
///   32 banks of local memory, whichever chunk              row 2   2 3 0 1 6 7 4 5
///   of them is read                                        row 3   3 2 1 0 7 6 5 4   ...
/// ```
/// Row 3, columns 34 and 35: int 17 of the row, chunk 4, third int of it; 4 ^ 3 = 7, so it is int `3 * 32 + 7 * 4 + 1`.
///
/// Heads are apart: `q[H, T, D]` is `[H][T / 64][D / 64]` tiles. Rows and columns beyond the matrix are zero, or what
/// was there before: finite in any case.
public final class Tiles {
    /// Rows and columns of a tile.
    public static final int EDGE = 64;
    /// Ints of a row of a tile.
    public static final int ROW = EDGE / 2;
    /// Ints of a tile.
    public static final int INTS = EDGE * ROW;
    /// Bytes of a tile.
    public static final int BYTES = INTS * Integer.BYTES;

    private Tiles() { }

    /// Within a tile, the int that holds columns `2 * pair` and `2 * pair + 1` of `row`.
    public static int at(int row, int pair) {
        return row * ROW + ((pair >> 2 ^ row & 7) << 2) + (pair & 3);
    }

    /// Tiles along an axis of `extent` elements.
    public static int along(int extent) {
        return (extent + EDGE - 1) / EDGE;
    }

    /// Packs `x[rows, columns]`, rounding to bf16, ties to even.
    public static int[] pack(float[] x, int rows, int columns) {
        var tiles = new int[along(rows) * along(columns) * INTS];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                int tile = r / EDGE * along(columns) + c / EDGE;
                tiles[tile * INTS + at(r % EDGE, c % EDGE / 2)] |= (round(x[r * columns + c]) & 0xFFFF) << c % 2 * 16;
            }
        }
        return tiles;
    }

    /// The numbers of a packed matrix, `[rows, columns]`.
    public static float[] unpack(int[] tiles, int rows, int columns) {
        var x = new float[rows * columns];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                int tile = r / EDGE * along(columns) + c / EDGE;
                int pair = tiles[tile * INTS + at(r % EDGE, c % EDGE / 2)];
                x[r * columns + c] = Float.intBitsToFloat(c % 2 == 0 ? pair << 16 : pair & 0xFFFF0000);
            }
        }
        return x;
    }

    /// The nearest bf16, ties to even; NaN stays NaN.
    public static short round(float x) {
        int bits = Float.floatToRawIntBits(x);
        if (Float.isNaN(x)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }
}
