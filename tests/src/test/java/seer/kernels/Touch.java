package seer.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/// Kernels that read a buffer and write it, and change nothing.
///
/// TornadoVM looks at what a kernel does with an array: one that is only written is not copied to the device, so what
/// stands around the result is whatever was there. With such a kernel in front of it in the graph it is copied.
final class Touch {
    private Touch() { }

    static TaskGraph add(TaskGraph graph, String id, Object array) {
        return switch (array) {
            case IntArray ints -> graph.task(id, Touch::integers, new KernelContext(), ints);
            case FloatArray floats -> graph.task(id, Touch::floats, new KernelContext(), floats);
            case ShortArray halves -> graph.task(id, Touch::halves, new KernelContext(), halves);
            default -> throw new AssertionError("no kernel touches a " + array.getClass().getSimpleName());
        };
    }

    /// One item.
    public static void integers(KernelContext context, IntArray array) {
        int i = context.globalIdx;
        array.set(i, array.get(i));
    }

    /// One item.
    public static void floats(KernelContext context, FloatArray array) {
        int i = context.globalIdx;
        array.set(i, array.get(i));
    }

    /// One item.
    public static void halves(KernelContext context, ShortArray array) {
        int i = context.globalIdx;
        array.set(i, array.get(i));
    }
}
