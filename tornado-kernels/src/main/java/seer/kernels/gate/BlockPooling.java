package seer.kernels.gate;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Blocks of vectors become one vector each; several poolings stand side by side.
///
/// ## Shapes
/// | buffer   | shape                   | type | direction | note                           |
/// |----------|-------------------------|------|-----------|--------------------------------|
/// | `x`      | `[H, T, D]`             | f32  | in        | before RoPE                    |
/// | `pooled` | `[H, N, poolings * D]`  | f32  | out       | in the order max, min, average |
///
/// | `p[...]`                            | meaning                                                                |
/// |-------------------------------------|------------------------------------------------------------------------|
/// | `P_HEADS`, `P_ROWS`, `P_D`, `P_BLOCK` | `H`; `T`; `D`; `B`                                                   |
/// | `P_X`, `P_X_STRIDE`                 | base of `x`, elements between its heads                                |
/// | `P_POOLED`, `P_POOLED_STRIDE`       | base of `pooled`, elements between its heads                           |
/// | `P_POOLINGS`                        | poolings                                                               |
/// | `P_MAX`, `P_MIN`, `P_AVERAGE`       | their places among the poolings, or -1                                 |
///
/// ## Tile
/// ```text
///   x of one head         d ->                       pooled
///     block 0  t=0  [ a0 b0 c0 ..            item    [ max a | max b | .. || min a | min b | .. || mean a | .. ]
///              t=1  [ a1 b1 c1 ..      one column of
///               ..                       one block   neighbours read neighbouring elements of a row
/// ```
/// ## Formula
///   element by element over the real tokens of the block; the last block may be short
/// ## Cost
///   reads H*T*D floats once: memory-bound.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element, all poolings in one pass
public final class BlockPooling {
    public static final int P_HEADS = 0;
    public static final int P_ROWS = 1;
    public static final int P_D = 2;
    public static final int P_BLOCK = 3;
    public static final int P_X = 4;
    public static final int P_X_STRIDE = 5;
    public static final int P_POOLED = 6;
    public static final int P_POOLED_STRIDE = 7;
    public static final int P_POOLINGS = 8;
    public static final int P_MAX = 9;
    public static final int P_MIN = 10;
    public static final int P_AVERAGE = 11;
    /// Elements of `p`.
    public static final int P_SIZE = 12;

    private BlockPooling() {
    }

    /// The oracle.
    public static double[] reference(float[] x, int H, int T, int D, int B, boolean max, boolean min,
                                     boolean average) {
        int N = (T + B - 1) / B;
        int poolings = (max ? 1 : 0) + (min ? 1 : 0) + (average ? 1 : 0);
        var pooled = new double[H * N * poolings * D];
        for (int hn = 0; hn < H * N; hn++) {
            int h = hn / N;
            int first = hn % N * B;
            int count = Math.min(B, T - first);
            for (int d = 0; d < D; d++) {
                double highest = Double.NEGATIVE_INFINITY;
                double lowest = Double.POSITIVE_INFINITY;
                double sum = 0;
                for (int t = first; t < first + count; t++) {
                    double value = x[(h * T + t) * D + d];
                    highest = Math.max(highest, value);
                    lowest = Math.min(lowest, value);
                    sum += value;
                }
                int at = hn * poolings * D + d;
                if (max) {
                    pooled[at] = highest;
                    at += D;
                }
                if (min) {
                    pooled[at] = lowest;
                    at += D;
                }
                if (average) {
                    pooled[at] = sum / count;
                }
            }
        }
        return pooled;
    }

    /// One item for each of `H * N * D` elements.
    public static void naive(KernelContext context, FloatArray x, FloatArray pooled, IntArray p) {
        int item = context.globalIdx;
        int rows = p.get(P_ROWS);
        int width = p.get(P_D);
        int block = p.get(P_BLOCK);
        int blocks = (rows + block - 1) / block;
        if (item < p.get(P_HEADS) * blocks * width) {
            int d = item % width;
            int n = item / width % blocks;
            int head = item / width / blocks;
            int first = n * block;
            int last = first + block;
            if (last > rows) {
                last = rows;
            }
            // -- one pass --
            int from = p.get(P_X) + head * p.get(P_X_STRIDE) + d;
            float highest = x.get(from + first * width);
            float lowest = highest;
            float sum = highest;
            for (int t = first + 1; t < last; t++) {
                float value = x.get(from + t * width);
                if (value > highest) {
                    highest = value;
                }
                if (value < lowest) {
                    lowest = value;
                }
                sum += value;
            }
            // -- side by side --
            int to = p.get(P_POOLED) + head * p.get(P_POOLED_STRIDE) + n * p.get(P_POOLINGS) * width + d;
            if (p.get(P_MAX) >= 0) {
                pooled.set(to + p.get(P_MAX) * width, highest);
            }
            if (p.get(P_MIN) >= 0) {
                pooled.set(to + p.get(P_MIN) * width, lowest);
            }
            if (p.get(P_AVERAGE) >= 0) {
                pooled.set(to + p.get(P_AVERAGE) * width, sum / (last - first));
            }
        }
    }
}
