package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of a product by its matrix: every column of `dy` against every column of `x`, added up over tokens.
///
/// ## Shapes
/// | buffer | shape          | type | direction | note                                                              |
/// |--------|----------------|------|-----------|-------------------------------------------------------------------|
/// | `dy`   | `[T, N]`       | f32  | in        |                                                                   |
/// | `x`    | `[T, K]`       | f32  | in        |                                                                   |
/// | `dW`   | `[parts, N, K]` | f32 | out       | of `P_SPAN` tokens each, `parts = ceil(T / P_SPAN)`; or added to  |
///
/// | `p[...]`                  | meaning                                                                     |
/// |---------------------------|-----------------------------------------------------------------------------|
/// | `P_ROWS`, `P_N`, `P_K`    | `T`, `N`, `K`                                                               |
/// | `P_SPAN`                  | tokens of a part                                                            |
/// | `P_DY`, `P_X`, `P_DW`     | first elements                                                              |
/// | `P_ADD`                   | 1: `dW` keeps what it holds, and there is one part                          |
///
/// ## Tile
/// ```text
///                     128 columns of x                             a part of the tokens
///               tx =  0 1 2 .. 15 | 0 1 2 .. 15       t = 0 |  128 of dy  |  128 of x  |  16 tokens come at a time,
///             +-------------------+-------------+           |  ......     |  ......    |  each as it lies in memory:
///   128  ty=0 | 8 x 4 sums        | 8 x 4 more  |           |             |            |  what is added along is the
///   of dy   1 |                   |             |           |             |            |  slower axis of both
/// ```
/// Matrices are small and texts are long: so groups share the tokens out among themselves, and [ColumnSum] adds their
/// parts up in order. Grid `[ceil(K / 128) * 256, ceil(N / 128), parts]`.
/// ## Formula
///   dW[n, k] = sum over t of dy[t, n] * x[t, k]
/// ## Cost
///   2*T*N*K flops, 256 floats read for each 2*128*128 of them, as [MatMul]; parts are written and read once more.
/// ## Versions
///   `reference` three plain loops, double · `tiled` local memory and registers · [WeightSlopeMma] on tensor cores
public final class WeightSlope {
    public static final int P_ROWS = 0;
    public static final int P_N = 1;
    public static final int P_K = 2;
    public static final int P_SPAN = 3;
    public static final int P_DY = 4;
    public static final int P_X = 5;
    public static final int P_DW = 6;
    public static final int P_ADD = 7;

    /// Rows and columns of a tile of `dW`, and the items of its group.
    public static final int TILE = 128;
    public static final int ITEMS = 256;

    /// Tokens in local memory at a time.
    private static final int SLICE = 16;

    /// Local memory of a group.
    public static final int LOCAL_BYTES = 4 * 2 * SLICE * TILE;

    private WeightSlope() {
    }

    /// The oracle.
    public static double[] reference(float[] dy, float[] x, int T, int N, int K) {
        var sum = new double[N * K];
        for (int t = 0; t < T; t++) {
            for (int n = 0; n < N; n++) {
                for (int k = 0; k < K; k++) {
                    sum[n * K + k] += (double) dy[t * N + n] * x[t * K + k];
                }
            }
        }
        return sum;
    }

    public static void tiled(KernelContext context, FloatArray dy, FloatArray x, FloatArray dW, IntArray p) {
        float[] left = context.allocateFloatLocalArray(SLICE * TILE);
        float[] right = context.allocateFloatLocalArray(SLICE * TILE);
        int item = context.localIdx;
        int tx = item & 15;
        int ty = item >> 4;
        int N = p.get(P_N);
        int K = p.get(P_K);
        int first = context.groupIdy * TILE;
        int column = context.groupIdx * TILE;
        int begin = context.groupIdz * p.get(P_SPAN);
        int end = TornadoMath.min(begin + p.get(P_SPAN), p.get(P_ROWS));
        int n0 = TornadoMath.min(first + (item & 127), N - 1);
        int k0 = TornadoMath.min(column + (item & 127), K - 1);
        float[] sum = new float[64];
        for (int i = 0; i < 64; i++) {
            sum[i] = 0.0f;
        }
        for (int from = begin; from < end; from += SLICE) {
            // -- load dy, x: each half of the group eight tokens --
            float[] a = new float[8];
            float[] b = new float[8];
            for (int i = 0; i < 8; i++) {
                int t = from + (item >> 7) * 8 + i;
                int at = TornadoMath.min(t, end - 1);
                a[i] = t < end ? dy.get(p.get(P_DY) + at * N + n0) : 0.0f;
                b[i] = t < end ? x.get(p.get(P_X) + at * K + k0) : 0.0f;
            }
            context.localBarrier();
            for (int i = 0; i < 8; i++) {
                left[((item >> 7) * 8 + i) * TILE + (item & 127)] = a[i];
                right[((item >> 7) * 8 + i) * TILE + (item & 127)] = b[i];
            }
            context.localBarrier();
            // -- accumulate --
            for (int d = 0; d < SLICE; d++) {
                for (int j = 0; j < 8; j++) {
                    float f = right[d * TILE + j / 4 * 64 + tx * 4 + j % 4];
                    for (int i = 0; i < 8; i++) {
                        sum[i * 8 + j] += left[d * TILE + ty * 8 + i] * f;
                    }
                }
            }
        }
        for (int i = 0; i < 8; i++) {
            int n = first + ty * 8 + i;
            for (int j = 0; j < 8; j++) {
                int k = column + j / 4 * 64 + tx * 4 + j % 4;
                if (n < N && k < K) {
                    int to = p.get(P_DW) + (context.groupIdz * N + n) * K + k;
                    float before = 0.0f;
                    if (p.get(P_ADD) == 1) {
                        before = dW.get(to);
                    }
                    dW.set(to, before + sum[i * 8 + j]);
                }
            }
        }
    }
}
