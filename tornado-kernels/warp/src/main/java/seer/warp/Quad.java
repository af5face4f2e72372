package seer.warp;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Sixteen bytes of global memory at once: four neighbouring elements from a multiple of four on.
///
/// An instruction reaches up to 32 lines of memory, one for each lane, and what it costs is lines more than bytes:
/// where lanes hold two elements each of many rows, it pays to exchange them ([Warp#exchange]) until each has four of
/// one, and where they read a few elements of many rows, to read four at once. None of these is collective.
public final class Quad {
    private Quad() { }

    /// Reads four floats (`ld.global.v4.f32`).
    ///
    /// @param to four floats from `ti` on
    public static void get(FloatArray from, int at, float[] to, int ti) {
        throw Kernels.only();
    }

    /// Writes four floats (`st.global.v4.f32`).
    public static void put(FloatArray to, int at, float a, float b, float c, float d) {
        throw Kernels.only();
    }

    /// Writes four ints (`st.global.v4.b32`).
    public static void putInts(IntArray to, int at, int a, int b, int c, int d) {
        throw Kernels.only();
    }

    /// Adds to four floats where they lie: nobody waits for what was there (`red.global.add.v4.f32`, sm_90).
    public static void add(FloatArray to, int at, float a, float b, float c, float d) {
        throw Kernels.only();
    }
}
