package seer.sim;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What stands in the place of `seer.warp.Quad`: four elements of a buffer at once.
public final class QuadModel {

    private QuadModel() {
    }

    public static void get(FloatArray from, int at, float[] to, int ti) {
        requireAligned(from, at);
        to[ti] = from.get(at);
        to[ti + 1] = from.get(at + 1);
        to[ti + 2] = from.get(at + 2);
        to[ti + 3] = from.get(at + 3);
    }

    public static void put(FloatArray to, int at, float a, float b, float c, float d) {
        requireAligned(to, at);
        to.set(at, a);
        to.set(at + 1, b);
        to.set(at + 2, c);
        to.set(at + 3, d);
    }

    public static void putInts(IntArray to, int at, int a, int b, int c, int d) {
        requireAligned(to, at);
        to.set(at, a);
        to.set(at + 1, b);
        to.set(at + 2, c);
        to.set(at + 3, d);
    }

    /// In memory each sum is a step of its own, which may meet other sums.
    public static void add(FloatArray to, int at, float a, float b, float c, float d) {
        requireAligned(to, at);
        WorkGroup group = SimulatorThread.group();
        group.current().atomically(to, () -> {
            to.set(at, to.get(at) + a);
            to.set(at + 1, to.get(at + 1) + b);
            to.set(at + 2, to.get(at + 2) + c);
            to.set(at + 3, to.get(at + 3) + d);
        });
    }

    private static void requireAligned(Object to, int at) {
        if ((at & 3) != 0) {
            WorkGroup group = SimulatorThread.group();
            throw new KernelFault(Fault.MISALIGNED_TILE, group.place(group.item, group.launch.bufferName(to), at),
                    "four elements begin at one that is no multiple of 4");
        }
    }
}
