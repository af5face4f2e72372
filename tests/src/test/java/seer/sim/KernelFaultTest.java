package seer.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.sim.Launches.counting;
import static seer.sim.Launches.row;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import org.junit.jupiter.api.Test;
import seer.sim.KernelFault.Place;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task2;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Each mistake a kernel can make ends in a fault of the right kind, at the right place.
class KernelFaultTest {

    private static KernelFault fault(Task2<KernelContext, FloatArray> kernel, int items) {
        FloatArray out = new FloatArray(items);
        return Launches.fault(row(items, 8), g -> g
                .task("t", kernel, new KernelContext(), out)
                .transferToHost(EVERY_EXECUTION, out));
    }

    private static KernelFault fault(Task3<KernelContext, FloatArray, FloatArray> kernel) {
        FloatArray in = counting(16);
        FloatArray out = new FloatArray(16);
        return Launches.fault(row(16, 8), g -> g.transferToDevice(EVERY_EXECUTION, in)
                .task("t", kernel, new KernelContext(), in, out)
                .transferToHost(EVERY_EXECUTION, out));
    }

    private static void assertFault(Fault kind, String kernel, int group, int item, String buffer,
            long index, KernelFault actual) {
        assertEquals(kind, actual.fault(), actual.getMessage());
        assertEquals(new Place("g.t (" + kernel + ")", group, item, buffer, index), actual.place(),
                actual.getMessage());
    }

    @Test
    void anItemThatEndsWhileOthersWaitIsNamed() {
        KernelFault fault = fault(Faulty::someItemsSkipTheBarrier, 8);
        assertFault(Fault.DIVERGENT_BARRIER, "someItemsSkipTheBarrier", 0, 0, null, -1, fault);
        assertTrue(fault.getMessage().contains("item 5 has ended"), fault.getMessage());
    }

    @Test
    void itemsAtTwoBarriersAreNamed() {
        KernelFault fault = fault(Faulty::itemsWaitAtTwoBarriers, 8);
        assertEquals(Fault.DIVERGENT_BARRIER, fault.fault());
        assertTrue(fault.getMessage().matches(".*of line \\d+ while item .*of line \\d+"),
                fault.getMessage());
    }

    @Test
    void aReadPastTheEndNamesTheBuffer() {
        assertFault(Fault.OUT_OF_RANGE, "readsPastTheEnd", 1, 7, "in", 16,
                fault(Faulty::readsPastTheEnd));
    }

    @Test
    void aNegativeIndexIsOutOfRange() {
        assertFault(Fault.OUT_OF_RANGE, "writesBeforeTheStart", 0, 0, "out", -1,
                fault(Faulty::writesBeforeTheStart, 8));
    }

    @Test
    void aLocalIndexOutOfRangeNamesTheVariable() {
        assertFault(Fault.OUT_OF_RANGE, "leavesTheLocalArray", 0, 7, "tile", 8,
                fault(Faulty::leavesTheLocalArray, 8));
    }

    @Test
    void unwrittenLocalMemoryIsNotRead() {
        assertFault(Fault.UNWRITTEN_LOCAL, "readsUnwrittenLocal", 0, 7, "tile", 7,
                fault(Faulty::readsUnwrittenLocal, 8));
    }

    @Test
    void localMemoryOfTheGroupBeforeCountsAsUnwritten() {
        KernelFault fault = fault(Faulty::readsUnwrittenLocal, 16);
        assertEquals(Fault.UNWRITTEN_LOCAL, fault.fault());
    }

    @Test
    void aMissingBarrierAfterAWriteIsARace() {
        FloatArray out = new FloatArray(8);
        Simulator.with(Settings.DEFAULT.withSchedules(Schedule.DESCENDING), () -> assertFault(
                Fault.UNWRITTEN_LOCAL, "readsTheNeighbourTooEarly", 0, 7, "tile", 0,
                Launches.fault(row(8, 8), g -> g
                        .task("t", Faulty::readsTheNeighbourTooEarly, new KernelContext(), out)
                        .transferToHost(EVERY_EXECUTION, out))));
    }

    @Test
    void aMissingBarrierBeforeAWriteIsARace() {
        assertFault(Fault.LOCAL_RACE, "overwritesWhatOthersStillRead", 0, 4, "tile", 3,
                fault(Faulty::overwritesWhatOthersStillRead, 8));
    }

    @Test
    void twoWritersOfOneLocalElementAreARace() {
        assertFault(Fault.LOCAL_RACE, "allWriteOneLocalElement", 0, 1, "tile", 3,
                fault(Faulty::allWriteOneLocalElement, 8));
    }

    @Test
    void globalMemoryWithinAGroupNeedsABarrierToo() {
        FloatArray scratch = counting(8);
        FloatArray out = new FloatArray(8);
        assertFault(Fault.GLOBAL_RACE, "exchangesThroughGlobalMemory", 0, 4, "scratch", 4,
                Launches.fault(row(8, 8), g -> g.transferToDevice(EVERY_EXECUTION, scratch)
                        .task("t", Faulty::exchangesThroughGlobalMemory, new KernelContext(),
                                scratch, out)
                        .transferToHost(EVERY_EXECUTION, out)));
    }

    @Test
    void aGlobalBarrierDoesNotOrderLocalMemory() {
        KernelFault fault = fault(Faulty::ordersLocalMemoryByAGlobalBarrier, 8);
        assertFault(Fault.WRONG_FENCE, "ordersLocalMemoryByAGlobalBarrier", 0, 0, "tile", 7, fault);
        assertTrue(fault.getMessage().matches(".*read here and written by item 7, and the barrier between, of line "
                + "\\d+, orders global memory, not local"), fault.getMessage());
        assertFault(Fault.WRONG_FENCE, "overwritesLocalMemoryBehindAGlobalBarrier", 0, 0, "tile", 0,
                fault(Faulty::overwritesLocalMemoryBehindAGlobalBarrier, 8));
    }

    @Test
    void aLocalBarrierDoesNotOrderGlobalMemory() {
        FloatArray scratch = counting(8);
        FloatArray out = new FloatArray(8);
        KernelFault fault = Launches.fault(row(8, 8), g -> g.transferToDevice(EVERY_EXECUTION, scratch)
                .task("t", Faulty::ordersGlobalMemoryByALocalBarrier, new KernelContext(), scratch, out)
                .transferToHost(EVERY_EXECUTION, out));
        assertFault(Fault.WRONG_FENCE, "ordersGlobalMemoryByALocalBarrier", 0, 0, "scratch", 7, fault);
        assertTrue(fault.getMessage().endsWith("orders local memory, not global"), fault.getMessage());
    }

    @Test
    void twoGroupsThatWriteOneElementAreNamed() {
        assertFault(Fault.GROUPS_SHARE_ELEMENT, "allGroupsWriteTheSame", 1, 0, "out", 0,
                fault(Faulty::allGroupsWriteTheSame, 16));
    }

    @Test
    void aGroupDoesNotReadWhatAnotherWrites() {
        assertFault(Fault.GROUPS_SHARE_ELEMENT, "readsTheOtherGroupsOutput", 1, 0, "out", 0,
                fault(Faulty::readsTheOtherGroupsOutput, 16));
    }

    /// The group that writes has read the element too, after the others: its own read must not hide theirs.
    @Test
    void aGroupDoesNotWriteWhatAnEarlierOneRead() {
        for (Schedule schedule : new Schedule[] {Schedule.ASCENDING, Schedule.DESCENDING}) {
            Simulator.with(Settings.DEFAULT.withSchedules(schedule), () -> assertEquals(
                    Fault.GROUPS_SHARE_ELEMENT, fault(Faulty::writesWhatEarlierGroupsRead).fault()));
        }
        assertFault(Fault.GROUPS_SHARE_ELEMENT, "writesWhatEarlierGroupsRead", 1, 0, "shared", 0,
                fault(Faulty::writesWhatEarlierGroupsRead));
    }

    @Test
    void atomicAdditionsOfOtherGroupsAreNotLookedAt() {
        assertFault(Fault.GROUPS_SHARE_ELEMENT, "looksAtACounterOfAllGroups", 1, 0, "counter", 0,
                faultOfCounter(Faulty::looksAtACounterOfAllGroups));
        assertFault(Fault.GROUPS_SHARE_ELEMENT, "looksAtACounterBeforeItsTurn", 1, 0, "counter", 0,
                faultOfCounter(Faulty::looksAtACounterBeforeItsTurn));
    }

    private static KernelFault faultOfCounter(Task3<KernelContext, IntArray, IntArray> kernel) {
        IntArray counter = new IntArray(1);
        IntArray out = new IntArray(16);
        return Launches.fault(row(16, 8), g -> g.transferToDevice(EVERY_EXECUTION, counter)
                .task("t", kernel, new KernelContext(), counter, out)
                .transferToHost(EVERY_EXECUTION, out));
    }

    @Test
    void privateArraysHaveNoValueBeforeOneIsGiven() {
        KernelFault fault = fault(Faulty::addsToAnUnclearedPrivateArray);
        assertFault(Fault.UNWRITTEN_PRIVATE, "addsToAnUnclearedPrivateArray", 0, 0, "a private array", 3, fault);
        assertTrue(fault.getMessage().matches(".*nobody gave this element a value, read in line \\d+"),
                fault.getMessage());
        assertFault(Fault.UNWRITTEN_PRIVATE, "readsAnUnclearedPrivateCount", 0, 4, "a private array", 0,
                fault(Faulty::readsAnUnclearedPrivateCount, 8));
    }

    /// Of 256 bytes one looks like no value: it counts as given all the same.
    @Test
    void smallPrivateElementsAreToldApartToo() {
        assertFault(Fault.UNWRITTEN_PRIVATE, "readsUnclearedPrivateBytes", 0, 0, "a private array", 1,
                fault(Faulty::readsUnclearedPrivateBytes, 8));
    }

    @Test
    void unwrittenDeviceMemoryIsNotRead() {
        assertFault(Fault.UNWRITTEN_GLOBAL, "readsAnUntouchedOutput", 0, 0, "out", 0,
                fault(Faulty::readsAnUntouchedOutput, 8));
    }

    /// A buffer that was sent as a whole, as the backend's are: elements that stand for no value are told from zeros.
    @Test
    void partsOfASentBufferMayHaveNoValue() {
        for (Checks checks : Checks.values()) {
            FloatArray in = counting(16);
            in.set(5, Float.intBitsToFloat(Unwritten.BITS));
            FloatArray out = new FloatArray(16);
            Settings settings = Settings.DEFAULT.withChecks(checks).withThreads(1);
            Simulator.with(settings, () -> assertFault(Fault.UNWRITTEN_GLOBAL, "twice", 0, 5, "in", 5,
                    Launches.fault(row(16, 8), g -> g.transferToDevice(EVERY_EXECUTION, in)
                            .task("t", Correct::twice, new KernelContext(), in, out)
                            .transferToHost(EVERY_EXECUTION, out))));
        }
    }

    @Test
    void localArraysHaveOneSizePerGroup() {
        assertFault(Fault.UNEQUAL_LOCAL_ARRAYS, "allocatesUnequally", 0, 4, "tile", -1,
                fault(Faulty::allocatesUnequally, 8));
    }

    @Test
    void localMemoryIsLimited() {
        assertFault(Fault.LOCAL_MEMORY_EXHAUSTED, "allocatesTooMuch", 0, 0, "tile", -1,
                fault(Faulty::allocatesTooMuch, 8));
    }

    @Test
    void anExceptionInAKernelNamesItsItem() {
        IntArray in = IntArray.fromElements(1, 2, 3, 4, 6, 0, 1, 1);
        IntArray out = new IntArray(8);
        assertFault(Fault.KERNEL_FAILED, "dividesByZero", 0, 5, null, -1,
                Launches.fault(row(8, 8), g -> g.transferToDevice(EVERY_EXECUTION, in)
                        .task("t", Faulty::dividesByZero, new KernelContext(), in, out)
                        .transferToHost(EVERY_EXECUTION, out)));
    }

    @Test
    void fragmentsAreOpaque() {
        assertFault(Fault.OPAQUE_FRAGMENT, "looksIntoAFragment", 0, 0, null, -1,
                fault(Faulty::looksIntoAFragment, 8));
    }

    @Test
    void theLanesOfAWarpLoadOneFragment() {
        FloatArray out = new FloatArray(128);
        assertFault(Fault.DIVERGENT_WARP, "lanesLoadDifferentFragments", 0, 16, null, -1,
                Launches.fault(row(32, 32), g -> g
                        .task("t", Faulty::lanesLoadDifferentFragments, new KernelContext(), out)
                        .transferToHost(EVERY_EXECUTION, out)));
    }

    @Test
    void anAsynchronousCopyHasToBeWaitedFor() {
        HalfFloatArray in = new HalfFloatArray(16);
        IntArray out = new IntArray(8);
        assertFault(Fault.UNWRITTEN_LOCAL, "doesNotWaitForItsCopy", 0, 0, "tile", 0,
                Launches.fault(row(8, 8), g -> g.transferToDevice(EVERY_EXECUTION, in)
                        .task("t", Faulty::doesNotWaitForItsCopy, new KernelContext(), in, out)
                        .transferToHost(EVERY_EXECUTION, out)));
    }

    @Test
    void rangesAndBarriersAreCheckedAlsoWithoutWatches() {
        Simulator.with(Settings.DEFAULT.withChecks(Checks.RANGES), () -> {
            assertFault(Fault.OUT_OF_RANGE, "readsPastTheEnd", 1, 7, "in", 16,
                    fault(Faulty::readsPastTheEnd));
            assertEquals(Fault.DIVERGENT_BARRIER,
                    fault(Faulty::someItemsSkipTheBarrier, 8).fault());
        });
    }
}
