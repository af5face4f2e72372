package seer.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.sim.Launches.row;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Each mistake with operations of a warp ends in a fault of the right kind, whatever the order of the items; and
/// kernels that differ from the faulty ones by the mistake alone run through.
class WarpFaultTest {

    private static final Schedule[] ORDERS = {Schedule.ASCENDING, Schedule.DESCENDING, Schedule.shuffled(3)};

    private static Consumer<TaskGraph> graph(Task3<KernelContext, IntArray, IntArray> kernel) {
        var in = new IntArray(4 * FaultyWarps.TILE);
        in.init(0x3F803F80);
        var out = new IntArray(256);
        return g -> g.transferToDevice(EVERY_EXECUTION, in).task("t", kernel, new KernelContext(), in, out)
                .transferToHost(EVERY_EXECUTION, out);
    }

    private static Arguments faulty(Fault fault, String name, Task3<KernelContext, IntArray, IntArray> kernel) {
        return Arguments.of(fault, name, kernel);
    }

    static Stream<Arguments> warps() {
        return Stream.of(
                faulty(Fault.DIVERGENT_WARP, "aLaneMissesAnExchange", FaultyWarps::aLaneMissesAnExchange),
                faulty(Fault.DIVERGENT_WARP, "lanesTakeDifferentBranches", FaultyWarps::lanesTakeDifferentBranches),
                faulty(Fault.DIVERGENT_WARP, "someLanesWaitAtABarrierFirst", FaultyWarps::someLanesWaitAtABarrierFirst),
                faulty(Fault.DIVERGENT_WARP, "aWarpMissesAStepOfFour", FaultyWarps::aWarpMissesAStepOfFour),
                faulty(Fault.UNAWAITED_COPY, "readsItsCopyTooEarly", FaultyWarps::readsItsCopyTooEarly),
                faulty(Fault.UNAWAITED_COPY, "doesNotCloseTheBatch", FaultyWarps::doesNotCloseTheBatch),
                faulty(Fault.UNAWAITED_COPY, "endsBeforeItsCopy", FaultyWarps::endsBeforeItsCopy),
                faulty(Fault.UNAWAITED_COPY, "readsATileTooEarly", FaultyWarps::readsATileTooEarly),
                faulty(Fault.UNAWAITED_COPY, "onlyOneItemWaits", FaultyWarps::onlyOneItemWaits),
                faulty(Fault.UNAWAITED_COPY, "loadsATileTooEarly", FaultyWarps::loadsATileTooEarly),
                faulty(Fault.UNAWAITED_COPY, "nobodyWaitsForTheTile", FaultyWarps::nobodyWaitsForTheTile),
                faulty(Fault.LOCAL_RACE, "readsAnothersCopyWithoutABarrier",
                        FaultyWarps::readsAnothersCopyWithoutABarrier),
                faulty(Fault.UNPUBLISHED_TILE, "copiesOverWhatWasNotPublished",
                        FaultyWarps::copiesOverWhatWasNotPublished),
                faulty(Fault.OVERWRITTEN_TILE, "copiesBeforeAllHaveRead", FaultyWarps::copiesBeforeAllHaveRead),
                faulty(Fault.OVERWRITTEN_TILE, "copiesOverACopy", FaultyWarps::copiesOverACopy),
                faulty(Fault.MISALIGNED_TILE, "loadsAMisalignedRow", FaultyWarps::loadsAMisalignedRow),
                faulty(Fault.MISALIGNED_TILE, "copiesHalfAChunk", FaultyWarps::copiesHalfAChunk),
                faulty(Fault.MISALIGNED_TILE, "copiesToAMisalignedPlace", FaultyWarps::copiesToAMisalignedPlace),
                faulty(Fault.MISALIGNED_TILE, "copiesFromAMisalignedPlace", FaultyWarps::copiesFromAMisalignedPlace),
                faulty(Fault.MISALIGNED_TILE, "writesFourAtAMisalignedPlace",
                        FaultyWarps::writesFourAtAMisalignedPlace),
                faulty(Fault.MISALIGNED_TILE, "makesAMisalignedBarrier", FaultyWarps::makesAMisalignedBarrier),
                faulty(Fault.DEADLOCK, "expectsMoreThanComes", FaultyWarps::expectsMoreThanComes),
                faulty(Fault.DEADLOCK, "waitsForThePhaseThatIsNext", FaultyWarps::waitsForThePhaseThatIsNext),
                faulty(Fault.BARRIER_MISUSE, "bringsMoreThanIsExpected", FaultyWarps::bringsMoreThanIsExpected),
                faulty(Fault.BARRIER_MISUSE, "arrivesOnceTooOften", FaultyWarps::arrivesOnceTooOften),
                faulty(Fault.BARRIER_MISUSE, "waitsAtWhatIsNoBarrier", FaultyWarps::waitsAtWhatIsNoBarrier),
                faulty(Fault.BARRIER_MISUSE, "usesABarrierBeforeAllMet", FaultyWarps::usesABarrierBeforeAllMet),
                faulty(Fault.BARRIER_MISUSE, "makesABarrierTwice", FaultyWarps::makesABarrierTwice),
                faulty(Fault.BARRIER_MISUSE, "writesIntoABarrier", FaultyWarps::writesIntoABarrier),
                faulty(Fault.LANGUAGE, "aHelperReadsALocalArray", FaultyWarps::aHelperReadsALocalArray),
                faulty(Fault.LOCAL_MEMORY_EXHAUSTED, "takesMoreThanHopperHas", FaultyWarps::takesMoreThanHopperHas),
                faulty(Fault.OUT_OF_RANGE, "asksForAnOddNumberOfRegisters",
                FaultyWarps::asksForAnOddNumberOfRegisters));
    }

    static Stream<Arguments> products() {
        return Stream.of(
                faulty(Fault.DIVERGENT_WARP, "warpsWantDifferentTiles", FaultyProducts::warpsWantDifferentTiles),
                faulty(Fault.UNAWAITED_COPY, "multipliesATileTooEarly", FaultyProducts::multipliesATileTooEarly),
                faulty(Fault.UNAWAITED_PRODUCT, "readsASumTooEarly", FaultyProducts::readsASumTooEarly),
                faulty(Fault.UNAWAITED_PRODUCT, "waitsForTheBatchBefore", FaultyProducts::waitsForTheBatchBefore),
                faulty(Fault.UNAWAITED_PRODUCT, "changesTheFirstFactorTooEarly",
                        FaultyProducts::changesTheFirstFactorTooEarly),
                faulty(Fault.UNAWAITED_PRODUCT, "endsBeforeItsProduct", FaultyProducts::endsBeforeItsProduct),
                faulty(Fault.UNOPENED_PRODUCT, "neverOpens", FaultyProducts::neverOpens),
                faulty(Fault.UNOPENED_PRODUCT, "changesRegistersAfterOpening",
                        FaultyProducts::changesRegistersAfterOpening),
                faulty(Fault.UNWRITTEN_PRIVATE, "addsToSumsWithoutAValue", FaultyProducts::addsToSumsWithoutAValue),
                faulty(Fault.UNPUBLISHED_TILE, "doesNotPublish", FaultyProducts::doesNotPublish),
                faulty(Fault.UNPUBLISHED_TILE, "publishesBehindTheBarrier", FaultyProducts::publishesBehindTheBarrier),
                faulty(Fault.OVERWRITTEN_TILE, "copiesOverATileThatIsMultiplied",
                        FaultyProducts::copiesOverATileThatIsMultiplied),
                faulty(Fault.OVERWRITTEN_TILE, "storesIntoATileThatIsMultiplied",
                        FaultyProducts::storesIntoATileThatIsMultiplied),
                faulty(Fault.MISALIGNED_TILE, "multipliesAMisalignedTile", FaultyProducts::multipliesAMisalignedTile),
                faulty(Fault.MISALIGNED_TILE, "multipliesAMisalignedFirstFactor",
                        FaultyProducts::multipliesAMisalignedFirstFactor));
    }

    @ParameterizedTest(name = "{1}: {0}")
    @MethodSource({"warps", "products"})
    void theMistakeIsNamed(Fault fault, String name, Task3<KernelContext, IntArray, IntArray> kernel) {
        for (Schedule order : ORDERS) {
            Simulator.with(Settings.DEFAULT.withSchedules(order), () -> {
                KernelFault found = Launches.fault(row(128, 128), graph(kernel));
                assertEquals(fault, found.fault(), order + ": " + found.getMessage());
                assertEquals("g.t (" + name + ")", found.place().kernel(), found.getMessage());
            });
        }
    }

    static Stream<Arguments> clusters() {
        return FaultyClusters.all();
    }

    @ParameterizedTest(name = "{1}: {0}")
    @MethodSource("clusters")
    void theMistakeOfAClusterIsNamed(Fault fault, String name, Task3<KernelContext, IntArray, IntArray> kernel) {
        for (Schedule order : ORDERS) {
            Simulator.with(Settings.DEFAULT.withSchedules(order), () -> {
                KernelFault found = Launches.fault(row(256, 128), graph(kernel));
                assertEquals(fault, found.fault(), order + ": " + found.getMessage());
            });
        }
    }

    @Test
    void aFaultNamesTheOtherGroup() {
        KernelFault fault = Launches.fault(row(256, 128), graph(FaultyClusters::copiesBeforeItsMateHasRead));
        assertTrue(fault.getMessage().contains("group 0, item 0, local of the group of rank 1[0]"), fault.getMessage());
        fault = Launches.fault(row(256, 128), graph(FaultyClusters::someMissTheMeeting));
        assertTrue(fault.getMessage().contains("it waits for its cluster of line "), fault.getMessage());
    }

    @Test
    void groupsAreAMultipleOfTheirCluster() {
        KernelFault fault = Launches.fault(row(384, 128), graph(FaultyClusters::tilesComeToBoth));
        assertEquals(Fault.GRID_NOT_DIVISIBLE, fault.fault(), fault.getMessage());
        assertTrue(fault.getMessage().contains("3 groups along x are no multiple of the 2 of a cluster"),
                fault.getMessage());
    }

    @Test
    void rightClustersRunThrough() {
        for (var graph : List.of(graph(FaultyClusters::tilesComeToBoth), graph(FaultyClusters::lanesArriveOneByOne))) {
            Simulator.with(Settings.DEFAULT.withSchedules(ORDERS), () -> Launches.run(row(256, 128), graph));
            Simulator.with(Settings.DEFAULT.withSchedules(ORDERS).withChecks(Checks.RANGES),
                    () -> Launches.run(row(256, 128), graph));
        }
    }

    static Stream<Arguments> correct() {
        return CorrectWarps.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("correct")
    void rightKernelsRunThrough(String name, Task3<KernelContext, IntArray, IntArray> kernel) {
        Simulator.with(Settings.DEFAULT.withSchedules(ORDERS), () -> Launches.run(row(128, 128), graph(kernel)));
        Simulator.with(Settings.DEFAULT.withSchedules(ORDERS).withChecks(Checks.RANGES),
                () -> Launches.run(row(256, 128), graph(kernel)));
    }

    @Test
    void aDeadlockSaysWhoWaitsWhere() {
        KernelFault fault = Launches.fault(row(128, 128), graph(FaultyWarps::expectsMoreThanComes));
        assertTrue(fault.getMessage().contains("local[8192], phase 0 (missing: 0 arrivals, 16 bytes)"),
                fault.getMessage());
        fault = Launches.fault(row(128, 128), graph(FaultyWarps::aLaneMissesAnExchange));
        assertTrue(fault.getMessage().contains("item 32: it waits for its warp in Warp.exchangeInt of line "),
                fault.getMessage());
        assertTrue(fault.getMessage().contains("while item 37 of its warp has ended"), fault.getMessage());
    }

    @Test
    void anOperationWantsAWholeWarp() {
        KernelFault fault = Launches.fault(row(48, 48), graph(FaultyWarps::lanesTakeDifferentBranches));
        assertEquals(Fault.DIVERGENT_WARP, fault.fault(), fault.getMessage());
        fault = Launches.fault(row(96, 96), graph(FaultyWarps::aWarpMissesAStepOfFour));
        assertTrue(fault.getMessage().contains("one of 96 items, and an operation wants 128"), fault.getMessage());
    }

    /// Without watches, what the operations themselves rest on is still seen.
    @Test
    void standstillsAndAddressesAreSeenWithoutWatches() {
        for (var kernel : Arrays.<Task3<KernelContext, IntArray, IntArray>>asList(FaultyWarps::aLaneMissesAnExchange,
                FaultyWarps::expectsMoreThanComes, FaultyWarps::loadsAMisalignedRow,
                FaultyWarps::aWarpMissesAStepOfFour,
                FaultyWarps::nobodyWaitsForTheTile, FaultyProducts::endsBeforeItsProduct)) {
            Simulator.with(Settings.DEFAULT.withChecks(Checks.RANGES),
                    () -> Launches.fault(row(128, 128), graph(kernel)));
        }
    }
}
