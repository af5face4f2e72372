package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// New keys, turned by their positions, and values go behind those that a cache holds already.
///
/// ## Shapes
/// | buffer            | shape       | type | direction | note                                             |
/// |-------------------|-------------|------|-----------|--------------------------------------------------|
/// | `k`, `v`          | `[G, T, D]` | f32  | in        | row `t` stands at position `P_FIRST + t`         |
/// | `turns`, `rest`   | see [Rope]  |      | in        | not read without a rotation                      |
/// | `keys`, `values`  | `[G, S, D]` | f32  | out       | rows `P_FIRST ...`                               |
///
/// | `p[...]`                       | meaning                                                             |
/// |--------------------------------|---------------------------------------------------------------------|
/// | `P_HEADS`, `P_ROWS`, `P_D`     | `G`; rows; `D`                                                      |
/// | `P_HALF`                       | half the rotary width `R <= D`; 0: keys are copied                  |
/// | `P_FIRST`                      | position of the first row                                           |
/// | `P_K`, `P_K_STRIDE`            | first element of `k`; elements between its heads                    |
/// | `P_V`, `P_V_STRIDE`            | first element of `v`; elements between its heads                    |
/// | `P_KEYS`, `P_VALUES`, `P_ROOM` | first elements of the new rows; elements between the cache's heads  |
/// | `P_TURNS`, `P_REST`            | first elements of `turns` and `rest`                                |
///
/// ## Tile
///   item = pair of elements of one row, of the key and of the value; behind the rotary width one element of each.
/// ## Formula
///   keys[g, first + t] = rope(k[g, t], first + t);  values[g, first + t] = v[g, t]
/// ## Cost
///   6 flops per pair; reads and writes each element once: memory-bound. One launch instead of two.
/// ## Versions
///   `reference` of the keys, plain loops, double; values are copied · `naive` one item per pair
public final class CacheAppend {

    public static final int P_HEADS = 0;
    public static final int P_ROWS = 1;
    public static final int P_D = 2;
    public static final int P_HALF = 3;
    public static final int P_FIRST = 4;
    public static final int P_K = 5;
    public static final int P_K_STRIDE = 6;
    public static final int P_V = 7;
    public static final int P_V_STRIDE = 8;
    public static final int P_KEYS = 9;
    public static final int P_VALUES = 10;
    public static final int P_ROOM = 11;
    public static final int P_TURNS = 12;
    public static final int P_REST = 13;
    /// Elements of `p`.
    public static final int P_SIZE = 14;

    private CacheAppend() {
    }

    /// The oracle of the keys that are added, `[G, T, D]`; columns behind the rotary width are copied.
    ///
    /// @param inverseFrequency `[R / 2]`, radians per position
    /// @param scale            multiplies cosine and sine
    public static double[] reference(float[] k, int G, int T, int D, double[] inverseFrequency, double scale,
                                     int first) {
        int half = inverseFrequency.length;
        var keys = new double[k.length];
        for (int row = 0; row < G * T; row++) {
            for (int d = 0; d < D; d++) {
                keys[row * D + d] = k[row * D + d];
            }
            for (int i = 0; i < half; i++) {
                double angle = (first + row % T) * inverseFrequency[i];
                double cos = Math.cos(angle) * scale;
                double sin = Math.sin(angle) * scale;
                keys[row * D + i] = k[row * D + i] * cos - k[row * D + half + i] * sin;
                keys[row * D + half + i] = k[row * D + half + i] * cos + k[row * D + i] * sin;
            }
        }
        return keys;
    }

    /// One item for each of `heads * rows * (D - R / 2)` pairs and copied elements.
    public static void naive(KernelContext context, FloatArray k, FloatArray v, IntArray turns, FloatArray rest,
                             FloatArray keys, FloatArray values, IntArray p) {
        int item = context.globalIdx;
        int rows = p.get(P_ROWS);
        int width = p.get(P_D);
        int half = p.get(P_HALF);
        int units = width - half;
        if (item < p.get(P_HEADS) * rows * units) {
            int i = item % units;
            int t = item / units % rows;
            int head = item / units / rows;
            int key = p.get(P_K) + head * p.get(P_K_STRIDE) + t * width;
            int value = p.get(P_V) + head * p.get(P_V_STRIDE) + t * width;
            int to = head * p.get(P_ROOM) + t * width;
            if (i < half) {
                int position = p.get(P_FIRST) + t;
                int turned = position * turns.get(p.get(P_TURNS) + i)
                        + (int) (position * rest.get(p.get(P_REST) + i));
                float angle = turned * 1.4629180792671596e-9f; // 2 pi / 2^32
                float scale = rest.get(p.get(P_REST) + half);
                float cos = TornadoMath.cos(angle) * scale;
                float sin = TornadoMath.sin(angle) * scale;
                float a = k.get(key + i);
                float b = k.get(key + half + i);
                keys.set(p.get(P_KEYS) + to + i, a * cos - b * sin);
                keys.set(p.get(P_KEYS) + to + half + i, b * cos + a * sin);
                values.set(p.get(P_VALUES) + to + i, v.get(value + i));
                values.set(p.get(P_VALUES) + to + half + i, v.get(value + half + i));
            } else {
                keys.set(p.get(P_KEYS) + to + half + i, k.get(key + half + i));
                values.set(p.get(P_VALUES) + to + half + i, v.get(value + half + i));
            }
        }
    }
}
