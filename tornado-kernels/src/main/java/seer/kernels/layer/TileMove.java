package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The way into tiles of bf16 and out of them: weights as they come from a file, tensors for those who look inside.
///
/// ## Shapes
/// | buffer | shape                     | type       | direction | note                                            |
/// |--------|---------------------------|------------|-----------|-------------------------------------------------|
/// | `rows` | `[m, C]`                  | f32 or bf16 | in       | rows `P_ROW ...` of a matrix                    |
/// | `y`    | `[R, C]` in [Tiles]       | bf16       | out       | those rows; zero in columns beyond `C`          |
///
/// | `p[...]`             | meaning                                                                                |
/// |----------------------|----------------------------------------------------------------------------------------|
/// | `P_ROWS`, `P_C`      | `m`; `C`                                                                               |
/// | `P_ROW`              | the first row's number                                                                 |
/// | `P_EVERY`, `P_SHIFT` | tiles of rows go to every so-many-th of `y`, from this one on: 1, 0; gate 2, 0, up 2, 1 |
/// | `P_Y`, `P_AT`        | first int of `y`; first element of `rows`                                              |
///
/// ## Tile
///   item = pair of columns
/// ## Formula
///   y = round(rows)
/// ## Cost
///   bound by what is read and written
/// ## Versions
///   reference: [Tiles#pack], [Tiles#unpack] · `packFloats`, `packHalves`, `packRows` · `unpack`
public final class TileMove {
    public static final int P_ROWS = 0;
    public static final int P_C = 1;
    public static final int P_ROW = 2;
    public static final int P_EVERY = 3;
    public static final int P_SHIFT = 4;
    public static final int P_Y = 5;
    public static final int P_AT = 6;
    /// Elements of `p`.
    public static final int P_SIZE = 7;

    private TileMove() { }

    /// Pairs of columns of a row of tiles.
    private static int pairs(int columns) {
        return (columns + Tiles.EDGE - 1) / Tiles.EDGE * Tiles.ROW;
    }

    private static int place(IntArray p, int item) {
        int pairs = pairs(p.get(P_C));
        int row = p.get(P_ROW) + item / pairs;
        int pair = item % pairs;
        int tile = (row / Tiles.EDGE * p.get(P_EVERY) + p.get(P_SHIFT)) * (pairs / Tiles.ROW) + pair / Tiles.ROW;
        return p.get(P_Y) + tile * Tiles.INTS + Tiles.at(row % Tiles.EDGE, pair % Tiles.ROW);
    }

    /// From fp32. One item for each pair of a row of tiles and each row.
    public static void packFloats(KernelContext context, FloatArray rows, IntArray y, IntArray p) {
        int item = context.globalIdx;
        int width = p.get(P_C);
        int pairs = pairs(width);
        if (item < p.get(P_ROWS) * pairs) {
            int at = p.get(P_AT) + item / pairs * width + item % pairs * 2;
            int left = width - item % pairs * 2;
            int packed = 0;
            if (left > 1) {
                packed = Warp.pack(rows.get(at), rows.get(at + 1));
            } else if (left == 1) {
                packed = Warp.pack(rows.get(at), 0.0f);
            }
            y.set(place(p, item), packed);
        }
    }

    /// From fp32, whole tiles: rows behind the last one become zero. One item for each int of them; `P_ROW` and
    /// [#P_EVERY] are not read.
    public static void packRows(KernelContext context, FloatArray rows, IntArray y, IntArray p) {
        int item = context.globalIdx;
        int width = p.get(P_C);
        int pairs = pairs(width);
        if (item < (p.get(P_ROWS) + Tiles.EDGE - 1) / Tiles.EDGE * Tiles.EDGE * pairs) {
            int row = item / pairs;
            int pair = item % pairs;
            int at = p.get(P_AT) + row * width + pair * 2;
            int left = row < p.get(P_ROWS) ? width - pair * 2 : 0;
            int packed = 0;
            if (left > 1) {
                packed = Warp.pack(rows.get(at), rows.get(at + 1));
            } else if (left == 1) {
                packed = Warp.pack(rows.get(at), 0.0f);
            }
            int tile = row / Tiles.EDGE * (pairs / Tiles.ROW) + pair / Tiles.ROW;
            y.set(p.get(P_Y) + tile * Tiles.INTS + Tiles.at(row % Tiles.EDGE, pair % Tiles.ROW), packed);
        }
    }

    /// From bf16, two in an int, `C` even.
    public static void packHalves(KernelContext context, IntArray rows, IntArray y, IntArray p) {
        int item = context.globalIdx;
        int width = p.get(P_C);
        int pairs = pairs(width);
        if (item < p.get(P_ROWS) * pairs) {
            int packed = 0;
            if (item % pairs * 2 < width) {
                packed = rows.get(p.get(P_AT) + item / pairs * (width / 2) + item % pairs);
            }
            y.set(place(p, item), packed);
        }
    }

    /// Rows of tiles as fp32, row after row. One item for each pair of columns.
    ///
    /// @param x in tiles; its rows `P_ROW ...`
    public static void unpack(KernelContext context, IntArray x, FloatArray rows, IntArray p) {
        int item = context.globalIdx;
        int width = p.get(P_C);
        int pairs = pairs(width);
        if (item < p.get(P_ROWS) * pairs) {
            int at = p.get(P_AT) + item / pairs * width + item % pairs * 2;
            int left = width - item % pairs * 2;
            int packed = x.get(place(p, item));
            if (left > 0) {
                rows.set(at, Warp.low(packed));
            }
            if (left > 1) {
                rows.set(at + 1, Warp.high(packed));
            }
        }
    }
}
