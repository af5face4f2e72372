package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What becomes of a product of tiles while its sums are still in registers: the second half of [MatMulWgmma] and
/// [MatMulMma].
///
/// Each method takes four sums of an item, two rows and two columns, as [seer.warp.Warp] draws them: `d[i] d[i + 1]` of
/// row `r`, `d[i + 2] d[i + 3]` of row `r + 8`.
///
/// | `p[...]`              | meaning                                                                               |
/// |-----------------------|---------------------------------------------------------------------------------------|
/// | `P_ROWS`              | `T`                                                                                   |
/// | `P_X`, `P_W`          | first ints of `x` and `w`                                                             |
/// | `P_Y`                 | first element of `y`; of the queries where heads go apart                             |
/// | `P_BIAS`              | first of `N` biases, negative: none (heads only)                                      |
/// | `P_K`, `P_V`          | first ints of raw keys and of the values' cache (heads only)                          |
/// | `P_TILES`             | tiles of rows that a head of queries and of raw keys has room for (heads only)        |
/// | `P_V_TILES`, `P_FIRST` | the same of the cache; its first tile of rows to be written (heads only)             |
/// | `P_GROUPS`            | groups that were started ([MatMulWgmma] only)                                         |
public final class TileProduct {
    public static final int P_ROWS = 0;
    public static final int P_X = 1;
    public static final int P_W = 2;
    public static final int P_Y = 3;
    public static final int P_BIAS = 4;
    public static final int P_K = 5;
    public static final int P_V = 6;
    public static final int P_TILES = 7;
    public static final int P_V_TILES = 8;
    public static final int P_FIRST = 9;
    public static final int P_GROUPS = 10;
    /// Elements of `p`.
    public static final int P_SIZE = 11;

    private TileProduct() { }

    /// `y[T, N]`, fp32: added to what is there, or put in its place.
    ///
    /// @param row    of `y`
    /// @param column the first of the two
    static void putRows(float[] d, int i, FloatArray y, IntArray p, int row, int column, int N, int add) {
        int at = p.get(P_Y) + row * N + column;
        if (row < p.get(P_ROWS)) {
            y.set(at, add == 1 ? y.get(at) + d[i] : d[i]);
            y.set(at + 1, add == 1 ? y.get(at + 1) + d[i + 1] : d[i + 1]);
        }
        if (row + 8 < p.get(P_ROWS)) {
            y.set(at + 8 * N, add == 1 ? y.get(at + 8 * N) + d[i + 2] : d[i + 2]);
            y.set(at + 8 * N + 1, add == 1 ? y.get(at + 8 * N + 1) + d[i + 3] : d[i + 3]);
        }
    }

    /// Tiles of bf16: two rows of one.
    ///
    /// @param at   first int of the tile
    /// @param row  of the tile
    /// @param pair the two columns' place in the row
    static void putTile(float[] d, int i, IntArray y, int at, int row, int pair) {
        y.set(at + Tiles.at(row, pair), Warp.pack(d[i], d[i + 1]));
        y.set(at + Tiles.at(row + 8, pair), Warp.pack(d[i + 2], d[i + 3]));
    }

    /// Columns of one tile, with their bias, to where their head's queries, keys or values belong.
    ///
    /// @param from       first of `4 * groups` sums
    /// @param chunk      of the tile's row that the first two columns stand in
    /// @param columnTile of the product
    /// @param tile       of rows
    static void putHead(float[] d, int from, int groups, int chunk, FloatArray bias, IntArray q, IntArray k, IntArray v,
                        IntArray p, int columnTile, int tile, int row, int H, int G, int D, int item) {
        int head = columnTile * Tiles.EDGE / D;
        int part = columnTile * Tiles.EDGE % D / Tiles.EDGE * Tiles.INTS;
        int depth = Tiles.ROW * D;
        int pair = chunk * 4 + (item & 3);
        if (p.get(P_BIAS) >= 0 && head < H + 2 * G) {
            for (int c = 0; c < groups; c++) {
                int at = p.get(P_BIAS) + columnTile * Tiles.EDGE + (c * 4 + pair) * 2;
                d[from + c * 4] = d[from + c * 4] + bias.get(at);
                d[from + c * 4 + 1] = d[from + c * 4 + 1] + bias.get(at + 1);
                d[from + c * 4 + 2] = d[from + c * 4 + 2] + bias.get(at);
                d[from + c * 4 + 3] = d[from + c * 4 + 3] + bias.get(at + 1);
            }
        }
        if (head < H) {
            int at = p.get(P_Y) + (head * p.get(P_TILES) + tile) * depth + part;
            for (int c = 0; c < groups; c++) {
                putTile(d, from + c * 4, q, at, row, c * 4 + pair);
            }
        } else if (head < H + G) {
            int at = p.get(P_K) + ((head - H) * p.get(P_TILES) + tile) * depth + part;
            for (int c = 0; c < groups; c++) {
                putTile(d, from + c * 4, k, at, row, c * 4 + pair);
            }
        } else if (head < H + 2 * G) {
            int at = p.get(P_V) + ((head - H - G) * p.get(P_V_TILES) + p.get(P_FIRST) + tile) * depth + part;
            for (int c = 0; c < groups; c++) {
                putTile(d, from + c * 4, v, at, row, c * 4 + pair);
            }
        }
    }

    /// `silu(gate) * up`, in the place of `gate`.
    static void swiglu(float[] d, int gate, int up) {
        for (int i = 0; i < 4; i++) {
            d[gate + i] = d[gate + i] / (1.0f + TornadoMath.exp(-d[gate + i])) * d[up + i];
        }
    }
}
