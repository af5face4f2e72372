package seer.sim;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What stands in the place of `seer.warp.AsyncCopy`: the [Copies] of an item, 16 bytes each.
public final class AsyncCopyModel {

    private AsyncCopyModel() {
    }

    public static void copy(int[] local, int at, IntArray source, int from) {
        WorkGroup group = SimulatorThread.group();
        group.locals.requireAligned(local, at, 4, 4, "a copy of 16 bytes");
        BulkCopyModel.requireAligned(group, source, from);
        for (int i = 0; i < 4; i++) {
            group.current().copies().startWatched(local, at + i, source.get(from + i));
        }
    }

    public static void commit() {
        SimulatorThread.group().current().copies().commit();
    }

    public static void await(int batches) {
        SimulatorThread.group().current().copies().await(batches);
    }
}
