package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Rotary position embedding, half-split pairing.
///
/// ## Shapes
/// | buffer             | shape       | type | direction | note                                  |
/// |--------------------|-------------|------|-----------|---------------------------------------|
/// | `x`                | `[H, T, D]` | f32  | in        |                                       |
/// | `inverseFrequency` | `[D / 2]`   | f64  | in        | radians per position                  |
/// | `y`                | `[H, T, D]` | f32  | out       | row `t` stands at `first + t * step`  |
/// | `turns`            | `[R / 2]`   | i32  | in        | frequency in turns, bits 1 to 32 of the fraction |
/// | `rest`             | `[R / 2 + 1]` | f32 | in       | the bits behind them; last, the scale |
///
/// | `p[...]`                      | meaning                                                 |
/// |-------------------------------|---------------------------------------------------------|
/// | `P_HEADS`, `P_ROWS`, `P_D`    | `H`; `T`; `D`                                           |
/// | `P_HALF`, `P_TURNS`, `P_REST` | `R / 2`; bases of `turns` and `rest`                    |
/// | `P_FIRST`, `P_STEP`           | position of the first row; from one row to the next     |
/// | `P_X`, `P_X_STRIDE`           | base of `x`, elements between its heads                 |
/// | `P_Y`, `P_Y_STRIDE`           | of `y`                                                  |
///
/// ## Tile
///   item = pair of elements of one row, or one element behind the rotary width `R <= D`, which is copied.
/// ## Formula
///   with a = position * inverseFrequency[i], i < D/2:
///   y[i] = (x[i] cos a - x[i + D/2] sin a) * scale;  y[i + D/2] = (x[i + D/2] cos a + x[i] sin a) * scale
///
///   A 32-bit float cannot hold the angle of a far position. With the frequency in turns as the fixed-point number
///   `(turns + rest) / 2^32`, the product with the position, modulo one turn, is what a 32-bit integer keeps when it
///   overflows: exact at any position, and only then a float between -1/2 and 1/2 turn.
/// ## Cost
///   6 flops per pair; reads and writes each element once.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per pair
public final class Rope {

    public static final int P_HEADS = 0;
    public static final int P_ROWS = 1;
    public static final int P_D = 2;
    public static final int P_HALF = 3;
    public static final int P_FIRST = 4;
    public static final int P_STEP = 5;
    public static final int P_X = 6;
    public static final int P_X_STRIDE = 7;
    public static final int P_Y = 8;
    public static final int P_Y_STRIDE = 9;
    public static final int P_TURNS = 10;
    public static final int P_REST = 11;
    /// Elements of `p`.
    public static final int P_SIZE = 12;

    private static final float RADIANS = 1.4629180792671596e-9f; // 2 pi / 2^32

    private Rope() {
    }

    /// The oracle.
    ///
    /// @param scale multiplies cosine and sine: 1, or YaRN's attention factor
    public static double[] reference(float[] x, int H, int T, int D, double[] inverseFrequency, double scale,
                                     int first, int step) {
        var y = new double[H * T * D];
        int half = D / 2;
        for (int row = 0; row < H * T; row++) {
            double position = first + (double) (row % T) * step;
            for (int i = 0; i < half; i++) {
                double cos = Math.cos(position * inverseFrequency[i]) * scale;
                double sin = Math.sin(position * inverseFrequency[i]) * scale;
                double a = x[row * D + i];
                double b = x[row * D + half + i];
                y[row * D + i] = a * cos - b * sin;
                y[row * D + half + i] = b * cos + a * sin;
            }
        }
        return y;
    }

    /// The fraction of a turn that a position adds, in units of 2^-32, rounded down: its low 32 bits.
    public static int turns(double inverseFrequency) {
        return (int) (long) Math.floor(fixed(inverseFrequency));
    }

    /// What [#turns] leaves out, between 0 and 1.
    public static float rest(double inverseFrequency) {
        double fixed = fixed(inverseFrequency);
        return (float) (fixed - Math.floor(fixed));
    }

    private static double fixed(double inverseFrequency) {
        return inverseFrequency / (2 * Math.PI) * 4294967296.0;
    }

    /// The angle at a position, from minus to plus half a turn, in radians.
    ///
    /// @param turns,rest of the frequency
    public static float angle(int position, int turns, float rest) {
        return turn(position, turns, rest) * RADIANS;
    }

    /// The same in units of 2^-32 of a turn.
    static int turn(int position, int turns, float rest) {
        return position * turns + (int) (position * rest);
    }

    /// The cosine of an angle in units of 2^-32 of a turn, 2^-23 off at most: within an eighth of a turn from a whole
    /// number of quarters, few terms do. No sum overflows here, since in the C that is generated its sign would be
    /// undefined.
    static float cosine(int turn) {
        int quarter = (turn >> 29) + 1 >> 1;
        float x = (turn << 2 >> 2) * RADIANS;
        float value = (quarter & 1) > 0 ? sineNearZero(x) : cosineNearZero(x);
        return (quarter + 1 & 2) > 0 ? -value : value;
    }

    /// And the sine.
    static float sine(int turn) {
        int quarter = (turn >> 29) + 1 >> 1;
        float x = (turn << 2 >> 2) * RADIANS;
        float value = (quarter & 1) > 0 ? cosineNearZero(x) : sineNearZero(x);
        return (quarter & 2) > 0 ? -value : value;
    }

    /// Coefficients: least largest error within an eighth of a turn.
    private static float sineNearZero(float x) {
        float z = x * x;
        return x + x * z * (-0.16666655f + z * (0.008332178f - z * 1.95173e-4f));
    }

    private static float cosineNearZero(float x) {
        float z = x * x;
        return 1.0f - z * 0.5f + z * z * (0.041666646f - z * (0.0013887368f - z * 2.4438452e-5f));
    }

    /// Writes column `i` of a vector and its partner, `half` further on, turned.
    ///
    /// @param to         where the vector begins
    /// @param a,b        the two as they were
    /// @param turn,part  first elements of `turns` and `rest`
    public static void write(FloatArray y, int to, int i, int half, float a, float b, int position, IntArray turns,
                             int turn, FloatArray rest, int part) {
        float angle = angle(position, turns.get(turn + i), rest.get(part + i));
        float scale = rest.get(part + half);
        float cos = TornadoMath.cos(angle) * scale;
        float sin = TornadoMath.sin(angle) * scale;
        y.set(to + i, a * cos - b * sin);
        y.set(to + half + i, b * cos + a * sin);
    }

    /// One item for each of `H * T * (D - R / 2)` pairs and copied elements; `x` and `y` may be one buffer.
    public static void naive(KernelContext context, FloatArray x, IntArray turns, FloatArray rest, FloatArray y,
                             IntArray p) {
        int item = context.globalIdx;
        int rows = p.get(P_ROWS);
        int width = p.get(P_D);
        int half = p.get(P_HALF);
        int units = width - half;
        if (item < p.get(P_HEADS) * rows * units) {
            int i = item % units;
            int t = item / units % rows;
            int head = item / units / rows;
            int from = p.get(P_X) + head * p.get(P_X_STRIDE) + t * width;
            int to = p.get(P_Y) + head * p.get(P_Y_STRIDE) + t * width;
            if (i < half) {
                write(y, to, i, half, x.get(from + i), x.get(from + half + i), p.get(P_FIRST) + t * p.get(P_STEP),
                        turns, p.get(P_TURNS), rest, p.get(P_REST));
            } else {
                y.set(to + half + i, x.get(from + half + i));
            }
        }
    }
}
