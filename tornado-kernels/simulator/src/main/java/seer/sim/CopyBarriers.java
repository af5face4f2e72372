package seer.sim;

import java.util.ArrayList;
import java.util.List;

/// The copy barriers of a group, by their places in local memory.
final class CopyBarriers {

    private final WorkGroup group;
    private final List<CopyBarrier> all = new ArrayList<>();

    CopyBarriers(WorkGroup group) {
        this.group = group;
    }

    void beginGroup() {
        all.forEach(CopyBarrier::forget);
        all.clear();
    }

    void add(int[] local, int at, int arrivals) {
        for (CopyBarrier known : all) {
            if (known.is(local, at)) {
                throw group.fault(Fault.BARRIER_MISUSE, local, at, "the barrier is made a second time");
            }
        }
        group.locals.becomesBarrier(local, at);
        all.add(new CopyBarrier(group, all.size(), local, at, arrivals));
    }

    /// The barrier at this place, which the current item of a group of the cluster wants to use.
    ///
    /// @param local of the group that these are of; null: it has none yet
    CopyBarrier at(WorkGroup by, int[] local, int at) {
        for (CopyBarrier known : all) {
            if (known.is(local, at)) {
                known.requireKnown(by);
                return known;
            }
        }
        throw new KernelFault(Fault.BARRIER_MISUSE, group.locals.place(by, local, at), "no barrier was made here");
    }

    /// All items have ended: nothing may be on its way into memory that the next group gets.
    void endGroup() {
        all.forEach(CopyBarrier::endGroup);
    }
}
