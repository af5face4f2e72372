package seer.sim;

/// Nobody can go on, and some wait for what does not come: lanes for the rest of their warp, or items for copies or for
/// their cluster.
final class Standstill {

    private Standstill() {
    }

    /// A fault if there is such a one.
    ///
    /// @param waits what each waits for
    static void check(WorkGroup group, byte[] states, String[] waits) {
        int waiting = -1;
        for (int i = 0; i < states.length; i++) {
            if (states[i] == WorkGroup.MEETING) {
                requireReachable(group, states, waits, i);
            }
            if (waiting < 0 && WorkGroup.isSuspended(states[i])) {
                waiting = i;
            }
        }
        if (waiting < 0) {
            return;
        }
        StringBuilder words = new StringBuilder("it ").append(at(group, states, waits, waiting));
        for (int i = waiting + 1; i < states.length; i++) {
            String here = at(group, states, waits, i);
            if (!here.equals(at(group, states, waits, i - 1))) {
                words.append("; item ").append(i).append(' ').append(here);
            }
        }
        throw new KernelFault(Fault.DEADLOCK, group.place(waiting, null, -1), words.toString());
    }

    /// Of a lane that waits for its warp, the others come sooner or later, unless they wait elsewhere or have ended.
    private static void requireReachable(WorkGroup group, byte[] states, String[] waits, int lane) {
        int first = lane / Meeting.LANES * Meeting.LANES;
        for (int other = first; other < first + Meeting.LANES; other++) {
            if (states[other] == WorkGroup.WAITING || states[other] == WorkGroup.ENDED
                    || states[other] == WorkGroup.GATHERING) {
                throw new KernelFault(Fault.DIVERGENT_WARP, group.place(lane, null, -1), "it "
                        + at(group, states, waits, lane) + " while item " + other + " of its warp "
                        + at(group, states, waits, other));
            }
        }
    }

    /// Two items are not at one barrier, or one of them has ended.
    static KernelFault divergent(WorkGroup group, byte[] states, int waiting, int one, int first) {
        int other = waiting == one ? first : one;
        return new KernelFault(Fault.DIVERGENT_BARRIER, group.place(waiting, null, -1), "it waits at the barrier"
                + group.line(waiting) + " while item " + other + (states[other] == WorkGroup.ENDED ? " has ended"
                        : " waits at the one" + group.line(other)));
    }

    private static String at(WorkGroup group, byte[] states, String[] waits, int item) {
        return switch (states[item]) {
            case WorkGroup.MEETING -> "waits for its warp in " + waits[item] + group.line(item);
            case WorkGroup.AWAITING, WorkGroup.GATHERING -> "waits for " + waits[item] + group.line(item);
            case WorkGroup.WAITING -> "waits at the barrier" + group.line(item);
            default -> "has ended";
        };
    }
}
