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
/// ## Tile
///   item = one element of one block of one head: neighbours read neighbouring elements of a row.
/// ## Formula
///   element by element over the real tokens of the block; the last block may be short
/// ## Cost
///   reads H*T*D floats once: memory-bound.
/// ## Versions
///   `reference` plain loops, double · `naive` one item per element, all poolings in one pass
public final class BlockPooling {
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

    /// One item for each of `heads * blocks * D` elements.
    ///
    /// @param p 0 heads, 1 rows, 2 `D`, 3 block, 4 base of `x`, 5 elements between its heads, 6 base of `pooled`,
    ///          7 elements between its heads, 8 poolings, 9 place of the maximum among them or -1, 10 of the
    ///          minimum, 11 of the average
    public static void naive(KernelContext context, FloatArray x, FloatArray pooled, IntArray p) {
        int item = context.globalIdx;
        int rows = p.get(1);
        int width = p.get(2);
        int block = p.get(3);
        int blocks = (rows + block - 1) / block;
        if (item < p.get(0) * blocks * width) {
            int d = item % width;
            int n = item / width % blocks;
            int head = item / width / blocks;
            int first = n * block;
            int last = first + block;
            if (last > rows) {
                last = rows;
            }
            // -- one pass --
            int from = p.get(4) + head * p.get(5) + d;
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
            int to = p.get(6) + head * p.get(7) + n * p.get(8) * width + d;
            if (p.get(9) >= 0) {
                pooled.set(to + p.get(9) * width, highest);
            }
            if (p.get(10) >= 0) {
                pooled.set(to + p.get(10) * width, lowest);
            }
            if (p.get(11) >= 0) {
                pooled.set(to + p.get(11) * width, sum / (last - first));
            }
        }
    }
}
