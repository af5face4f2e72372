package seer.kernels.layer;

import seer.kernels.Tiles;
import seer.warp.AsyncCopy;
import seer.warp.Occupancy;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of a product by its matrix, on tensor cores from Ampere on.
///
/// ## Shapes
/// | buffer | shape               | type | direction | note                                       |
/// |--------|---------------------|------|-----------|--------------------------------------------|
/// | `dy`   | `[T, N]` in [Tiles] | bf16 | in        | zero in rows beyond `T`, up to whole tiles |
/// | `x`    | `[T, K]` in [Tiles] | bf16 | in        | finite there                               |
/// | `dW`   | `[parts, N, K]`     | f32  | out       | as [WeightSlope]                           |
///
/// Places of `p` as there, and
///
/// | `p[...]`                  | meaning                                                                  |
/// |---------------------------|--------------------------------------------------------------------------|
/// | `P_DY_TILES`, `P_X_TILES` | tiles of a row of tiles of `dy` and of `x`, which may be part of more    |
///
/// `P_SPAN` is a multiple of 64; `P_DY` and `P_X` are first ints.
///
/// ## Tile
/// ```text
///   64 tokens    tile of dy  tile of dy   tile of x  tile of x        two steps come while a third is multiplied
///                     |           |            |          |
///   dW:  warps 0, 4   32 of dy's columns  x   32 and 32 of x's columns          256 items, 8 warps, as MatMulMma
/// ```
/// What is added along are tokens, the rows of both tiles: both factors are read transposed, and nothing is copied for
/// it. Grid `[ceil(K / 128) * 256, ceil(N / 128), parts]`.
/// ## Formula
///   dW[n, k] = sum over t of dy[t, n] * x[t, k]
/// ## Cost
///   2*T*N*K flops; 32 KiB of tiles for each 2 * 128 * 128 * 64 of them
/// ## Versions
///   reference: [WeightSlope#reference] · this · [WeightSlope] in fp32
public final class WeightSlopeMma {
    public static final int P_DY_TILES = 8;
    public static final int P_X_TILES = 9;

    public static final int ITEMS = 256;
    /// Rows and columns of `dW` of a group.
    public static final int TILE = 128;

    /// Two groups of them fit a multiprocessor of Hopper's.
    private static final int STAGES = 3;
    private static final int STAGE = 4 * Tiles.INTS;
    /// Bytes of local memory of a group.
    public static final int LOCAL_BYTES = STAGES * STAGE * Integer.BYTES;

    private WeightSlopeMma() { }

    public static void tiles(KernelContext context, IntArray dy, IntArray x, FloatArray dW, IntArray p) {
        Occupancy.groups(1);
        int[] local = context.allocateIntLocalArray(STAGES * STAGE);
        int item = context.localIdx;
        int N = p.get(WeightSlope.P_N);
        int K = p.get(WeightSlope.P_K);
        int nTile = context.groupIdy * 2;
        int kTile = context.groupIdx * 2;
        int begin = context.groupIdz * p.get(WeightSlope.P_SPAN) / Tiles.EDGE;
        int end = TornadoMath.min(begin + p.get(WeightSlope.P_SPAN) / Tiles.EDGE,
                (p.get(WeightSlope.P_ROWS) + Tiles.EDGE - 1) / Tiles.EDGE);
        int[] a = new int[8];
        int[] b = new int[4];
        float[] d = new float[64];
        for (int i = 0; i < 64; i++) {
            d[i] = 0.0f;
        }
        for (int j = 0; j < STAGES - 1; j++) {
            if (begin + j < end) {
                bring(local, j * STAGE, dy, x, p, nTile, kTile, begin + j, item);
            }
            AsyncCopy.commit();
        }
        for (int j = begin; j < end; j++) {
            AsyncCopy.await(STAGES - 2);
            context.localBarrier(); // this step's tiles have come, and the place of the last step's is free
            int next = j + STAGES - 1;
            if (next < end) {
                bring(local, (next - begin) % STAGES * STAGE, dy, x, p, nTile, kTile, next, item);
            }
            AsyncCopy.commit();
            multiply(d, a, b, local, (j - begin) % STAGES * STAGE, item);
        }
        for (int i = 0; i < 16; i++) {
            int n = nTile * Tiles.EDGE + (item >> 5 & 3) * 32 + i / 8 * 16 + (item & 31) / 4;
            int k = (kTile + i % 8 / 4) * Tiles.EDGE + (item >> 7) * 32 + i % 4 * 8 + (item & 3) * 2;
            for (int j = 0; j < 4; j++) { // two columns of row n, and of row n + 8
                if (n + j / 2 * 8 < N && k + j % 2 < K) {
                    int to = p.get(WeightSlope.P_DW) + (context.groupIdz * N + n + j / 2 * 8) * K + k + j % 2;
                    float before = 0.0f;
                    if (p.get(WeightSlope.P_ADD) == 1) {
                        before = dW.get(to);
                    }
                    dW.set(to, before + d[i * 4 + j]);
                }
            }
        }
    }

    /// `d += dy^T x` over 64 tokens.
    private static void multiply(float[] d, int[] a, int[] b, int[] local, int at, int item) {
        // of four 8 x 8 matrices, a lane names a row of one: tokens below each other, columns beside each other
        int rows = at + (item >> 6 & 1) * Tiles.INTS + ((item >> 4 & 1) * 8 + (item & 7)) * Tiles.ROW;
        int first = (item >> 5 & 1) * 4 + (item >> 3 & 1);
        int columns = at + 2 * Tiles.INTS + ((item >> 3 & 1) * 8 + (item & 7)) * Tiles.ROW;
        int second = (item >> 7) * 4 + (item >> 4 & 1);
        for (int i = 0; i < 4; i++) { // 16 tokens
            for (int r = 0; r < 2; r++) { // 16 columns of dy
                Warp.load4Transposed(local, rows + i * 16 * Tiles.ROW + ((first + r * 2 ^ item & 7) << 2), a, r * 4);
            }
            for (int c = 0; c < 4; c++) { // 16 columns of x: two of either tile
                Warp.load4Transposed(local, columns + c / 2 * Tiles.INTS + i * 16 * Tiles.ROW
                        + ((second + c % 2 * 2 ^ item & 7) << 2), b, 0);
                for (int r = 0; r < 2; r++) {
                    Warp.multiplyAdd(d, (r * 8 + c * 2) * 4, a, r * 4, b, 0);
                    Warp.multiplyAdd(d, (r * 8 + c * 2 + 1) * 4, a, r * 4, b, 2);
                }
            }
        }
    }

    /// Starts the copy of two tiles of `dy` and two of `x`, of the same 64 tokens.
    private static void bring(int[] local, int to, IntArray dy, IntArray x, IntArray p, int nTile, int kTile, int row,
                              int item) {
        int lastN = (p.get(WeightSlope.P_N) - 1) / Tiles.EDGE; // of tiles: groups at the edges bring it twice
        int lastK = (p.get(WeightSlope.P_K) - 1) / Tiles.EDGE;
        for (int i = 0; i < 4; i++) {
            int n = TornadoMath.min(nTile + i / 2, lastN);
            int k = TornadoMath.min(kTile + i / 2, lastK);
            int within = (i % 2 * ITEMS + item) * 4;
            AsyncCopy.copy(local, to + i / 2 * Tiles.INTS + within, dy,
                    p.get(WeightSlope.P_DY) + (row * p.get(P_DY_TILES) + n) * Tiles.INTS + within);
            AsyncCopy.copy(local, to + (2 + i / 2) * Tiles.INTS + within, x,
                    p.get(WeightSlope.P_X) + (row * p.get(P_X_TILES) + k) * Tiles.INTS + within);
        }
    }
}
