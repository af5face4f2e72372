package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Rows of a table in tiles of bf16, one for each token, into the residual stream.
///
/// ## Shapes
/// | buffer   | shape               | type | direction | note                          |
/// |----------|---------------------|------|-----------|-------------------------------|
/// | `table`  | `[V, C]` in [Tiles] | bf16 | in        | the output head too, if tied  |
/// | `tokens` | `[T]`               | i32  | in        |                               |
/// | `x`      | `[T, C]`            | f32  | out       |                               |
///
/// | `p[...]`                 | meaning                       |
/// |--------------------------|-------------------------------|
/// | `P_ROWS`, `P_C`          | `T`; `C`, even                |
/// | `P_TABLE`, `P_X`         | first elements                |
///
/// ## Tile
///   item = pair of columns
/// ## Formula
///   x[t] = table[tokens[t]]
/// ## Cost
///   reads 2 bytes and writes 4 an element
/// ## Versions
///   reference: [Embedding#reference] · `pairs`
public final class TileEmbedding {
    public static final int P_ROWS = 0;
    public static final int P_C = 1;
    public static final int P_TABLE = 2;
    public static final int P_X = 3;
    /// Elements of `p`.
    public static final int P_SIZE = 4;

    private TileEmbedding() { }

    /// One item for each of `T * C / 2` pairs.
    public static void pairs(KernelContext context, IntArray table, IntArray tokens, FloatArray x, IntArray p) {
        int item = context.globalIdx;
        int width = p.get(P_C);
        if (item < p.get(P_ROWS) * (width / 2)) {
            int t = item / (width / 2);
            int pair = item % (width / 2);
            int row = tokens.get(t);
            int across = (width + Tiles.EDGE - 1) / Tiles.EDGE;
            int packed = table.get(p.get(P_TABLE) + (row / Tiles.EDGE * across + pair / Tiles.ROW) * Tiles.INTS
                    + Tiles.at(row % Tiles.EDGE, pair % Tiles.ROW));
            x.set(p.get(P_X) + t * width + pair * 2, Warp.low(packed));
            x.set(p.get(P_X) + t * width + pair * 2 + 1, Warp.high(packed));
        }
    }
}
