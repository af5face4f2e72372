package seer.model.backend.tornado.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import seer.kernels.Move;
import seer.model.backend.ElementType;
import seer.model.backend.tornado.sdk.Installation;
import seer.sim.Fault;
import seer.sim.KernelFault;
import seer.sim.Mutation;
import seer.sim.Settings;
import seer.sim.Simulator;
import seer.sim.Unwritten;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// In a bank that many tensors share, the simulator tells what nobody wrote from what happens to be zero. Only on the
/// simulator.
class BlankTest {
    private static final int COUNT = 8;

    private Device device;
    private DeviceArena arena;

    @BeforeEach
    void open() {
        device = new Device(Installation.open(), Device.LARGEST_BANK);
        arena = DeviceArena.of(null, device, ElementType.F32);
    }

    @AfterEach
    void close() {
        arena.close();
        device.close();
    }

    private float[] copied(Place from, int count) {
        var to = new FloatArray(COUNT);
        var copy = device.operation("copy out", () -> new Operation("copy out").fetches(to)
                .step((graph, id, step) -> graph.task(id, Move::copy, new KernelContext(), step.floats(Move.P_FROM),
                        to, step.p())));
        copy.step(0).put(Move.P_COUNT, count).put(Move.P_FROM, from).put(Move.P_TO, 0).items(count);
        device.run(copy);
        return to.toHeapArray();
    }

    private void assertUnwritten(Place at, int count, int element) {
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
        DeviceTensor tensor = arena.tensor(COUNT);
        assertUnwritten(tensor.at(0), COUNT, tensor.at(0).first());
    }

    @Test
    void zerosThatWereAskedForAreRead() {
        assertArrayEquals(new float[COUNT], copied(arena.allocate(COUNT).at(0), COUNT));
        assertArrayEquals(new float[COUNT], copied(arena.allocate(COUNT).at(0), COUNT));
    }

    @Test
    void aStretchThatChangedHandsHasNoValueAgain() {
        var values = new float[] {1, 2, 3, 4, 5, 6, 7, 8};
        Place first;
        try (DeviceArena prompt = arena.within("its prompt")) {
            first = prompt.floats(values);
            assertArrayEquals(values, copied(first, COUNT));
        }
        try (DeviceArena prompt = arena.within("its prompt")) {
            DeviceTensor next = prompt.tensor(COUNT);
            assertEquals(first, next.at(0));
            assertUnwritten(first, COUNT, first.first());
        }
    }

    @Test
    void banksThatAreAddedKeepWhatHasNoValueApart() {
        DeviceTensor tensor = arena.tensor(COUNT);
        device.staging().clear(tensor.at(0), COUNT / 2);
        int more = tensor.at(0).bank().size();
        arena.allocate(more);
        copied(tensor.at(0), COUNT / 2);
        assertUnwritten(tensor.at(0), COUNT, tensor.at(COUNT / 2).first());
    }

    /// The mutation reads one element too far, which lies in nobody's tensor.
    @Test
    void aKernelThatLeavesItsTensorIsNoticed() {
        DeviceTensor tensor = arena.allocate(COUNT);
        copied(tensor.at(0), COUNT);
        Simulator.with(Settings.DEFAULT.withMutation(Mutation.shiftedIndex(3)),
                () -> assertUnwritten(tensor.at(0), COUNT, tensor.at(COUNT).first()));
    }
}
