package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Weights that learn, in fp32, become those that a model computes with, all of them in one launch: matrices in
/// [Tiles], as they are and with their axes exchanged (see [TileTurn]), and vectors.
///
/// ## Shapes
/// | buffer   | shape           | type | direction | note                                                            |
/// |----------|-----------------|------|-----------|-----------------------------------------------------------------|
/// | `values` | `[any]`         | f32  | in        |                                                                 |
/// | `tiles`  | tiles           | bf16 | out       | rows and columns behind a matrix are zero                       |
/// | `turned` | tiles           | bf16 | out       |                                                                 |
/// | `table`  | `[n, 6]`        | i32  | in        | a tile's first value, values from row to row, rows and columns,  |
/// |          |                 |      |           | its first int in `tiles` and in `turned`                        |
/// |          | `[n, 3]`        |      |           | of `vectors`: count, first value, first element of `to`         |
/// | `to`     | `[any]`         | f32  | out       |                                                                 |
///
/// | `p[...]`             | meaning                                    |
/// |----------------------|--------------------------------------------|
/// | `P_TABLE`            | first element of `table`                   |
/// | `P_VALUES`, `P_TILES`, `P_TURNED` | added to a row's                |
///
/// ## Tile
/// ```text
///   group = tile of a matrix, 128 items; its 64 x 64 values pass through local memory, 65 apart:
///       read along rows      a row's neighbours are neighbours in memory
///       left along rows      -> tiles
///       left along columns   -> turned: 65 is odd, so a column's numbers lie in different banks
/// ```
///   `vectors`: group = vector
/// ## Formula
///   tiles[r, c] = round(values[r, c]);  turned[c, r] = tiles[r, c]
/// ## Cost
///   reads every number once and writes two halves: memory-bound
/// ## Versions
///   references: [Tiles#pack], [TileTurn#reference] · `matrices` · `vectors`
public final class TileWeights {
    public static final int P_TABLE = 0;
    public static final int P_VALUES = 1;
    public static final int P_TILES = 2;
    public static final int P_TURNED = 3;

    /// Numbers of a tile in the table.
    public static final int TILE = 6;
    private static final int PITCH = 1;
    private static final int ROWS = 2;
    private static final int COLUMNS = 3;
    private static final int TO = 4;
    private static final int TURNED = 5;
    /// Numbers of a vector in the table.
    public static final int VECTOR = 3;
    /// Items of a group.
    public static final int GROUP = 128;

    private static final int APART = Tiles.EDGE + 1;

    private TileWeights() { }

    /// One group for each tile.
    public static void matrices(KernelContext context, FloatArray values, IntArray tiles, IntArray turned,
                                IntArray table, IntArray p) {
        float[] tile = context.allocateFloatLocalArray(Tiles.EDGE * APART);
        int item = context.localIdx;
        int at = p.get(P_TABLE) + context.groupIdx * TILE;
        int from = p.get(P_VALUES) + table.get(at);
        int pitch = table.get(at + PITCH);
        int rows = table.get(at + ROWS);
        int columns = table.get(at + COLUMNS);
        for (int i = item; i < Tiles.EDGE * Tiles.EDGE; i += GROUP) {
            int row = i / Tiles.EDGE;
            int column = i % Tiles.EDGE;
            float value = 0.0f;
            if (row < rows && column < columns) {
                value = values.get(from + row * pitch + column);
            }
            tile[row * APART + column] = value;
        }
        context.localBarrier();
        int to = p.get(P_TILES) + table.get(at + TO);
        int other = p.get(P_TURNED) + table.get(at + TURNED);
        for (int i = item; i < Tiles.INTS; i += GROUP) {
            int row = i / Tiles.ROW;
            int pair = i % Tiles.ROW;
            int place = Tiles.at(row, pair);
            tiles.set(to + place, Warp.pack(tile[row * APART + pair * 2], tile[row * APART + pair * 2 + 1]));
            turned.set(other + place, Warp.pack(tile[pair * 2 * APART + row], tile[(pair * 2 + 1) * APART + row]));
        }
    }

    /// One group for each vector.
    public static void vectors(KernelContext context, FloatArray values, FloatArray to, IntArray table, IntArray p) {
        int at = p.get(P_TABLE) + context.groupIdx * VECTOR;
        int from = p.get(P_VALUES) + table.get(at + 1);
        int target = p.get(P_TILES) + table.get(at + 2);
        for (int i = context.localIdx; i < table.get(at); i += GROUP) {
            to.set(target + i, values.get(from + i));
        }
    }
}
