package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gradient of [Embedding] by its table: every token's derivative is added to its row.
///
/// ## Shapes
/// | buffer   | shape    | type | direction | note     |
/// |----------|----------|------|-----------|----------|
/// | `dx`     | `[T, C]` | f32  | in        |          |
/// | `tokens` | `[T]`    | i32  | in        |          |
/// | `dTable` | `[V, C]` | f32  | in, out   | added to |
///
/// ## Tile
///   item = column, token after token: tokens that occur twice are added in their order, and no two items add to one
///   number.
/// ## Formula
///   dTable[tokens[t]] += dx[t]
/// ## Cost
///   T*C additions, C at a time: bound by latency, and still little beside a layer.
/// ## Versions
///   `reference` plain loops, double · `columns` one item per column
public final class EmbeddingBackward {
    private EmbeddingBackward() {
    }

    /// The oracle: what is added.
    public static double[] reference(float[] dx, int[] tokens, int V, int C) {
        var sum = new double[V * C];
        for (int i = 0; i < dx.length; i++) {
            sum[tokens[i / C] * C + i % C] += dx[i];
        }
        return sum;
    }

    /// One item for each of `C` columns.
    ///
    /// @param p 0 `T`, 1 `C`, 2 base of `dx`, 3 of `dTable`
    public static void columns(KernelContext context, FloatArray dx, IntArray tokens, FloatArray dTable, IntArray p) {
        int c = context.globalIdx;
        int width = p.get(1);
        if (c < width) {
            for (int t = 0; t < p.get(0); t++) {
                int at = p.get(3) + tokens.get(t) * width + c;
                dTable.set(at, dTable.get(at) + dx.get(p.get(2) + t * width + c));
            }
        }
    }
}
