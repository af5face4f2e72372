package seer.sim;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What stands in the place of `seer.warp.BulkCopy`: the copy engine and its [CopyBarrier]s.
public final class BulkCopyModel {

    /// Bytes that a phase of a barrier can count.
    private static final int MOST = (1 << 20) - 1;

    private BulkCopyModel() {
    }

    public static void barrier(int[] local, int at, int arrivals) {
        WorkGroup group = SimulatorThread.group();
        group.locals.requireAligned(local, at, 2, 2, "a copy barrier");
        if (arrivals < 1 || arrivals > MOST) {
            throw group.fault(Fault.BARRIER_MISUSE, local, at, "its phases want " + arrivals + " arrivals");
        }
        group.copyBarriers.add(local, at, arrivals);
    }

    public static void expect(int[] local, int at, int bytes) {
        WorkGroup group = SimulatorThread.group();
        CopyBarrier barrier = group.copyBarriers.at(group, local, at);
        if (bytes < 0 || bytes > MOST) {
            throw group.fault(Fault.BARRIER_MISUSE, local, at, bytes + " bytes are announced, not 0 to " + MOST);
        }
        barrier.expect(bytes);
        barrier.arrive(group);
    }

    public static void copy(int[] local, int at, int to, IntArray source, int from, int bytes) {
        WorkGroup group = SimulatorThread.group();
        CopyBarrier barrier = group.copyBarriers.at(group, local, at);
        barrier.copy(group, to, words(group, local, to, source, from, bytes));
    }

    /// What a copy to this place brings.
    static int[] words(WorkGroup group, int[] local, int to, IntArray source, int from, int bytes) {
        if (bytes < 16 || bytes % 16 != 0) {
            throw group.fault(Fault.MISALIGNED_TILE, local, to, "a copy of " + bytes
                    + " bytes, which is no multiple of 16");
        }
        group.locals.requireAligned(local, to, bytes / 4, 4, "a copy");
        requireAligned(group, source, from);
        int[] words = new int[bytes / 4];
        for (int i = 0; i < words.length; i++) {
            words[i] = source.get(from + i);
        }
        return words;
    }

    static void requireAligned(WorkGroup group, IntArray source, int from) {
        if ((from & 3) != 0) {
            throw new KernelFault(Fault.MISALIGNED_TILE, group.place(group.item, group.launch.bufferName(source), from),
                    "a copy begins at int " + from + ", which is no multiple of 4");
        }
    }

    public static void arrive(int[] local, int at) {
        WorkGroup group = SimulatorThread.group();
        group.copyBarriers.at(group, local, at).arrive(group);
    }

    public static void await(int[] local, int at, int parity) {
        WorkGroup group = SimulatorThread.group();
        if (parity != 0 && parity != 1) {
            throw group.fault(Fault.BARRIER_MISUSE, local, at, "a parity is 0 or 1, not " + parity);
        }
        group.copyBarriers.at(group, local, at).await(parity);
    }

    public static void publish() {
        WorkGroup group = SimulatorThread.group();
        if (group.order != null) {
            group.order.publish(group.item);
        }
    }
}
