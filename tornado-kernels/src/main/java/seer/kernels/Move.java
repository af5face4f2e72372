package seer.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/// Stretches of device memory, filled and copied.
///
/// ## Shapes
/// | buffer | shape   | type           | direction |
/// |--------|---------|----------------|-----------|
/// | `from` | `[any]` | f32, bf16, i32 | in        |
/// | `to`   | `[any]` | f32, bf16, i32 | out       |
///
/// | `p[...]`  | meaning                 |
/// |-----------|-------------------------|
/// | `P_COUNT` | elements                |
/// | `P_FROM`  | first element of `from` |
/// | `P_TO`    | first element of `to`   |
///
/// ## Tile
///   item = element.
/// ## Formula
///   to[i] = 0;  to[i] = from[i]
/// ## Cost
///   memory-bound.
/// ## Versions
///   `reference` plain loop · `clear`, `copy` and those for integers and for halves of floats, `widen` from halves to
///   floats: one item per element
public final class Move {
    public static final int P_COUNT = 0;
    public static final int P_FROM = 1;
    public static final int P_TO = 2;

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

    /// Zeroes elements; `P_FROM` is not read.
    public static void clear(KernelContext context, FloatArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(P_COUNT)) {
            to.set(p.get(P_TO) + i, 0f);
        }
    }

    /// [#clear] for integers.
    public static void clearInts(KernelContext context, IntArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(P_COUNT)) {
            to.set(p.get(P_TO) + i, 0);
        }
    }

    /// Copies elements.
    public static void copy(KernelContext context, FloatArray from, FloatArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(P_COUNT)) {
            to.set(p.get(P_TO) + i, from.get(p.get(P_FROM) + i));
        }
    }

    /// [#copy] for integers.
    public static void copyInts(KernelContext context, IntArray from, IntArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(P_COUNT)) {
            to.set(p.get(P_TO) + i, from.get(p.get(P_FROM) + i));
        }
    }

    /// Copies halves of floats as whole ones: the upper 16 bits of 32.
    ///
    /// @param to the memory of floats, as integers
    public static void widen(KernelContext context, ShortArray from, IntArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(P_COUNT)) {
            to.set(p.get(P_TO) + i, from.get(p.get(P_FROM) + i) << 16);
        }
    }
}
