package seer.sim;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What stands in the place of `seer.warp.Cluster`: groups that reach each other's local memory, [Cluster].
public final class ClusterModel {

    private ClusterModel() {
    }

    /// How many there are was known before the kernel began: see [KernelLanguage].
    public static void groups(int together) {
        WorkGroup group = SimulatorThread.group();
        if (together != group.cluster.size()) {
            throw new KernelFault(Fault.LANGUAGE, group.place(group.item, null, -1), "a cluster of " + together
                    + " groups, and one of " + group.cluster.size() + " elsewhere in the kernel");
        }
    }

    public static void meet() {
        WorkGroup group = SimulatorThread.group();
        group.cluster.meet(group);
    }

    public static void copy(int[] local, int at, int to, IntArray source, int from, int bytes, int ranks) {
        WorkGroup group = SimulatorThread.group();
        int size = group.cluster.size();
        if (ranks < 1 || ranks >= 1 << size) {
            throw group.fault(Fault.OUT_OF_RANGE, local, to, "a copy to the groups " + Integer.toBinaryString(ranks)
                    + " (in bits) of a cluster of " + size);
        }
        int[] words = BulkCopyModel.words(group, local, to, source, from, bytes);
        for (int rank = 0; rank < size; rank++) {
            if ((ranks >> rank & 1) == 1) {
                barrier(group, rank, local, at).copy(group, to, words);
            }
        }
    }

    public static void arrive(int[] local, int at, int rank) {
        WorkGroup group = SimulatorThread.group();
        if (rank < 0 || rank >= group.cluster.size()) {
            throw group.fault(Fault.OUT_OF_RANGE, local, at, "an arrival at the group of rank " + rank
                    + " in a cluster of " + group.cluster.size());
        }
        barrier(group, rank, local, at).arrive(group);
    }

    /// The barrier at this place of another group, or of the own.
    private static CopyBarrier barrier(WorkGroup group, int rank, int[] local, int at) {
        WorkGroup other = group.cluster.group(rank);
        group.locals.requireAligned(local, at, 2, 2, "a copy barrier");
        if (other.isOver()) {
            throw group.fault(Fault.GROUP_LEFT, local, at, "the group of rank " + rank
                    + " has ended, and this item still reaches for its local memory");
        }
        return other.copyBarriers.at(group, other.locals.sibling(group.locals, local), at);
    }
}
