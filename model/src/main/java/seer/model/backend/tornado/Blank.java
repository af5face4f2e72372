package seer.model.backend.tornado;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// Makes visible which elements of the shared buffers nobody wrote: on the simulator they hold a value that says so,
/// from the start and whenever a stretch is taken over from an earlier owner, and a kernel that reads one is at fault.
/// On a device they hold whatever is there, and nothing is done.
record Blank(Device device, boolean simulated) {
    /// The bits of `seer.sim.Unwritten`, which this module does not see.
    static final int BITS = 0xFFC5_1E57;

    /// A new buffer without values.
    <A extends TornadoNativeArray> A buffer(A array) {
        if (simulated) {
            MemorySegment elements = array.getSegment();
            for (long at = 0; at < elements.byteSize(); at += Integer.BYTES) {
                elements.set(ValueLayout.JAVA_INT_UNALIGNED, at, BITS);
            }
        }
        return array;
    }

    /// A stretch of the tensor buffer has a new owner.
    void tensor(int at, int count) {
        if (simulated && device.tensors().array() != null) {
            Operation blank = device.operation("blank", () -> new Operation("blank").step((graph, id, step) ->
                    graph.task(id, Blank::floats, new KernelContext(), device.tensors().array(), step.p())));
            blank.step(0).set(count, at).items(count);
            device.run(blank);
        }
    }

    /// A stretch of the integer buffer has a new owner.
    void integers(int at, int count) {
        if (simulated && device.integers().array() != null) {
            Operation blank = device.operation("blank integers", () -> new Operation("blank integers")
                    .step((graph, id, step) -> graph.task(id, Blank::ints, new KernelContext(),
                            device.integers().array(), step.p())));
            blank.step(0).set(count, at).items(count);
            device.run(blank);
        }
    }

    /// @param p 0 elements, 1 the first one
    static void floats(KernelContext context, FloatArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(0)) {
            to.set(p.get(1) + i, Float.intBitsToFloat(BITS));
        }
    }

    static void ints(KernelContext context, IntArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(0)) {
            to.set(p.get(1) + i, BITS);
        }
    }
}
