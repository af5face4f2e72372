package seer.kernels.attention;

import seer.kernels.Tiles;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Means of the keys, or of the values, of whole blocks in tiles of bf16.
///
/// ## Shapes
/// | buffer  | shape                   | type | direction | note                                              |
/// |---------|-------------------------|------|-----------|---------------------------------------------------|
/// | `x`     | `[G, S, D]` in [Tiles]  | bf16 | in        | rows of whole blocks of `B` = 64, 128 ...         |
/// | `means` | `[G, n, D]` in [Tiles]  | bf16 | out       | rows `P_FROM ...`, `P_BLOCKS` of them             |
///
/// | `p[...]`                   | meaning                                                       |
/// |----------------------------|---------------------------------------------------------------|
/// | `P_GROUPS`, `P_D`          | heads; `D`, a multiple of 64                                  |
/// | `P_FROM`, `P_BLOCKS`, `P_B` | the first block; how many; `B`, a multiple of 64             |
/// | `P_X`, `P_X_TILES`         | first int of `x`; tiles of rows from one head to the next     |
/// | `P_MEANS`, `P_MEANS_TILES` | the same of `means`                                           |
///
/// ## Tile
///   item = a pair of columns of one block of one head; neighbours read neighbours
/// ## Formula
///   means[i] = round(sum of x[i B ... i B + B - 1] / B), summed in fp32
/// ## Cost
///   bound by what is read
/// ## Versions
///   `reference` plain loops, double · `pairs`
public final class TileMeans {
    public static final int P_GROUPS = 0;
    public static final int P_D = 1;
    public static final int P_FROM = 2;
    public static final int P_BLOCKS = 3;
    public static final int P_B = 4;
    public static final int P_X = 5;
    public static final int P_X_TILES = 6;
    public static final int P_MEANS = 7;
    public static final int P_MEANS_TILES = 8;
    /// Elements of `p`.
    public static final int P_SIZE = 9;

    private TileMeans() { }

    /// The oracle: means `[G, T / B, D]` of `x[G, T, D]`.
    public static double[] reference(float[] x, int G, int T, int D, int B) {
        int N = T / B;
        var means = new double[G * N * D];
        for (int g = 0; g < G; g++) {
            for (int t = 0; t < N * B; t++) {
                for (int d = 0; d < D; d++) {
                    means[(g * N + t / B) * D + d] += (double) x[(g * T + t) * D + d] / B;
                }
            }
        }
        return means;
    }

    /// One item for each pair of columns of each block of each head.
    public static void pairs(KernelContext context, IntArray x, IntArray means, IntArray p) {
        int item = context.globalIdx;
        int pairs = p.get(P_D) / 2;
        int blocks = p.get(P_BLOCKS);
        if (item < p.get(P_GROUPS) * blocks * pairs) {
            int pair = item % pairs;
            int block = p.get(P_FROM) + item / pairs % blocks;
            int head = item / pairs / blocks;
            int B = p.get(P_B);
            int across = p.get(P_D) / Tiles.EDGE;
            float even = 0.0f;
            float odd = 0.0f;
            for (int i = 0; i < B; i++) {
                int t = block * B + i;
                int tile = (head * p.get(P_X_TILES) + t / Tiles.EDGE) * across + pair / Tiles.ROW;
                int packed = x.get(p.get(P_X) + tile * Tiles.INTS + Tiles.at(t % Tiles.EDGE, pair % Tiles.ROW));
                even += Warp.low(packed);
                odd += Warp.high(packed);
            }
            int tile = (head * p.get(P_MEANS_TILES) + block / Tiles.EDGE) * across + pair / Tiles.ROW;
            means.set(p.get(P_MEANS) + tile * Tiles.INTS + Tiles.at(block % Tiles.EDGE, pair % Tiles.ROW),
                    Warp.pack(even / B, odd / B));
        }
    }
}
