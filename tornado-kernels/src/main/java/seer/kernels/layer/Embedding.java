package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Tokens become vectors: rows of a table.
///
/// ## Shapes
/// | buffer   | shape    | type | direction |
/// |----------|----------|------|-----------|
/// | `table`  | `[V, C]` | f32  | in        |
/// | `tokens` | `[T]`    | i32  | in        |
/// | `x`      | `[T, C]` | f32  | out       |
///
/// ## Tile
///   item = element of `x`.
/// ## Formula
///   x[t] = table[tokens[t]]
/// ## Cost
///   T*C floats copied.
/// ## Versions
///   `reference` plain loop, double · `naive` one item per element
public final class Embedding {
    private Embedding() {
    }

    /// The oracle.
    public static double[] reference(float[] table, int[] tokens, int C) {
        var x = new double[tokens.length * C];
        for (int i = 0; i < x.length; i++) {
            x[i] = table[tokens[i / C] * C + i % C];
        }
        return x;
    }

    /// One item for each of `T * C` elements.
    ///
    /// @param p 0 `T`, 1 `C`, 2 base of `table`, 3 of `x`
    public static void naive(KernelContext context, FloatArray table, IntArray tokens, FloatArray x, IntArray p) {
        int i = context.globalIdx;
        int width = p.get(1);
        if (i < p.get(0) * width) {
            x.set(p.get(3) + i, table.get(p.get(2) + tokens.get(i / width) * width + i % width));
        }
    }
}
