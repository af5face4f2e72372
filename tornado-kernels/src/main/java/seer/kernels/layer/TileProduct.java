package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Quad;
import seer.warp.Warp;
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
    /// Elements of `p`.
    public static final int P_SIZE = 10;

    private static final float LOG2_E = 1.44269504f;

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

    /// The same of 256 columns, 128 sums of each lane: sixteen bytes at once, where they lie on such places.
    ///
    /// @param row    of the lane's first sums
    /// @param column first of the 256
    static void putWide(float[] d, FloatArray y, IntArray p, int row, int column, int N, int add, int item) {
        if (((p.get(P_Y) | N) & 3) == 0) {
            for (int c = 0; c < 16; c++) {
                putQuads(d, c * 8, y, p, row, column + c * 16, N, add, item);
            }
        } else {
            for (int c = 0; c < 32; c++) {
                int two = column + c * 8 + (item & 3) * 2;
                if (two < N) {
                    putRows(d, c * 4, y, p, row, two, N, add);
                }
            }
        }
    }

    /// The same of 16 columns, eight sums of each lane: neighbours exchange half of theirs, so that each has four
    /// columns side by side.
    ///
    /// ```text
    ///             columns 0 ... 7                8 ... 15
    ///   lane t    2t, 2t + 1                     8 + 2t, 9 + 2t
    ///   even      keeps, and gets 2t + 2, 2t + 3     gives
    ///   odd       gives                          keeps, and gets 6 + 2t, 7 + 2t
    /// ```
    /// All lanes of a warp call it. `N` and the first element of `y` are multiples of 4.
    ///
    /// @param column first of the 16
    static void putQuads(float[] d, int i, FloatArray y, IntArray p, int row, int column, int N, int add, int item) {
        boolean odd = (item & 1) == 1;
        int first = column + (item & 1) * 8 + (item & 2) * 2;
        for (int r = 0; r < 2; r++) {
            int even = i + 2 * r;
            float left = Warp.exchange(odd ? d[even] : d[even + 4], 1);
            float right = Warp.exchange(odd ? d[even + 1] : d[even + 5], 1);
            float a = odd ? left : d[even];
            float b = odd ? right : d[even + 1];
            float c = odd ? d[even + 4] : left;
            float e = odd ? d[even + 5] : right;
            if (row + 8 * r < p.get(P_ROWS) && first < N) {
                int at = p.get(P_Y) + (row + 8 * r) * N + first;
                if (add == 1) {
                    Quad.add(y, at, a, b, c, e);
                } else {
                    Quad.put(y, at, a, b, c, e);
                }
            }
        }
    }

    /// Packs sums of a tile's rows for [#putTurned]. All lanes of a warp call it.
    ///
    /// @param from   first of `4 * groups` sums; 4 or 8 groups, a constant
    /// @param e      `2 * groups` ints
    private static void turn(float[] d, int from, int groups, int[] e, int item) {
        for (int c = 0; c < groups / 4; c++) {
            turnHalf(d, from + c * 16, e, c * 8, item);
        }
    }

    /// Packs sums into bf16: two rows, four chunks of 8 columns, 16 sums of each lane. Lanes exchange twice, so that
    /// each has one chunk of the four, `item % 4`, of either row.
    ///
    /// @param e eight ints from `ei` on
    private static void turnHalf(float[] d, int i, int[] e, int ei, int item) {
        boolean odd = (item & 1) == 1;
        boolean upper = (item & 2) == 2;
        for (int r = 0; r < 2; r++) {
            int k = i + 2 * r;
            int a = Warp.pack(d[k], d[k + 1]);
            int b = Warp.pack(d[k + 4], d[k + 5]);
            int c = Warp.pack(d[k + 8], d[k + 9]);
            int f = Warp.pack(d[k + 12], d[k + 13]);
            int first = Warp.exchangeInt(odd ? a : b, 1);
            int second = Warp.exchangeInt(odd ? c : f, 1);
            int a0 = odd ? first : a; // half of chunk 0, of an odd lane 1
            int a1 = odd ? b : first;
            int c0 = odd ? second : c; // half of chunk 2 or 3
            int c1 = odd ? f : second;
            int left = Warp.exchangeInt(upper ? a0 : c0, 2);
            int right = Warp.exchangeInt(upper ? a1 : c1, 2);
            e[ei + 4 * r] = upper ? left : a0;
            e[ei + 4 * r + 1] = upper ? right : a1;
            e[ei + 4 * r + 2] = upper ? c0 : left;
            e[ei + 4 * r + 3] = upper ? c1 : right;
        }
    }

    /// What [#turn] made of some chunks, to their tile.
    ///
    /// @param groups of four chunks: 1 or 2, a constant
    /// @param at     first int of the tile
    /// @param row    of the tile
    /// @param chunk  of the row, the first
    private static void putTurned(int[] e, int groups, IntArray y, int at, int row, int chunk, int item) {
        for (int c = 0; c < groups; c++) {
            for (int r = 0; r < 2; r++) {
                int i = c * 8 + 4 * r;
                Quad.putInts(y, at + Tiles.at(row + 8 * r, (chunk + 4 * c + (item & 3)) * 4), e[i], e[i + 1], e[i + 2],
                        e[i + 3]);
            }
        }
    }

    /// A row of eight chunks of a tile of bf16, and the row eight below.
    ///
    /// @param at first int of the tile
    static void putTile(float[] d, int i, IntArray y, int at, int row, int item) {
        int[] e = new int[16];
        turn(d, i, 8, e, item);
        putTurned(e, 2, y, at, row, 0, item);
    }

    /// The same of four chunks.
    ///
    /// @param chunk the first of the four
    static void putHalf(float[] d, int i, IntArray y, int at, int row, int chunk, int item) {
        int[] e = new int[8];
        turn(d, i, 4, e, item);
        putTurned(e, 1, y, at, row, chunk, item);
    }

    /// Adds the bias, if there is one, to columns of one tile.
    ///
    /// @param from       first of `4 * groups` sums; 4 or 8 groups, a constant
    /// @param chunk      of the tile's row that the first two columns stand in
    /// @param columnTile of the product
    static void addBias(float[] d, int from, int groups, int chunk, FloatArray bias, IntArray p, int columnTile, int N,
                        int item) {
        if (p.get(P_BIAS) >= 0 && columnTile * Tiles.EDGE < N) {
            for (int c = 0; c < groups; c++) {
                int at = p.get(P_BIAS) + columnTile * Tiles.EDGE + ((chunk + c) * 4 + (item & 3)) * 2;
                d[from + c * 4] = d[from + c * 4] + bias.get(at);
                d[from + c * 4 + 1] = d[from + c * 4 + 1] + bias.get(at + 1);
                d[from + c * 4 + 2] = d[from + c * 4 + 2] + bias.get(at);
                d[from + c * 4 + 3] = d[from + c * 4 + 3] + bias.get(at + 1);
            }
        }
    }

    /// Columns of one tile to where their head's queries, keys or values belong. All lanes of a warp call it.
    ///
    /// @param from       first of `4 * groups` sums; 4 or 8 groups, a constant
    /// @param chunk      of the tile's row that the first two columns stand in
    /// @param columnTile of the product
    /// @param tile       of rows
    static void putHead(float[] d, int from, int groups, int chunk, IntArray q, IntArray k, IntArray v, IntArray p,
                        int columnTile, int tile, int row, int H, int G, int D, int item) {
        int head = columnTile * Tiles.EDGE / D;
        int part = columnTile * Tiles.EDGE % D / Tiles.EDGE * Tiles.INTS;
        int depth = Tiles.ROW * D;
        int[] e = new int[16];
        turn(d, from, groups, e, item);
        if (head < H) {
            int at = p.get(P_Y) + (head * p.get(P_TILES) + tile) * depth + part;
            putTurned(e, groups / 4, q, at, row, chunk, item);
        } else if (head < H + G) {
            int at = p.get(P_K) + ((head - H) * p.get(P_TILES) + tile) * depth + part;
            putTurned(e, groups / 4, k, at, row, chunk, item);
        } else if (head < H + 2 * G) {
            int at = p.get(P_V) + ((head - H - G) * p.get(P_V_TILES) + p.get(P_FIRST) + tile) * depth + part;
            putTurned(e, groups / 4, v, at, row, chunk, item);
        }
    }

    /// `silu(gate) * up`, in the place of `gate`.
    static void swiglu(float[] d, int gate, int up) {
        for (int i = 0; i < 4; i++) {
            d[gate + i] = d[gate + i] * Warp.reciprocal(1.0f + Warp.exp2(d[gate + i] * -LOG2_E)) * d[up + i];
        }
    }
}
