package seer.model.backend.tornado;

import seer.kernels.Move;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The way into buffers that already lie on the device: a small buffer is sent, a kernel copies it to its place.
final class Staging {
    private static final int ROOM = 1 << 16;

    private final Device device;
    private final FloatArray floats = new FloatArray(ROOM);
    private final IntArray ints = new IntArray(ROOM);

    Staging(Device device) {
        this.device = device;
    }

    /// Writes into the tensor buffer.
    void tensors(float[] values, int at) {
        write(device.operation("write", () -> new Operation("write").sends(floats)
                .step((graph, id, step) -> graph.task(id, Move::copy, new KernelContext(), floats,
                        device.tensors().array(), step.p()))), values, at);
    }

    /// Writes into the weight buffer.
    void weights(float[] values, int at) {
        write(device.operation("write weights", () -> new Operation("write weights").sends(floats)
                .step((graph, id, step) -> graph.task(id, Move::copy, new KernelContext(), floats,
                        device.weights().array(), step.p()))), values, at);
    }

    private void write(Operation write, float[] values, int at) {
        for (int from = 0; from < values.length; from += ROOM) {
            int count = Math.min(ROOM, values.length - from);
            for (int i = 0; i < count; i++) {
                floats.set(i, values[from + i]);
            }
            write.step(0).set(count, 0, at + from).items(count);
            device.run(write);
        }
    }

    /// Writes into the integer buffer.
    void integers(int[] values, int at) {
        Operation write = device.operation("write integers", () -> new Operation("write integers").sends(ints)
                .step((graph, id, step) -> graph.task(id, Move::copyInts, new KernelContext(), ints,
                        device.integers().array(), step.p())));
        for (int from = 0; from < values.length; from += ROOM) {
            int count = Math.min(ROOM, values.length - from);
            for (int i = 0; i < count; i++) {
                ints.set(i, values[from + i]);
            }
            write.step(0).set(count, 0, at + from).items(count);
            device.run(write);
        }
    }

    /// Zeroes a stretch of the tensor buffer.
    void clear(int at, int count) {
        Operation clear = device.operation("clear", () -> new Operation("clear")
                .step((graph, id, step) -> graph.task(id, Move::clear, new KernelContext(), device.tensors().array(),
                        step.p())));
        clear.step(0).set(count, at).items(count);
        device.run(clear);
    }
}
