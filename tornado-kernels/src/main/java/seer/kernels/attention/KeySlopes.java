package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The derivatives by keys and values, of the sums that groups have made of parts of the columns' lists.
///
/// ## Shapes
/// | buffer     | shape                          | type        | direction | note                                    |
/// |------------|--------------------------------|-------------|-----------|-----------------------------------------|
/// | `sums`     | `[most, ceil(B / R), 2, R, D]` | f32         | in        | of each part and piece: keys, values    |
/// | `firsts`   | `[G * N + 1]`                  | i32         | in        | columns' first parts: [TransposedLists] |
/// | `dk`, `dv` | `[G, T, D]`                    | f32 or bf16 | out       | bf16 in [Tiles], zero behind the text   |
///
/// Keys that nobody lists have 0.
///
/// | `p[...]`                     | meaning                                                                    |
/// |------------------------------|----------------------------------------------------------------------------|
/// | `P_ROWS`, `P_SUMS`, `P_FIRSTS` | `T`; first elements                                                      |
/// | `P_DK`, `P_DV`               | first elements                                                             |
/// | `P_DK_STRIDE`, `P_DV_STRIDE` | distances of heads: in rows, or in rows of tiles                           |
///
/// `R = min(B, 64)`.
///
/// ## Tile
///   item = element, or pair of them: parts one after the other, so that sums repeat
/// ## Formula
///   dk[g, t] = sum over the parts of t's column of its sums
/// ## Cost
///   every part is read once: memory-bound, little beside what made it
/// ## Versions
///   `reference` plain loops, double · `floats`, `tiles`
public final class KeySlopes {
    public static final int P_ROWS = 0;
    public static final int P_SUMS = 1;
    public static final int P_FIRSTS = 2;
    public static final int P_DK = 3;
    public static final int P_DV = 4;
    public static final int P_DK_STRIDE = 5;
    public static final int P_DV_STRIDE = 6;

    private KeySlopes() {
    }

    /// The oracle: keys and values, `[2, G, T, D]`.
    public static double[] reference(float[] sums, int[] firsts, int G, int T, int D, int B) {
        var slopes = new double[2 * G * T * D];
        int N = (T + B - 1) / B;
        int R = Math.min(B, 64);
        int pieces = (B + R - 1) / R;
        for (int i = 0; i < slopes.length; i++) {
            int t = i / D % T;
            int column = i / D / T % G * N + t / B;
            for (int part = firsts[column]; part < firsts[column + 1]; part++) {
                int piece = part * pieces + t % B / R;
                slopes[i] += sums[((piece * 2 + i / D / T / G) * R + t % B % R) * D + i % D];
            }
        }
        return slopes;
    }

    /// Floats that the sums of a part take.
    public static int size(int D, int B) {
        int R = Math.min(B, 64);
        return (B + R - 1) / R * 2 * R * D;
    }

    /// One item for each of `G * T * D` elements.
    public static void floats(KernelContext context, FloatArray sums, IntArray firsts, FloatArray dk, FloatArray dv,
                              IntArray p, int G, int D, int B) {
        int item = context.globalIdx;
        int rows = p.get(P_ROWS);
        if (item < G * rows * D) {
            int R = TornadoMath.min(B, 64);
            int g = item / D / rows;
            int t = item / D % rows;
            int column = p.get(P_FIRSTS) + g * ((rows + B - 1) / B) + t / B;
            float key = 0.0f;
            float value = 0.0f;
            for (int part = firsts.get(column); part < firsts.get(column + 1); part++) {
                int piece = part * ((B + R - 1) / R) + t % B / R;
                int at = p.get(P_SUMS) + (piece * 2 * R + t % B % R) * D + item % D;
                key += sums.get(at);
                value += sums.get(at + R * D);
            }
            dk.set(p.get(P_DK) + (g * p.get(P_DK_STRIDE) + t) * D + item % D, key);
            dv.set(p.get(P_DV) + (g * p.get(P_DV_STRIDE) + t) * D + item % D, value);
        }
    }

    /// One item for each pair of columns of whole tiles; blocks of 64 or 128.
    public static void tiles(KernelContext context, FloatArray sums, IntArray firsts, IntArray dk, IntArray dv,
                             IntArray p, int G, int D, int B) {
        int item = context.globalIdx;
        int rows = p.get(P_ROWS);
        int down = (rows + Tiles.EDGE - 1) / Tiles.EDGE;
        int depth = Tiles.ROW * D;
        if (item < G * down * depth) {
            int g = item / (down * depth);
            int tile = item / depth % down;
            int row = item / (D / 2) % Tiles.EDGE;
            int pair = item % (D / 2);
            int each = B / Tiles.EDGE;
            int column = p.get(P_FIRSTS) + g * ((rows + B - 1) / B) + tile / each;
            float[] sum = new float[4];
            for (int i = 0; i < 4; i++) {
                sum[i] = 0.0f;
            }
            if (tile * Tiles.EDGE + row < rows) {
                for (int part = firsts.get(column); part < firsts.get(column + 1); part++) {
                    int at = p.get(P_SUMS) + ((part * each + tile % each) * 2 * Tiles.EDGE + row) * D + pair * 2;
                    sum[0] = sum[0] + sums.get(at);
                    sum[1] = sum[1] + sums.get(at + 1);
                    sum[2] = sum[2] + sums.get(at + Tiles.EDGE * D);
                    sum[3] = sum[3] + sums.get(at + Tiles.EDGE * D + 1);
                }
            }
            int within = pair / Tiles.ROW * Tiles.INTS + Tiles.at(row, pair % Tiles.ROW);
            dk.set(p.get(P_DK) + (g * p.get(P_DK_STRIDE) + tile) * depth + within, Warp.pack(sum[0], sum[1]));
            dv.set(p.get(P_DV) + (g * p.get(P_DV_STRIDE) + tile) * depth + within, Warp.pack(sum[2], sum[3]));
        }
    }
}
