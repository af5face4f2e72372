package seer.sim;

import java.util.stream.Stream;

import org.junit.jupiter.params.provider.Arguments;
import seer.warp.BulkCopy;
import seer.warp.Cluster;
import seer.warp.Warp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Small kernels for clusters of two groups of 128 items: [#tilesComeToBoth] and [#lanesArriveOneByOne] are right, the
/// others make one mistake each.
final class FaultyClusters {

    /// Ints of what each group brings to both, and where the barriers stand behind them: come, read.
    private static final int HALF = 512;
    private static final int COME = 2 * HALF;
    private static final int READ = COME + 2;

    private FaultyClusters() {
    }

    static Stream<Arguments> all() {
        return Stream.of(
                faulty(Fault.OVERWRITTEN_TILE, "copiesBeforeItsMateHasRead",
                        FaultyClusters::copiesBeforeItsMateHasRead),
                faulty(Fault.UNAWAITED_COPY, "readsBeforeItsMatesHalfHasCome",
                        FaultyClusters::readsBeforeItsMatesHalfHasCome),
                faulty(Fault.GROUP_LEFT, "leavesWhileItsMateArrives", FaultyClusters::leavesWhileItsMateArrives),
                faulty(Fault.GROUP_LEFT, "leavesWhileItsMateCopies", FaultyClusters::leavesWhileItsMateCopies),
                faulty(Fault.BARRIER_MISUSE, "copiesBeforeTheyHaveMet", FaultyClusters::copiesBeforeTheyHaveMet),
                faulty(Fault.BARRIER_MISUSE, "bringsMoreThanIsExpected", FaultyClusters::bringsMoreThanIsExpected),
                faulty(Fault.BARRIER_MISUSE, "arrivesOnceTooOften", FaultyClusters::arrivesOnceTooOften),
                faulty(Fault.DEADLOCK, "bringsLessThanIsExpected", FaultyClusters::bringsLessThanIsExpected),
                faulty(Fault.DEADLOCK, "someMissTheMeeting", FaultyClusters::someMissTheMeeting),
                faulty(Fault.DIVERGENT_WARP, "lanesMeetBeforeTheirWarpHas",
                        FaultyClusters::lanesMeetBeforeTheirWarpHas),
                faulty(Fault.MISALIGNED_TILE, "copiesToAMisalignedPlace", FaultyClusters::copiesToAMisalignedPlace),
                faulty(Fault.OUT_OF_RANGE, "copiesToAThirdGroup", FaultyClusters::copiesToAThirdGroup),
                faulty(Fault.OUT_OF_RANGE, "arrivesAtAThirdGroup", FaultyClusters::arrivesAtAThirdGroup),
                faulty(Fault.GROUPS_SHARE_ELEMENT, "bothWriteOneElement", FaultyClusters::bothWriteOneElement),
                faulty(Fault.GROUPS_SHARE_ELEMENT, "oneReadsWhatTheOtherWrote",
                        FaultyClusters::oneReadsWhatTheOtherWrote),
                faulty(Fault.LANGUAGE, "isOfTwoSizes", FaultyClusters::isOfTwoSizes),
                faulty(Fault.LANGUAGE, "hasASizeThatIsNoConstant", FaultyClusters::hasASizeThatIsNoConstant));
    }

    private static Arguments faulty(Fault fault, String name, Task3<KernelContext, IntArray, IntArray> kernel) {
        return Arguments.of(fault, name, kernel);
    }

    /// @param readers arrivals that a stage waits for
    private static void begin(int[] local, int item, int readers) {
        if (item == 0) {
            BulkCopy.barrier(local, COME, 1);
            BulkCopy.barrier(local, READ, readers);
        }
        Cluster.meet();
    }

    /// Each group's item 0 brings one half to both, and expects both.
    private static void bring(int[] local, int item, int rank, IntArray in, int bytes) {
        if (item == 0) {
            BulkCopy.expect(local, COME, bytes);
            Cluster.copy(local, COME, rank * HALF, in, rank * HALF, 4 * HALF, 3);
        }
    }

    static void tilesComeToBoth(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        int rank = context.groupIdx % 2;
        begin(local, item, 2 * 128);
        bring(local, item, rank, in, 8 * HALF);
        BulkCopy.await(local, COME, 0);
        int value = local[item] + local[HALF + item];
        Cluster.arrive(local, READ, 0);
        Cluster.arrive(local, READ, 1);
        if (item == 0) {
            BulkCopy.await(local, READ, 0);
        }
        bring(local, item, rank, in, 8 * HALF);
        BulkCopy.await(local, COME, 1);
        out.set(context.globalIdx, value + local[2 * HALF - 1 - item]);
        Cluster.meet();
    }

    /// An item comes to the meeting long after its warp.
    static void lanesArriveOneByOne(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        int rank = context.groupIdx % 2;
        begin(local, item, 1);
        bring(local, item, rank, in, 8 * HALF);
        if (item == 37) {
            BulkCopy.await(local, COME, 0);
            Cluster.arrive(local, READ, 1 - rank);
            BulkCopy.await(local, READ, 0);
        }
        Cluster.meet();
        out.set(context.globalIdx, local[item]);
    }

    static void copiesBeforeItsMateHasRead(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        int rank = context.groupIdx % 2;
        begin(local, item, 128);
        bring(local, item, rank, in, 8 * HALF);
        BulkCopy.await(local, COME, 0);
        int value = local[item] + local[HALF + item];
        Cluster.arrive(local, READ, rank);
        if (item == 0) {
            BulkCopy.await(local, READ, 0); // its own group has read, its mate may not have
        }
        bring(local, item, rank, in, 8 * HALF);
        BulkCopy.await(local, COME, 1);
        out.set(context.globalIdx, value);
        Cluster.meet();
    }

    static void readsBeforeItsMatesHalfHasCome(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        begin(local, item, 1);
        bring(local, item, context.groupIdx % 2, in, 8 * HALF);
        Cluster.meet();
        out.set(context.globalIdx, local[(1 - context.groupIdx % 2) * HALF + item]);
        BulkCopy.await(local, COME, 0);
        Cluster.meet();
    }

    static void leavesWhileItsMateArrives(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        int rank = context.groupIdx % 2;
        begin(local, item, 1);
        bring(local, item, rank, in, 8 * HALF);
        BulkCopy.await(local, COME, 0);
        out.set(context.globalIdx, local[item]);
        if (item == 0) {
            Cluster.arrive(local, READ, 1 - rank);
        }
    }

    static void leavesWhileItsMateCopies(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        int rank = context.groupIdx % 2;
        begin(local, item, 1);
        if (item == 0) {
            BulkCopy.expect(local, COME, 4 * HALF);
            if (rank == 0) {
                Cluster.copy(local, COME, 0, in, 0, 4 * HALF, 3);
                BulkCopy.await(local, COME, 0);
            }
        }
        out.set(context.globalIdx, 0);
    }

    static void copiesBeforeTheyHaveMet(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        if (item == 0) {
            BulkCopy.barrier(local, COME, 1);
        }
        context.localBarrier();
        bring(local, item, context.groupIdx % 2, in, 8 * HALF);
        BulkCopy.await(local, COME, 0);
        out.set(context.globalIdx, local[item]);
        Cluster.meet();
    }

    static void bringsMoreThanIsExpected(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        begin(local, item, 1);
        bring(local, item, context.groupIdx % 2, in, 4 * HALF);
        BulkCopy.await(local, COME, 0);
        out.set(context.globalIdx, 0);
        Cluster.meet();
    }

    static void bringsLessThanIsExpected(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        begin(local, item, 1);
        bring(local, item, context.groupIdx % 2, in, 8 * HALF + 16);
        BulkCopy.await(local, COME, 0);
        out.set(context.globalIdx, local[item]);
        Cluster.meet();
    }

    static void arrivesOnceTooOften(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        begin(local, item, 1);
        if (item == 0) {
            BulkCopy.expect(local, COME, 16);
        }
        Cluster.meet();
        if (item == 0 && context.groupIdx % 2 == 0) {
            Cluster.arrive(local, COME, 1);
        }
        Cluster.meet();
        out.set(context.globalIdx, 0);
    }

    static void someMissTheMeeting(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int item = context.localIdx;
        out.set(context.globalIdx, item);
        if (item < 64 || context.groupIdx % 2 == 0) {
            Cluster.meet();
        }
    }

    static void lanesMeetBeforeTheirWarpHas(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int item = context.localIdx;
        if (item % 32 < 16) {
            Cluster.meet();
        }
        out.set(context.globalIdx, Warp.exchangeInt(item, 1));
        if (item % 32 >= 16) {
            Cluster.meet();
        }
    }

    static void copiesToAMisalignedPlace(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        begin(local, item, 1);
        if (item == 0) {
            BulkCopy.expect(local, COME, 32);
            Cluster.copy(local, COME, context.groupIdx % 2 * 4 + 1, in, 0, 16, 3);
        }
        Cluster.meet();
        out.set(context.globalIdx, 0);
    }

    static void copiesToAThirdGroup(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        begin(local, item, 1);
        if (item == 0) {
            BulkCopy.expect(local, COME, 16);
            Cluster.copy(local, COME, 0, in, 0, 16, 1 << context.groupIdx % 2 | 4);
        }
        Cluster.meet();
        out.set(context.globalIdx, 0);
    }

    static void arrivesAtAThirdGroup(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int[] local = context.allocateIntLocalArray(READ + 2);
        int item = context.localIdx;
        begin(local, item, 1);
        if (item == 0) {
            Cluster.arrive(local, READ, context.groupIdx % 2 + 1);
        }
        Cluster.meet();
        out.set(context.globalIdx, 0);
    }

    static void bothWriteOneElement(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        if (context.groupIdx % 2 == 0) {
            out.set(context.localIdx, 0);
        }
        Cluster.meet();
        if (context.groupIdx % 2 == 1) {
            out.set(context.localIdx, 1);
        }
    }

    static void oneReadsWhatTheOtherWrote(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(2);
        int rank = context.groupIdx % 2;
        int item = context.localIdx;
        out.set(rank * 128 + item, rank);
        Cluster.meet();
        out.set(rank * 128 + item, out.get((1 - rank) * 128));
    }

    static void isOfTwoSizes(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(1);
        Cluster.groups(2);
        out.set(context.globalIdx, 0);
    }

    static void hasASizeThatIsNoConstant(KernelContext context, IntArray in, IntArray out) {
        Cluster.groups(in.get(0));
        out.set(context.globalIdx, 0);
    }
}
