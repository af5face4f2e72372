package seer.kernels.layer;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Looks for rows of a residual stream that no layer could go on with: NaN, infinities, numbers too large to square.
///
/// ## Shapes
/// | buffer  | shape      | type | direction | note                                               |
/// |---------|------------|------|-----------|----------------------------------------------------|
/// | `x`     | `[T, C]`   | f32  | in        |                                                    |
/// | `first` | `[groups]` | i32  | out       | the first such row of each group's; `T` if none is |
///
/// ## Tile
///   group g = rows g, g + groups, ...; item i looks at columns i, i + 128, ...; then a tree of 7 steps.
/// ## Formula
///   first[g] = min of T and of all t = g, g + groups, ... with some not |x[t, c]| <= largest
/// ## Cost
///   reads each element once.
/// ## Versions
///   `reference` plain loops · `grouped` 128 items to a group
public final class BrokenRows {
    /// Items of a group.
    public static final int GROUP = 128;

    private BrokenRows() {
    }

    /// The oracle, of all rows.
    public static int reference(float[] x, int T, int C, float largest) {
        for (int t = 0; t < T; t++) {
            for (int c = 0; c < C; c++) {
                double size = Math.abs((double) x[t * C + c]);
                if (Double.isNaN(size) || size > largest) {
                    return t;
                }
            }
        }
        return T;
    }

    /// One group of [#GROUP] items for each of `p[3]` shares of the rows.
    ///
    /// @param p 0 rows, 1 `C`, 2 base of `x`, 3 groups
    /// @param f 0 the largest number that is sound
    public static void grouped(KernelContext context, FloatArray x, IntArray first, IntArray p, FloatArray f) {
        int[] lowest = context.allocateIntLocalArray(GROUP);
        int lane = context.localIdx;
        int rows = p.get(0);
        int width = p.get(1);
        float largest = f.get(0);
        int found = rows;
        for (int row = context.groupIdx; row < rows; row += p.get(3)) {
            int from = p.get(2) + row * width;
            for (int c = lane; c < width; c += GROUP) {
                float size = TornadoMath.abs(x.get(from + c));
                int here = size * 0.0f == 0.0f ? rows : row; // what NaN compares to is lost on devices, but for ==
                if (size > largest) {
                    here = row;
                }
                found = TornadoMath.min(found, here);
            }
        }
        lowest[lane] = found;
        context.localBarrier();
        for (int step = GROUP / 2; step > 0; step = step / 2) {
            if (lane < step) {
                lowest[lane] = TornadoMath.min(lowest[lane], lowest[lane + step]);
            }
            context.localBarrier();
        }
        if (lane == 0) {
            first.set(context.groupIdx, lowest[0]);
        }
    }
}
