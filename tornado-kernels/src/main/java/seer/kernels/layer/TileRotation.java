package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Rotary position embedding between tiles of bf16, and the way of keys and values into their cache.
///
/// ## Shapes
/// | buffer          | shape                  | type | direction | note                                          |
/// |-----------------|------------------------|------|-----------|-----------------------------------------------|
/// | `x`             | `[H, T, D]` in [Tiles] | bf16 | in        | rows `P_FROM ...`                             |
/// | `y`             | `[H, S, D]` in [Tiles] | bf16 | out       | rows `P_TO ...`; may be `x` if both are equal |
/// | `turns`, `rest` | as [Rope]              |      | in        |                                               |
///
/// | `p[...]`                          | meaning                                                                   |
/// |-----------------------------------|---------------------------------------------------------------------------|
/// | `P_ROWS`, `P_D`, `P_HALF`         | rows; `D`; `R / 2`, even, or 0: nothing is turned                         |
/// | `P_FROM`, `P_TO`                  | first row of `x` and of `y`                                               |
/// | `P_FIRST`, `P_STEP`               | position of the first row; from one row to the next                       |
/// | `P_X`, `P_X_TILES`                | first int of `x`; tiles of rows that a head has room for                  |
/// | `P_Y`, `P_Y_TILES`                | of `y`                                                                    |
/// | `P_TURNS`, `P_REST`               | first elements of `turns` and `rest`                                      |
/// | `P_V`, `P_V_TILES`, `P_VALUES`    | first int of values, their tiles of rows; first int of their cache        |
///
/// ## Tile
/// ```text
///   a row of D = 8 columns, R = 8:   ints   0 1 | 2 3      item 0: ints 0 and 2, columns 0 1 and their partners 4 5
///                                                          item 1: ints 1 and 3
///   behind R, and of values, an item copies two ints that stand as far apart
/// ```
/// ## Formula
///   as [Rope], in fp32, rounded to bf16
/// ## Cost
///   reads and writes each element once: memory-bound
/// ## Versions
///   reference: [Rope#reference] · `turn` one item for four columns · `append` so for keys, and values beside them
public final class TileRotation {
    public static final int P_ROWS = 0;
    public static final int P_D = 1;
    public static final int P_HALF = 2;
    public static final int P_FROM = 3;
    public static final int P_TO = 4;
    public static final int P_FIRST = 5;
    public static final int P_STEP = 6;
    public static final int P_X = 7;
    public static final int P_X_TILES = 8;
    public static final int P_Y = 9;
    public static final int P_Y_TILES = 10;
    public static final int P_TURNS = 11;
    public static final int P_REST = 12;
    public static final int P_V = 13;
    public static final int P_VALUES = 14;
    public static final int P_V_TILES = 15;
    /// Elements of `p`.
    public static final int P_SIZE = 16;
    /// Items of a group.
    public static final int ITEMS = 128;

    private TileRotation() { }

    /// The int of a head that holds columns `2 * pair` and `2 * pair + 1` of a row, `D` columns wide.
    static int place(int row, int pair, int D) {
        return (row / Tiles.EDGE * (D / Tiles.EDGE) + pair / Tiles.ROW) * Tiles.INTS
                + Tiles.at(row % Tiles.EDGE, pair % Tiles.ROW);
    }

    /// Grid `[ceil(rows * D / 4 / 128) * 128, H]`.
    public static void turn(KernelContext context, IntArray x, IntArray y, IntArray turns, FloatArray rest,
            IntArray p) {
        int width = p.get(P_D);
        int t = context.globalIdx / (width / 4);
        int unit = context.globalIdx % (width / 4);
        if (t < p.get(P_ROWS)) {
            turnFour(x, y, turns, rest, p, context.groupIdy, t, unit);
        }
    }

    /// Keys turned, values as they are. Grid `[ceil(rows * D / 4 / 128) * 128, 2 * G]`: keys first.
    public static void append(KernelContext context, IntArray x, IntArray v, IntArray y, IntArray values,
            IntArray turns,
                              FloatArray rest, IntArray p, int G) {
        int width = p.get(P_D);
        int t = context.globalIdx / (width / 4);
        int unit = context.globalIdx % (width / 4);
        int head = context.groupIdy;
        if (t < p.get(P_ROWS)) {
            if (head < G) {
                turnFour(x, y, turns, rest, p, head, t, unit);
            } else {
                int from = p.get(P_V) + (head - G) * p.get(P_V_TILES) * Tiles.ROW * width;
                int to = p.get(P_VALUES) + (head - G) * p.get(P_Y_TILES) * Tiles.ROW * width;
                for (int i = 0; i < 2; i++) {
                    int pair = unit + i * (width / 4);
                    values.set(to + place(p.get(P_TO) + t, pair, width),
                            v.get(from + place(p.get(P_FROM) + t, pair, width)));
                }
            }
        }
    }

    /// The `unit`-th ints of a row's halves: two columns and their partners, or four that are copied.
    private static void turnFour(IntArray x, IntArray y, IntArray turns, FloatArray rest, IntArray p, int head, int t,
                                 int unit) {
        int width = p.get(P_D);
        int half = p.get(P_HALF) / 2; // in ints
        int near = unit < half ? unit : half + unit;
        int far = unit < half ? unit + half : width / 4 + unit;
        int from = p.get(P_X) + head * p.get(P_X_TILES) * Tiles.ROW * width;
        int to = p.get(P_Y) + head * p.get(P_Y_TILES) * Tiles.ROW * width;
        write(y, to + place(p.get(P_TO) + t, near, width), to + place(p.get(P_TO) + t, far, width),
                x.get(from + place(p.get(P_FROM) + t, near, width)), x.get(from + place(p.get(P_FROM) + t, far, width)),
                turns, p.get(P_TURNS), rest, p.get(P_REST), half, unit, p.get(P_FIRST) + t * p.get(P_STEP));
    }

    /// Writes two ints of a row, turned if they are the `unit`-th ones of its two halves, else as they are.
    ///
    /// @param near,far where in `y`
    /// @param a,b      what they are
    /// @param turn,gap first elements of `turns` and `rest`
    /// @param half     ints of a half
    static void write(IntArray y, int near, int far, int a, int b, IntArray turns, int turn, FloatArray rest, int gap,
                      int half, int unit, int position) {
        int first = a;
        int second = b;
        if (unit < half) {
            float scale = rest.get(gap + 2 * half);
            float[] angle = new float[4]; // cosines, then sines
            for (int i = 0; i < 2; i++) {
                int at = unit * 2 + i;
                int turned = Rope.turn(position, turns.get(turn + at), rest.get(gap + at));
                angle[i] = Rope.cosine(turned) * scale;
                angle[2 + i] = Rope.sine(turned) * scale;
            }
            first = Warp.pack(Warp.low(a) * angle[0] - Warp.low(b) * angle[2],
                    Warp.high(a) * angle[1] - Warp.high(b) * angle[3]);
            second = Warp.pack(Warp.low(b) * angle[0] + Warp.low(a) * angle[2],
                    Warp.high(b) * angle[1] + Warp.high(a) * angle[3]);
        }
        y.set(near, first);
        y.set(far, second);
    }
}
