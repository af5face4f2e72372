package seer.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Stretches of device memory, filled and copied.
///
/// ## Shapes
/// | buffer | shape   | type | direction |
/// |--------|---------|------|-----------|
/// | `from` | `[any]` | f32  | in        |
/// | `to`   | `[any]` | f32  | out       |
///
/// ## Tile
///   item = element.
/// ## Formula
///   to[i] = 0;  to[i] = from[i]
/// ## Cost
///   memory-bound.
/// ## Versions
///   `reference` plain loop · `clear`, `copy` and those for integers: one item per element
public final class Move {
    private Move() {
    }

    /// The oracle: `to` with `count` elements from `begin` on replaced by those of `from`, or by 0 if that is null.
    public static double[] reference(float[] from, int at, float[] to, int begin, int count) {
        var moved = new double[to.length];
        for (int i = 0; i < to.length; i++) {
            boolean inside = i >= begin && i < begin + count;
            moved[i] = !inside ? to[i] : from == null ? 0 : from[at + i - begin];
        }
        return moved;
    }

    /// Zeroes `p[0]` elements.
    ///
    /// @param p 0 elements, 1 base of `to`
    public static void clear(KernelContext context, FloatArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(0)) {
            to.set(p.get(1) + i, 0f);
        }
    }

    /// [#clear] for integers.
    public static void clearInts(KernelContext context, IntArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(0)) {
            to.set(p.get(1) + i, 0);
        }
    }

    /// Copies `p[0]` elements.
    ///
    /// @param p 0 elements, 1 base of `from`, 2 base of `to`
    public static void copy(KernelContext context, FloatArray from, FloatArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(0)) {
            to.set(p.get(2) + i, from.get(p.get(1) + i));
        }
    }

    /// [#copy] for integers.
    public static void copyInts(KernelContext context, IntArray from, IntArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(0)) {
            to.set(p.get(2) + i, from.get(p.get(1) + i));
        }
    }
}
