package seer.sim;

import java.util.ArrayList;
import java.util.List;

/// A barrier in local memory (`mbarrier`): phases that each want arrivals and, if announced, bytes.
///
/// Copies that report to it land when its phase is over, all at once: nobody may count on an earlier moment, and before
/// it their places hold what they held. Who waits for the phase learns that they have landed, and what those had done
/// who arrived ([Order]).
final class CopyBarrier {

    /// @param foreign another group of the cluster asked for it
    private record Copy(int to, int[] words, boolean foreign) {
    }

    private final WorkGroup group;
    private final int number;
    private final int[] local;
    private final int at;
    private final int arrivals;
    /// Of who made it.
    private final long made;
    private final List<Copy> coming = new ArrayList<>();
    private int phase;
    private int wanted;
    private int bytes;
    /// What those know who have arrived in this phase or an earlier one; and as it was when the last phase was over.
    private int[] clock = {};
    private int[] over = {};
    /// Number of phases up to the last that copies landed in, and up to the last that somebody waited for.
    private int landed;
    private int awaited;
    /// Another group's copies are among those that landed last.
    private boolean foreign;

    CopyBarrier(WorkGroup group, int number, int[] local, int at, int arrivals) {
        this.group = group;
        this.number = number;
        this.local = local;
        this.at = at;
        this.arrivals = arrivals;
        this.wanted = arrivals;
        this.made = group.mark;
    }

    boolean is(int[] array, int index) {
        return local == array && at == index;
    }

    /// The place is memory like any other again.
    void forget() {
        LocalArray array = group.locals.find(local);
        array.landed(at, 0);
        array.landed(at + 1, 0);
    }

    void requireKnown(WorkGroup by) {
        if (by.order != null && !by.order.ordered(made, by.item)) {
            throw fault(by, Fault.BARRIER_MISUSE, group.name(made) + " made it, and "
                    + (by == group ? "no barrier of the group followed" : "the cluster has not met since"));
        }
    }

    void expect(int more) {
        bytes += more;
    }

    /// @param by the group whose current item arrives
    void arrive(WorkGroup by) {
        if (wanted == 0) {
            throw fault(by, Fault.BARRIER_MISUSE, "an arrival more than the " + arrivals + " that its phases want");
        }
        if (group.order != null) {
            if (by != group) {
                group.order.visit(by.order, by.item);
            }
            clock = by.order.release(by.item, clock);
        }
        wanted--;
        settle(by);
    }

    /// @param by the group whose current item asks for it: what another one brings may come before it is expected
    void copy(WorkGroup by, int to, int[] words) {
        if (words.length * 4 > bytes && (by == group || wanted == 0)) {
            throw fault(by, Fault.BARRIER_MISUSE, "a copy brings " + words.length * 4 + " bytes where " + bytes
                    + " are expected");
        }
        if (group.order != null) {
            LocalArray array = group.locals.find(local);
            for (int i = 0; i < words.length; i++) {
                array.coming(to + i, group.order.copies(number), by);
            }
        }
        coming.add(new Copy(to, words, by != group));
        bytes -= words.length * 4;
        settle(by);
    }

    /// Ends the phase if nothing is missing.
    private void settle(WorkGroup by) {
        if (wanted > 0 || bytes > 0) {
            return;
        }
        if (bytes < 0) {
            throw fault(by, Fault.BARRIER_MISUSE, -bytes + " bytes more have come than were expected");
        }
        phase++;
        wanted = arrivals;
        if (!coming.isEmpty()) {
            landed = phase;
            foreign = coming.stream().anyMatch(Copy::foreign);
        }
        int stamp = group.launch.tick();
        for (Copy copy : coming) {
            System.arraycopy(copy.words, 0, local, copy.to, copy.words.length);
            for (int i = 0; group.order != null && i < copy.words.length; i++) {
                group.locals.find(local).landed(copy.to + i, Mark.of(stamp, group.order.copies(number)));
            }
        }
        coming.clear();
        if (group.order != null) {
            clock = group.order.with(clock, group.order.copies(number), stamp);
            over = clock.clone();
        }
        group.wakeWaiting();
    }

    void await(int parity) {
        while ((phase & 1) == parity) {
            group.sleep(WorkGroup.AWAITING, "the copy barrier " + group.locals.place(local, at).buffer() + "[" + at
                    + "], phase " + phase + " (missing: " + wanted + " arrivals, " + bytes + " bytes)");
        }
        awaited = phase;
        if (group.order != null) {
            group.order.acquire(group.item, over);
        }
    }

    void endGroup() {
        if (!coming.isEmpty() || landed > awaited) {
            boolean others = landed > awaited && foreign || coming.stream().anyMatch(Copy::foreign);
            throw fault(group, others ? Fault.GROUP_LEFT : Fault.UNAWAITED_COPY, "the group has ended, and nobody "
                    + "waited for the copies" + (others ? " of another group of the cluster" : "")
                    + " that report here");
        }
    }

    private KernelFault fault(WorkGroup by, Fault fault, String reason) {
        return new KernelFault(fault, group.locals.place(by, local, at), reason);
    }
}
