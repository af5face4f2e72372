package seer.kernels.layer;

import seer.kernels.Tiles;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The way back of the projections on tensor cores: queries, keys and values, head by head, become stacked rows, all of
/// them in tiles, and queries and keys are turned on the way.
///
/// ## Shapes
/// | buffer | shape                           | type | direction | note                                              |
/// |--------|---------------------------------|------|-----------|---------------------------------------------------|
/// | `q`    | `[H, T, D]` in [Tiles]          | bf16 | in        | heads of a multiple of 64                         |
/// | `k`, `v` | `[G, T, D]` in [Tiles]        | bf16 | in        |                                                   |
/// | `y`    | `[T, (H + 2G) * D]` in [Tiles]  | bf16 | out       | zero in rows beyond `T`, up to whole tiles        |
/// | `turns`, `rest` | as [Rope]              |      | in        |                                                   |
///
/// The places of `p` up to `P_V_STRIDE` are those of [HeadSplit]; strides are ints between heads, and `P_BIAS` is not
/// read. Behind them:
///
/// | `p[...]`            | meaning                                             |
/// |---------------------|-----------------------------------------------------|
/// | `P_HALF`            | half of the columns that are turned, even; 0: none  |
/// | `P_FIRST`           | position of the first row                           |
/// | `P_TURNS`, `P_REST` | first elements of `turns` and `rest`                |
///
/// ## Tile
///   item = two columns of a row of a head, and their partners `P_HALF` further on: a tile of a head is a tile of the
///   rows
/// ## Formula
///   y[t, h * D + d] = turned(q)[h, t, d], and so on
/// ## Cost
///   every number is read and written once: memory-bound
/// ## Versions
///   references: [HeadJoin#reference], [Rope#reference] · `turned` one item per four columns
public final class TileHeadJoin {
    public static final int P_HALF = HeadSplit.P_SIZE;
    public static final int P_FIRST = P_HALF + 1;
    public static final int P_TURNS = P_HALF + 2;
    public static final int P_REST = P_HALF + 3;

    private TileHeadJoin() { }

    /// Groups of four numbers of `y`.
    public static int items(int rows, int columns) {
        return Tiles.along(rows) * Tiles.along(columns) * Tiles.INTS / 2;
    }

    /// One item for each of [#items].
    public static void turned(KernelContext context, IntArray q, IntArray k, IntArray v, IntArray y, IntArray turns,
                              FloatArray rest, IntArray p) {
        int count = p.get(HeadSplit.P_HEADS);
        int groups = p.get(HeadSplit.P_GROUPS);
        int width = p.get(HeadSplit.P_D);
        int heads = count + 2 * groups;
        int rows = p.get(HeadSplit.P_ROWS);
        int unit = context.globalIdx % (width / 4);
        int head = context.globalIdx / (width / 4) % heads;
        int t = context.globalIdx / (width / 4) / heads;
        if (t < (rows + Tiles.EDGE - 1) / Tiles.EDGE * Tiles.EDGE) {
            int half = head < count + groups ? p.get(P_HALF) / 2 : 0; // in ints
            int near = unit < half ? unit : half + unit;
            int far = unit < half ? unit + half : width / 4 + unit;
            int a = 0;
            int b = 0;
            if (t < rows) {
                int nearAt = TileRotation.place(t, near, width);
                int farAt = TileRotation.place(t, far, width);
                if (head < count) {
                    int from = p.get(HeadSplit.P_Q) + head * p.get(HeadSplit.P_Q_STRIDE);
                    a = q.get(from + nearAt);
                    b = q.get(from + farAt);
                } else if (head < count + groups) {
                    int from = p.get(HeadSplit.P_K) + (head - count) * p.get(HeadSplit.P_K_STRIDE);
                    a = k.get(from + nearAt);
                    b = k.get(from + farAt);
                } else {
                    int from = p.get(HeadSplit.P_V) + (head - count - groups) * p.get(HeadSplit.P_V_STRIDE);
                    a = v.get(from + nearAt);
                    b = v.get(from + farAt);
                }
            }
            int to = p.get(HeadSplit.P_Y) + (t / Tiles.EDGE * heads + head) * (width / Tiles.EDGE) * Tiles.INTS;
            TileRotation.write(y, to + TileRotation.place(t % Tiles.EDGE, near, width),
                    to + TileRotation.place(t % Tiles.EDGE, far, width), a, b, turns, p.get(P_TURNS), rest,
                    p.get(P_REST), half, unit, p.get(P_FIRST) + t);
        }
    }
}
