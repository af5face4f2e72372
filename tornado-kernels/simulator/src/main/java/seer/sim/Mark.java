package seer.sim;

/// Who touched an element, in 64 bits: a stamp, ever growing within a plan, and an item.
/// One mark has to stand for several accesses, so the item may also be [#MANY], and of accesses by
/// groups before the item's there are two bits. What is no item, tensor cores and copy engine, has a
/// number behind those of the items (see [Order]).
final class Mark {

    /// In place of an item: one in the midst of an atomic step, and several items (with their group's rank added).
    static final int ATOMIC = 1 << 20;
    static final int MANY = 1 << 21;

    /// Stamps that no moment has: of an element that a copy on its way will overwrite, and of one that
    /// is part of a copy barrier.
    static final int COMING = Integer.MAX_VALUE;
    static final int BARRIER = COMING - 1;

    /// Other groups touched the element before, atomically or plainly.
    static final long FOREIGN_ATOMIC = 1L << 29;
    static final long FOREIGN = 1L << 30;

    private static final long STAMP = -1L << 32;
    private static final int ITEM = (1 << 29) - 1;

    private Mark() {
    }

    static long of(int stamp, int item) {
        return (long) stamp << 32 | item;
    }

    static int stamp(long mark) {
        return (int) (mark >>> 32);
    }

    /// The item, or what stands in its place.
    static int agent(long mark) {
        return (int) mark & ITEM;
    }

    static boolean sameItem(long a, long b) {
        return ((int) a & ITEM) == ((int) b & ITEM);
    }

    static boolean atomic(long mark) {
        return ((int) mark & ITEM) == ATOMIC;
    }

    /// The mark of an element that `now`'s item touches as well, both of one group.
    ///
    /// @param since the stamp from which on accesses have no order: earlier ones are done with
    /// @param rank  of their group in its cluster
    static long joined(long last, long now, int since, int rank) {
        if (stamp(last) < since || sameItem(last, now)) {
            return now;
        }
        return last & STAMP | MANY + rank;
    }

    /// What stays to be known of accesses by groups before the current one.
    ///
    /// @param start first stamp of the current group, which is not before the launch's
    static long foreign(long last, int launchStart, int start) {
        if (stamp(last) < launchStart) {
            return 0;
        }
        if (stamp(last) < start) {
            long kind = atomic(last) ? FOREIGN_ATOMIC : FOREIGN;
            return last & (FOREIGN | FOREIGN_ATOMIC) | kind;
        }
        return last & (FOREIGN | FOREIGN_ATOMIC);
    }

    /// The item of a mark, as it is called in messages.
    static String item(long mark) {
        int item = (int) mark & ITEM;
        return item >= MANY ? "several items" : item == ATOMIC ? "an atomic step" : "item " + item;
    }
}
