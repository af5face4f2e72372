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
    public static final int P_ROWS = 0;
    public static final int P_WIDTH = 1;
    public static final int P_TABLE = 2;
    public static final int P_X = 3;
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
    /// @param p `P_ROWS` `T`, `P_WIDTH` `C`, `P_TABLE` base of `table`, `P_X` of `x`
    public static void naive(KernelContext context, FloatArray table, IntArray tokens, FloatArray x, IntArray p) {
        int i = context.globalIdx;
        int width = p.get(P_WIDTH);
        if (i < p.get(P_ROWS) * width) {
            x.set(p.get(P_X) + i, table.get(p.get(P_TABLE) + tokens.get(i / width) * width + i % width));
        }
    }
}
