package seer.kernels.layer;

import seer.kernels.Tiles;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// A matrix in tiles with its axes exchanged: so that a product, which adds along the rows of its matrix, adds along
/// the columns.
///
/// ## Shapes
/// | buffer | shape               | type | direction | note                                                          |
/// |--------|---------------------|------|-----------|---------------------------------------------------------------|
/// | `x`    | `[N, K]` in [Tiles] | bf16 | in        | zero in rows beyond `N`, up to whole tiles                    |
/// | `y`    | `[K, N]` in [Tiles] | bf16 | out       | whole tiles                                                   |
///
/// | `p[...]`             | meaning                                                                                |
/// |----------------------|----------------------------------------------------------------------------------------|
/// | `P_N`, `P_K`         | `N`; `K`                                                                               |
/// | `P_EVERY`, `P_SHIFT` | rows of tiles are every so-many-th of `x`, from this one on, as [TileMove] puts them   |
/// | `P_X`, `P_Y`         | first ints                                                                             |
/// | `P_FIRST`, `P_ACROSS` | first column of tiles of `y` that is written; tiles of a row of them                  |
///
/// ## Tile
///   item = pair of columns of `y`: it takes one half of each of two ints of `x`, a row apart
/// ## Formula
///   y[k, n] = x[n, k]
/// ## Cost
///   bound by what is read and written; a matrix is turned once for all tokens
/// ## Versions
///   `reference` plain loops · `pairs` one item per int of `y`
public final class TileTurn {
    public static final int P_N = 0;
    public static final int P_K = 1;
    public static final int P_EVERY = 2;
    public static final int P_SHIFT = 3;
    public static final int P_X = 4;
    public static final int P_Y = 5;
    public static final int P_FIRST = 6;
    public static final int P_ACROSS = 7;

    private TileTurn() { }

    /// The oracle.
    public static double[] reference(float[] x, int N, int K) {
        return Transpose.reference(x, N, K, N);
    }

    /// Ints that are written.
    public static int items(int N, int K) {
        return Tiles.along(N) * Tiles.along(K) * Tiles.INTS;
    }

    /// One item for each of [#items].
    public static void pairs(KernelContext context, IntArray x, IntArray y, IntArray p) {
        int item = context.globalIdx;
        int down = (p.get(P_N) + Tiles.EDGE - 1) / Tiles.EDGE;
        int across = (p.get(P_K) + Tiles.EDGE - 1) / Tiles.EDGE;
        if (item < down * across * Tiles.INTS) {
            int pair = item % Tiles.ROW; // of columns of y, which are rows of x
            int row = item / Tiles.ROW % Tiles.EDGE;
            int tile = item / Tiles.INTS;
            int from = p.get(P_X) + ((tile % down * p.get(P_EVERY) + p.get(P_SHIFT)) * across + tile / down)
                    * Tiles.INTS;
            int even = x.get(from + Tiles.at(pair * 2, row / 2));
            int odd = x.get(from + Tiles.at(pair * 2 + 1, row / 2));
            int half = row % 2 * 16;
            int to = p.get(P_Y) + (tile / down * p.get(P_ACROSS) + p.get(P_FIRST) + tile % down) * Tiles.INTS;
            y.set(to + Tiles.at(row, pair), even >> half & 0xFFFF | odd >> half << 16);
        }
    }
}
