package seer.kernels.layer;

import seer.kernels.Tiles;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The way back of the projections on tensor cores: queries, keys and values, head by head, become stacked rows, all of
/// them in tiles.
///
/// ## Shapes
/// | buffer | shape                           | type | direction | note                                              |
/// |--------|---------------------------------|------|-----------|---------------------------------------------------|
/// | `q`    | `[H, T, D]` in [Tiles]          | bf16 | in        | heads of a multiple of 64                         |
/// | `k`, `v` | `[G, T, D]` in [Tiles]        | bf16 | in        |                                                   |
/// | `y`    | `[T, (H + 2G) * D]` in [Tiles]  | bf16 | out       | zero in rows beyond `T`, up to whole tiles        |
///
/// The places of `p` are those of [HeadSplit]; strides are ints between heads, and `P_BIAS` is not read.
///
/// ## Tile
///   item = int of `y`: a tile of a head is a tile of the rows
/// ## Formula
///   y[t, h * D + d] = q[h, t, d], and so on
/// ## Cost
///   every number is read and written once: memory-bound
/// ## Versions
///   reference: [HeadJoin#reference] · `ints` one item per int
public final class TileHeadJoin {
    private TileHeadJoin() { }

    /// Ints of `y`.
    public static int items(int rows, int columns) {
        return Tiles.along(rows) * Tiles.along(columns) * Tiles.INTS;
    }

    /// One item for each of [#items].
    public static void ints(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray y, IntArray p) {
        int item = context.globalIdx;
        int count = p.get(HeadSplit.P_HEADS);
        int groups = p.get(HeadSplit.P_GROUPS);
        int deep = p.get(HeadSplit.P_D) / Tiles.EDGE;
        int across = (count + 2 * groups) * deep;
        int rows = p.get(HeadSplit.P_ROWS);
        if (item < (rows + Tiles.EDGE - 1) / Tiles.EDGE * across * Tiles.INTS) {
            int tile = item / Tiles.INTS;
            int head = tile % across / deep;
            int at = (tile / across * deep + tile % deep) * Tiles.INTS + item % Tiles.INTS;
            int value = 0;
            if (tile / across * Tiles.EDGE + item % Tiles.INTS / Tiles.ROW < rows) {
                if (head < count) {
                    value = q.get(p.get(HeadSplit.P_Q) + head * p.get(HeadSplit.P_Q_STRIDE) + at);
                } else {
                    if (head < count + groups) {
                        value = k.get(p.get(HeadSplit.P_K) + (head - count) * p.get(HeadSplit.P_K_STRIDE) + at);
                    } else {
                        value = v.get(p.get(HeadSplit.P_V) + (head - count - groups) * p.get(HeadSplit.P_V_STRIDE)
                                + at);
                    }
                }
            }
            y.set(p.get(HeadSplit.P_Y) + item, value);
        }
    }
}
