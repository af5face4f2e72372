package seer.sim;

import java.util.ArrayList;
import java.util.List;

/// A barrier in local memory (`mbarrier`): phases that each want arrivals and, if announced, bytes.
///
/// Copies that report to it land when its phase is over, all at once: nobody may count on an earlier moment, and before
/// it their places hold what they held. Who waits for the phase learns that they have landed, and what those had done
/// who arrived ([Order]).
final class CopyBarrier {

    private record Copy(int to, int[] words) {
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

    void requireKnown() {
        if (group.order != null && !group.order.ordered(made, group.item)) {
            throw fault(Fault.BARRIER_MISUSE, Mark.item(made) + " made it, and no barrier of the group followed");
        }
    }

    void expect(int more) {
        bytes += more;
    }

    void arrive() {
        if (wanted == 0) {
            throw fault(Fault.BARRIER_MISUSE, "an arrival more than the " + arrivals + " that its phases want");
        }
        if (group.order != null) {
            clock = group.order.release(group.item, clock);
        }
        wanted--;
        settle();
    }

    void copy(int to, int[] words) {
        if (words.length * 4 > bytes) {
            throw fault(Fault.BARRIER_MISUSE, "a copy brings " + words.length * 4 + " bytes where " + bytes
                    + " are expected");
        }
        if (group.order != null) {
            LocalArray array = group.locals.find(local);
            for (int i = 0; i < words.length; i++) {
                array.coming(to + i, group.order.copies(number));
            }
        }
        coming.add(new Copy(to, words));
        bytes -= words.length * 4;
        settle();
    }

    /// Ends the phase if nothing is missing.
    private void settle() {
        if (wanted > 0 || bytes > 0) {
            return;
        }
        phase++;
        wanted = arrivals;
        if (!coming.isEmpty()) {
            landed = phase;
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
            throw fault(Fault.UNAWAITED_COPY, "the group has ended, and nobody waited for the copies that report here");
        }
    }

    private KernelFault fault(Fault fault, String reason) {
        return group.fault(fault, local, at, reason);
    }
}
