package seer.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.sim.Launches.counting;
import static seer.sim.Launches.row;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.FIRST_EXECUTION;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.UNDER_DEMAND;

import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Transfers, graphs and grids: the device has what was sent there, and nothing else.
class PlanTest {

    private static final float[] TWICE = {2, 4, 6, 8};

    private static TaskGraph twice(String name, FloatArray in, FloatArray out) {
        return new TaskGraph(name).task("t", Correct::twice, new KernelContext(), in, out);
    }

    private static TornadoExecutionPlan plan(TaskGraph... graphs) {
        GridScheduler grids = new GridScheduler();
        for (TaskGraph graph : graphs) {
            grids.addWorkerGrid(graph.getTaskGraphName() + ".t", row(4, 2));
        }
        return new TornadoExecutionPlan(Stream.of(graphs).map(TaskGraph::snapshot)
                .toArray(ImmutableTaskGraph[]::new))
                .withGridScheduler(grids);
    }

    private static Fault faultOf(TornadoExecutionPlan plan) {
        return assertThrows(KernelFault.class, plan::execute).fault();
    }

    @Test
    void aFirstExecutionTransferHappensOnce() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(twice("a", in, out)
                .transferToDevice(FIRST_EXECUTION, in).transferToHost(EVERY_EXECUTION, out));
        plan.execute();
        in.init(100.0f);
        plan.execute();
        assertArrayEquals(TWICE, out.toHeapArray());
    }

    @Test
    void anEveryExecutionTransferHappensAgain() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(twice("a", in, out)
                .transferToDevice(EVERY_EXECUTION, in).transferToHost(EVERY_EXECUTION, out));
        plan.execute();
        in.init(100.0f);
        plan.execute();
        assertArrayEquals(new float[] {200, 200, 200, 200}, out.toHeapArray());
    }

    @Test
    void freedMemoryIsFilledAgain() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(twice("a", in, out)
                .transferToDevice(FIRST_EXECUTION, in).transferToHost(EVERY_EXECUTION, out));
        plan.execute();
        in.init(100.0f);
        plan.freeDeviceMemory().execute();
        assertEquals(200.0f, out.get(0));
    }

    @Test
    void aResultUnderDemandStaysOnTheDevice() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(twice("a", in, out)
                .transferToDevice(EVERY_EXECUTION, in).transferToHost(UNDER_DEMAND, out));
        var result = plan.execute();
        assertArrayEquals(new float[4], out.toHeapArray());
        result.transferToHost(out);
        assertArrayEquals(TWICE, out.toHeapArray());
    }

    @Test
    void aRangeUnderDemandComesAlone() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(twice("a", in, out)
                .transferToDevice(EVERY_EXECUTION, in).transferToHost(UNDER_DEMAND, out));
        plan.execute().transferToHost(new DataRange(out).withOffset(1).withSize(2));
        assertArrayEquals(new float[] {0, 4, 6, 0}, out.toHeapArray());
    }

    @Test
    void aPersistedBufferReachesTheNextGraph() {
        FloatArray in = counting(4);
        FloatArray middle = new FloatArray(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(
                twice("a", in, middle).transferToDevice(EVERY_EXECUTION, in).persistOnDevice(middle),
                twice("b", middle, out).consumeFromDevice("a", middle)
                        .transferToHost(EVERY_EXECUTION, out));
        plan.withGraph(0).execute();
        plan.withGraph(1).execute();
        assertArrayEquals(new float[] {4, 8, 12, 16}, out.toHeapArray());
        assertArrayEquals(new float[4], middle.toHeapArray());
    }

    @Test
    void aBufferIsConsumedOnlyFromTheGraphThatRanBefore() {
        FloatArray in = counting(4);
        FloatArray middle = new FloatArray(4);
        FloatArray other = new FloatArray(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(
                twice("a", in, middle).transferToDevice(EVERY_EXECUTION, in).persistOnDevice(middle),
                twice("b", in, other).transferToDevice(EVERY_EXECUTION, in)
                        .transferToHost(EVERY_EXECUTION, other),
                twice("c", middle, out).consumeFromDevice("a", middle)
                        .transferToHost(EVERY_EXECUTION, out));
        plan.withGraph(0).execute();
        plan.withGraph(1).execute();
        assertEquals(Fault.NOT_ON_DEVICE, faultOf(plan.withGraph(2)));
    }

    @Test
    void graphsOfOneExecutionConsumeNothingFromEachOther() {
        FloatArray in = counting(4);
        FloatArray middle = new FloatArray(4);
        FloatArray out = new FloatArray(4);
        assertEquals(Fault.NOT_ON_DEVICE, faultOf(plan(
                twice("a", in, middle).transferToDevice(EVERY_EXECUTION, in).persistOnDevice(middle),
                twice("b", middle, out).consumeFromDevice("a", middle)
                        .transferToHost(EVERY_EXECUTION, out))));
    }

    @Test
    void graphsDoNotShareBuffersByThemselves() {
        FloatArray in = counting(4);
        FloatArray middle = new FloatArray(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(
                twice("a", in, middle).transferToDevice(EVERY_EXECUTION, in).persistOnDevice(middle),
                twice("b", middle, out).transferToDevice(FIRST_EXECUTION, middle)
                        .transferToHost(EVERY_EXECUTION, out));
        plan.execute();
        assertArrayEquals(new float[4], out.toHeapArray());
    }

    @Test
    void aBufferThatNoTransferListsIsAFault() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        assertEquals(Fault.UNLISTED_BUFFER,
                faultOf(plan(twice("a", in, out).transferToHost(EVERY_EXECUTION, out))));
    }

    @Test
    void aBufferThatIsWrittenIsNotPassedAgain() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        FloatArray other = new FloatArray(4);
        assertPassedAgain("whole", "rest", out, out, in);
        assertPassedAgain("whole", "in", out, other, out);
        assertPassedAgain("rest", "in", out, in, in);
        Launches.run(row(4, 4), divided(out, other, in));
        assertArrayEquals(new float[] {0, 1, 3, 4}, out.toHeapArray());
        FloatArray both = counting(4);
        Launches.run(row(4, 4), g -> g.transferToDevice(EVERY_EXECUTION, both)
                .task("t", Correct::twice, new KernelContext(), both, both).transferToHost(EVERY_EXECUTION, both));
        assertArrayEquals(new float[] {2, 4, 6, 8}, both.toHeapArray(), "what is read first may be written");
    }

    private static Consumer<TaskGraph> divided(FloatArray whole, FloatArray rest, FloatArray in) {
        return g -> g.transferToDevice(EVERY_EXECUTION, whole, rest, in)
                .task("t", Correct::divided, new KernelContext(), whole, rest, in)
                .transferToHost(EVERY_EXECUTION, whole);
    }

    private static void assertPassedAgain(String first, String second, FloatArray whole, FloatArray rest,
                                          FloatArray in) {
        KernelFault fault = Launches.fault(row(4, 4), divided(whole, rest, in));
        assertEquals(Fault.BUFFER_PASSED_AGAIN, fault.fault(), fault.getMessage());
        assertEquals(first, fault.place().buffer());
        assertTrue(fault.getMessage().contains("also passed as " + second), fault.getMessage());
    }

    @Test
    void aGlobalSizeHasToBeAMultipleOfTheLocalSize() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        TaskGraph graph = twice("a", in, out).transferToDevice(EVERY_EXECUTION, in)
                .transferToHost(EVERY_EXECUTION, out);
        assertEquals(Fault.GRID_NOT_DIVISIBLE, faultOf(new TornadoExecutionPlan(graph.snapshot())
                .withGridScheduler(new GridScheduler("a.t", row(4, 3)))));
    }

    @Test
    void aGridForAnUnknownTaskIsAFault() {
        TaskGraph graph = twice("a", counting(4), counting(4));
        TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot());
        GridScheduler grids = new GridScheduler("a.typo", row(4, 2));
        assertEquals(Fault.UNKNOWN_TASK, assertThrows(KernelFault.class,
                () -> plan.withGridScheduler(grids)).fault());
    }

    @Test
    void aTaskWithAContextNeedsAGrid() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        TaskGraph graph = twice("a", in, out).transferToDevice(EVERY_EXECUTION, in)
                .transferToHost(EVERY_EXECUTION, out);
        assertEquals(Fault.UNKNOWN_TASK, faultOf(new TornadoExecutionPlan(graph.snapshot())));
    }

    @Test
    void aParallelLoopNeedsNoGrid() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        TaskGraph graph = new TaskGraph("a").transferToDevice(EVERY_EXECUTION, in)
                .task("t", Correct::twiceInALoop, in, out).transferToHost(EVERY_EXECUTION, out);
        new TornadoExecutionPlan(graph.snapshot()).execute();
        assertArrayEquals(TWICE, out.toHeapArray());
    }

    @Test
    void taskNamesAreUnique() {
        TaskGraph graph = twice("a", counting(4), counting(4));
        assertThrows(TornadoTaskRuntimeException.class, () -> graph.task("t", Correct::twice,
                new KernelContext(), counting(4), counting(4)));
    }

    @Test
    void theDevicesMemoryIsLimited() {
        String property = "tornado.device.memory";
        System.setProperty(property, "1KB");
        try {
            FloatArray in = counting(400);
            TaskGraph graph = twice("a", in, in).transferToDevice(EVERY_EXECUTION, in);
            String message = assertThrows(TornadoOutOfMemoryException.class,
                    plan(graph)::execute).getMessage();
            assertTrue(message.contains(property), message);
        } finally {
            System.clearProperty(property);
        }
    }

    @Test
    void aBufferSharedByTwoGraphsIsCountedOnce() {
        FloatArray in = counting(4);
        FloatArray middle = new FloatArray(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(
                twice("a", in, middle).transferToDevice(FIRST_EXECUTION, in).persistOnDevice(middle),
                twice("b", middle, out).consumeFromDevice("a", middle)
                        .transferToHost(EVERY_EXECUTION, out));
        plan.withGraph(0).execute();
        plan.withGraph(1).execute();
        assertEquals(3 * out.getNumBytesOfSegmentWithHeader(), plan.getCurrentDeviceMemoryUsage());
        plan.withAllGraphs().freeDeviceMemory();
        assertEquals(0, plan.getCurrentDeviceMemoryUsage());
    }

    /// What the first graph left in `bank` is what the second finds in its own few elements, and its results go there.
    @Test
    void aMappedBufferIsTheOtherGraphsMemory() {
        FloatArray bank = new FloatArray(100);
        FloatArray in = counting(4);
        FloatArray slot = new FloatArray(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(
                twice("a", in, bank).transferToDevice(EVERY_EXECUTION, in).persistOnDevice(bank),
                twice("b", slot, out).transferToDevice(UNDER_DEMAND, slot).transferToHost(EVERY_EXECUTION, out),
                twice("c", in, slot).transferToDevice(EVERY_EXECUTION, in).transferToDevice(UNDER_DEMAND, slot));
        plan.withGraph(0).execute();
        plan.mapOnDeviceMemoryRegion(slot, bank, 0, 0, 1);
        plan.withGraph(1).execute();
        assertArrayEquals(new float[] {4, 8, 12, 16}, out.toHeapArray());
        plan.mapOnDeviceMemoryRegion(slot, bank, 0, 0, 2);
        in.init(100);
        plan.withGraph(2).execute();
        plan.withGraph(1).execute();
        assertArrayEquals(new float[] {400, 400, 400, 400}, out.toHeapArray());
        assertArrayEquals(new float[100], bank.toHeapArray());
    }

    /// As the device does not care what type an array was when it was allocated.
    @Test
    void elementsOfOneSizeMayBeMappedOntoOthers() {
        FloatArray bank = new FloatArray(4);
        FloatArray in = counting(4);
        IntArray slot = new IntArray(2);
        IntArray out = new IntArray(4);
        TaskGraph bits = new TaskGraph("b").transferToDevice(UNDER_DEMAND, slot)
                .task("t", Correct::copiedBits, new KernelContext(), slot, out).transferToHost(EVERY_EXECUTION, out);
        TornadoExecutionPlan plan = plan(
                twice("a", in, bank).transferToDevice(EVERY_EXECUTION, in).persistOnDevice(bank), bits);
        plan.withGraph(0).execute();
        plan.mapOnDeviceMemoryRegion(slot, bank, 0, 0, 1);
        plan.withGraph(1).execute();
        for (int i = 0; i < 4; i++) {
            assertEquals(Float.floatToRawIntBits(TWICE[i]), out.get(i));
        }
    }

    @Test
    void mappingSelectsAllGraphs() {
        FloatArray bank = new FloatArray(4);
        FloatArray in = counting(4);
        FloatArray slot = new FloatArray(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(
                twice("a", in, bank).transferToDevice(EVERY_EXECUTION, in).persistOnDevice(bank),
                twice("b", slot, out).transferToDevice(UNDER_DEMAND, slot).transferToHost(EVERY_EXECUTION, out));
        plan.withGraph(0).execute();
        plan.mapOnDeviceMemoryRegion(slot, bank, 0, 0, 1);
        in.init(100);
        plan.execute();
        assertArrayEquals(new float[] {400, 400, 400, 400}, out.toHeapArray());
    }

    @Test
    void whatCannotBeMappedIsAFault() {
        FloatArray bank = new FloatArray(4);
        FloatArray in = counting(4);
        FloatArray slot = new FloatArray(4);
        FloatArray out = new FloatArray(4);
        TornadoExecutionPlan plan = plan(
                twice("a", in, bank).transferToDevice(EVERY_EXECUTION, in).persistOnDevice(bank),
                twice("b", slot, out).transferToDevice(UNDER_DEMAND, slot).transferToHost(EVERY_EXECUTION, out));
        assertEquals(Fault.NOT_ON_DEVICE, mappingFault(plan, slot, bank, 0));
        plan.withGraph(0).execute();
        assertEquals(Fault.UNSUPPORTED, mappingFault(plan, slot, bank, 1));
        assertEquals(Fault.UNLISTED_BUFFER, mappingFault(plan, in, bank, 0));
        assertEquals(Fault.UNSUPPORTED, mappingFault(plan, new IntArray(4), "bank", 0));
        assertEquals(Fault.UNLISTED_BUFFER, mappingFault(plan, new IntArray(4), bank, 0));
        plan.mapOnDeviceMemoryRegion(slot, bank, 0, 0, 1);
        plan.withGraph(0).freeDeviceMemory();
        assertEquals(Fault.NOT_ON_DEVICE, faultOf(plan.withGraph(1)));
        assertEquals(Fault.NOT_ON_DEVICE, mappingFault(plan, slot, bank, 0));
    }

    private static Fault mappingFault(TornadoExecutionPlan plan, Object slot, Object bank, long offset) {
        return assertThrows(KernelFault.class, () -> plan.mapOnDeviceMemoryRegion(slot, bank, offset, 0, 1)).fault();
    }

    @Test
    void nothingComesToTheDeviceUnderDemand() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        assertEquals(Fault.UNWRITTEN_GLOBAL, faultOf(plan(twice("a", in, out).transferToDevice(UNDER_DEMAND, in)
                .transferToHost(EVERY_EXECUTION, out))));
    }

    @Test
    void memoryBelongsToTheGraphWhateverPlanRunsIt() {
        FloatArray in = counting(4);
        FloatArray out = new FloatArray(4);
        var graph = twice("a", in, out).transferToDevice(FIRST_EXECUTION, in).transferToHost(EVERY_EXECUTION, out)
                .snapshot();
        var grids = new GridScheduler("a.t", row(4, 2));
        var first = new TornadoExecutionPlan(graph);
        first.withGridScheduler(grids).execute();
        in.init(100);
        var second = new TornadoExecutionPlan(graph);
        second.withGridScheduler(grids).execute();
        assertArrayEquals(TWICE, out.toHeapArray());
        assertTrue(second.getCurrentDeviceMemoryUsage() > 0);
        second.freeDeviceMemory();
        assertEquals(0, first.getCurrentDeviceMemoryUsage());
    }

    @Test
    void theDeviceIsNamedSimulator() {
        assertEquals(Simulator.NAME, TornadoExecutionPlan.getDevice(0, 0).getDeviceName());
        assertEquals(Simulator.NAME,
                TornadoExecutionPlan.getTornadoDeviceMap().getAllBackends().getFirst().getName());
    }
}
