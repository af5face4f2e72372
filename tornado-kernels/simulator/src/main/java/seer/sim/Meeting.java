package seer.sim;

import java.util.function.Consumer;

/// The lanes of a warp at an operation that they do together. Each brings its operands and pauses; the last one to come
/// does it for all, and all go on.
final class Meeting {

    static final int LANES = 32;

    final WorkGroup group;
    /// Linear number of lane 0.
    final int first;

    /// Operands by lane, and what each gets back.
    final int[][] from = new int[LANES][];
    final int[][] to = new int[LANES][];
    final float[][] sums = new float[LANES][];
    final int[] fromAt = new int[LANES];
    final int[] toAt = new int[LANES];
    final int[] sumsAt = new int[LANES];
    final int[] word = new int[LANES];
    final int[] got = new int[LANES];

    private int present;
    private int site;
    private String what;

    Meeting(WorkGroup group, int first) {
        this.group = group;
        this.first = first;
    }

    void beginGroup() {
        present = 0;
    }

    /// The current item's place in its warp.
    int lane() {
        return group.item - first;
    }

    /// The current item, which has put its operands in place, meets the other lanes for `operation`.
    ///
    /// @param together does it for all lanes, whose operands are there
    void meet(String operation, Consumer<Meeting> together) {
        if (present == 0) {
            site = group.site();
            what = operation;
        } else if (site != group.site()) {
            throw new KernelFault(Fault.DIVERGENT_WARP, group.place(group.item, null, -1), "it comes to " + operation
                    + group.line(group.item) + " while other lanes of its warp wait in " + what);
        }
        if (++present < LANES) {
            group.sleep(WorkGroup.MEETING, operation);
            return;
        }
        present = 0;
        int last = group.item;
        together.accept(this);
        group.enter(last);
        group.wake(first, LANES);
    }

    /// What follows is done in the name of this lane.
    void as(int lane) {
        group.enter(first + lane);
    }
}
