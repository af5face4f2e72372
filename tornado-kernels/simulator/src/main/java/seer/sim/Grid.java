package seer.sim;

import seer.sim.KernelFault.Place;
import uk.ac.manchester.tornado.api.WorkerGrid;

/// Items per group and groups, in three dimensions, checked.
record Grid(int[] local, int[] groups) {

    /// Most items of a group, as on NVIDIA devices.
    static final int MOST_ITEMS = 1024;

    /// One item: for loops marked `@Parallel`, which run as written.
    static final Grid SINGLE = new Grid(new int[] {1, 1, 1}, new int[] {1, 1, 1});

    static Grid of(String task, WorkerGrid grid) {
        long[] global = grid.getGlobalWork();
        long[] chosen = grid.getLocalWork();
        int[] local = new int[3];
        int[] groups = new int[3];
        for (int i = 0; i < 3; i++) {
            if (grid.getGlobalOffset()[i] != 0) {
                throw new KernelFault(Fault.UNSUPPORTED, Place.ofBuffer(task, null), "global offsets");
            }
            long side = chosen != null ? chosen[i] : i == 0 ? powerOfTwo(global[i]) : 1;
            if (side < 1 || global[i] < 1 || global[i] % side != 0) {
                throw new KernelFault(Fault.GRID_NOT_DIVISIBLE, Place.ofBuffer(task, null),
                        "the global size " + global[i] + " in dimension " + i
                                + " is not a positive multiple of the local size " + side);
            }
            local[i] = Math.toIntExact(side);
            groups[i] = Math.toIntExact(global[i] / side);
        }
        long items = (long) local[0] * local[1] * local[2];
        if (items > MOST_ITEMS) {
            throw new KernelFault(Fault.UNSUPPORTED, Place.ofBuffer(task, null),
                    "a group of " + items + " items is larger than " + MOST_ITEMS);
        }
        return new Grid(local, groups);
    }

    /// What a device might choose: the largest power of two up to 64 that divides the length.
    private static long powerOfTwo(long length) {
        return Math.min(64, Long.lowestOneBit(length));
    }

    int groupCount() {
        return Math.multiplyExact(Math.multiplyExact(groups[0], groups[1]), groups[2]);
    }
}
