package seer.model.backend.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import seer.kernels.Move;
import seer.sim.Fault;
import seer.sim.KernelFault;
import seer.sim.Mutation;
import seer.sim.Settings;
import seer.sim.Simulator;
import seer.sim.Unwritten;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// In the one buffer that all tensors share, the simulator tells what nobody wrote from what happens to be zero. Only
/// on the simulator.
class BlankTest {
    private static final int COUNT = 8;

    private Device device;

    @BeforeEach
    void open() {
        var installation = Installation.open();
        device = new Device(installation.device(), installation.simulated());
    }

    @AfterEach
    void close() {
        device.close();
    }

    private float[] copied(int from, int count) {
        var to = new FloatArray(COUNT);
        var copy = device.operation("copy out", () -> new Operation("copy out").fetches(to)
                .step((graph, id, step) -> graph.task(id, Move::copy, new KernelContext(), device.tensors().array(),
                        to, step.p())));
        copy.step(0).set(count, from, 0).items(count);
        device.run(copy);
        return to.toHeapArray();
    }

    private void assertUnwritten(int at, int count, int element) {
        var fault = assertThrows(KernelFault.class, () -> copied(at, count));
        assertEquals(Fault.UNWRITTEN_GLOBAL, fault.fault(), fault.getMessage());
        assertEquals("from", fault.place().buffer());
        assertEquals(element, fault.place().index());
    }

    @Test
    void theSimulatorKnowsTheBitsOfTheBackend() {
        assertEquals(Unwritten.BITS, Blank.BITS);
    }

    @Test
    void aTensorThatNobodyWroteIsNotRead() {
        var tensor = new DeviceTensor(device, COUNT, COUNT);
        assertUnwritten(tensor.offset(), COUNT, tensor.offset());
    }

    @Test
    void zerosThatWereAskedForAreRead() {
        var early = new DeviceTensor(device, COUNT, COUNT);
        device.clear(early.offset(), COUNT);
        assertArrayEquals(new float[COUNT], copied(early.offset(), COUNT));
        var late = new DeviceTensor(device, COUNT, COUNT);
        device.clear(late.offset(), COUNT);
        assertArrayEquals(new float[COUNT], copied(late.offset(), COUNT));
    }

    @Test
    void aStretchThatChangedHandsHasNoValueAgain() {
        int first = device.tensors().take(COUNT, null);
        device.write(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, first);
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, copied(first, COUNT));
        device.tensors().give(first, COUNT);
        var next = new DeviceTensor(device, COUNT, COUNT);
        assertEquals(first, next.offset());
        assertUnwritten(first, COUNT, first);
    }

    @Test
    void growingBuffersKeepWhatHasNoValueApart() {
        var tensor = new DeviceTensor(device, COUNT, COUNT);
        device.clear(tensor.offset(), COUNT / 2);
        copied(tensor.offset(), COUNT / 2);
        int size = device.tensors().array().getSize();
        var large = new DeviceTensor(device, size, size);
        device.clear(large.offset(), size);
        copied(tensor.offset(), COUNT / 2);
        assertUnwritten(tensor.offset(), COUNT, tensor.offset() + COUNT / 2);
    }

    /// The mutation reads one element too far, which lies in nobody's tensor.
    @Test
    void aKernelThatLeavesItsTensorIsNoticed() {
        var tensor = new DeviceTensor(device, COUNT, COUNT);
        device.clear(tensor.offset(), COUNT);
        copied(tensor.offset(), COUNT);
        Simulator.with(Settings.DEFAULT.withMutation(Mutation.shiftedIndex(3)),
                () -> assertUnwritten(tensor.offset(), COUNT, tensor.offset() + COUNT));
    }
}
