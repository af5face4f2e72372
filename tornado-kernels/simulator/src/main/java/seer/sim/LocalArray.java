package seer.sim;

import java.util.Arrays;

/// One local array with the marks of each of its elements: of the last write, and of the reads that
/// the next write has to be in order with.
///
/// Where barriers of the whole group are all the order there is (those of the kind [Fence#LOCAL]),
/// one mark stands for the reads of several items. With an [Order], each element's readers are kept
/// apart, since some may be known to be done and others not.
final class LocalArray {

    private final LocalMemory memory;
    private final WorkGroup group;
    private final Object array;
    private final int size;
    private final long[] written;
    private final long[] read;
    /// With an order, where several have read: their marks, behind their number.
    private final long[][] readers;

    LocalArray(LocalMemory memory, WorkGroup group, Object array, int size, boolean watched) {
        this.memory = memory;
        this.group = group;
        this.array = array;
        this.size = size;
        this.written = new long[watched ? size : 0];
        this.read = new long[watched ? size : 0];
        this.readers = new long[group.order == null ? 0 : size][];
    }

    Object array() {
        return array;
    }

    int size() {
        return size;
    }

    void requireInside(int index, int count, String what) {
        if (index < 0 || index > size - count) {
            throw new KernelFault(Fault.OUT_OF_RANGE, memory.place(this, index),
                    what + " outside " + size + " elements");
        }
    }

    /// The current item reads an element.
    void read(int index) {
        long mark = written[index];
        if (mark != group.mark) {
            requireReadable(index, mark, group.item);
        }
        noteRead(index, group.mark);
    }

    /// Four elements are read for a warp: what is found there goes to `marks`, for [#requireReadable].
    ///
    /// @param reader mark of the warp
    /// @param tensor by tensor cores; if not, what all items know to be written is no matter
    void readTogether(int index, long reader, ReadMarks marks, boolean tensor) {
        for (int i = index; i < index + 4; i++) {
            long mark = written[i];
            boolean known = !tensor && Mark.stamp(mark) >= group.start && Mark.stamp(mark) < group.localSince
                    && group.order.isItem(Mark.agent(mark));
            if (!known) {
                marks.add(mark, i);
            }
            if (read[i] != reader) {
                addReader(i, reader, false);
            }
        }
    }

    /// Each of the marks has to be in order with the item.
    ///
    /// @param tensor tensor cores read, which see what items wrote only once it was published
    void requireReadable(ReadMarks marks, int item, boolean tensor) {
        for (int i = 0; i < marks.count(); i++) {
            requireReadable(marks.index(i), marks.mark(i), item);
            if (tensor) {
                requirePublished(marks.index(i), marks.mark(i), group, item, "read by tensor cores");
            }
        }
    }

    private void requireReadable(int index, long mark, int item) {
        int stamp = Mark.stamp(mark);
        if (stamp < group.start) {
            throw fault(Fault.UNWRITTEN_LOCAL, index, "no item of the group wrote it, or its copy was not waited for");
        }
        if (stamp == Mark.BARRIER) {
            throw fault(Fault.BARRIER_MISUSE, index, "this is part of a copy barrier");
        }
        if (stamp == Mark.COMING) {
            throw fault(Fault.UNAWAITED_COPY, index, "a copy that will bring it is under way");
        }
        if (!ordered(mark, group, item)) {
            if (group.order != null && group.order.isCopies(Mark.agent(mark))) {
                throw fault(Fault.UNAWAITED_COPY, index, "a copy brought it, but item " + item
                        + " has not waited for that, nor met anybody who has");
            }
            throw race(index, "read here and written by ", mark);
        }
    }

    private void requirePublished(int index, long mark, WorkGroup by, int item, String what) {
        if (group.order.isItem(Mark.agent(mark)) && !group.order.published(mark, by.order, item)) {
            throw fault(Fault.UNPUBLISHED_TILE, index, what + " and written by " + group.name(mark)
                    + ", which has not published it, or no barrier followed");
        }
    }

    private boolean ordered(long mark, WorkGroup by, int item) {
        if (by.order != null) {
            return item == by.item && Mark.sameItem(mark, by.mark) || by.order.ordered(mark, item);
        }
        return Mark.stamp(mark) < group.localSince || Mark.sameItem(mark, group.mark);
    }

    private void noteRead(int index, long now) {
        if (read[index] == now) {
            return;
        }
        if (group.order == null) {
            read[index] = Mark.joined(read[index], now, group.localSince, group.rank);
        } else {
            addReader(index, now, true);
        }
    }

    /// Adds a read to those that the next write has to be in order with. Of earlier ones, those may be left out that
    /// the reader knows to be over: who is in order with the reader is in order with them.
    ///
    /// @param byItem the current item reads; otherwise others whose knowledge is that of 32 lanes, not all the same
    private void addReader(int index, long now, boolean byItem) {
        long last = read[index];
        read[index] = now;
        if (!many(index)) {
            if (last == 0 || isOver(last, now, byItem)) {
                return;
            }
            readers[index] = readers[index] == null ? new long[4] : readers[index];
            readers[index][0] = 1;
            readers[index][1] = last;
        }
        long[] marks = readers[index];
        int count = 0;
        for (int i = 1; i <= marks[0]; i++) {
            if (!isOver(marks[i], now, byItem)) {
                marks[++count] = marks[i];
            }
        }
        if (count + 1 == marks.length) {
            marks = Arrays.copyOf(marks, 2 * marks.length);
            readers[index] = marks;
        }
        marks[++count] = now;
        marks[0] = count;
    }

    private boolean many(int index) {
        return readers[index] != null && readers[index][0] > 0;
    }

    private boolean isOver(long earlier, long now, boolean byItem) {
        return Mark.sameItem(earlier, now) || Mark.stamp(earlier) < group.start
                || byItem && ordered(earlier, group, group.item);
    }

    /// The current item writes an element.
    void write(int index) {
        requireWritable(index, false, group);
        written[index] = group.mark;
    }

    /// The current item has asked for a copy by TornadoVM's own operation: until it lands the element has no value.
    void unset(int index) {
        requireWritable(index, false, group);
        written[index] = 0;
    }

    /// A group's current item has asked for a copy to an element, its own or the copy engine's, which lands
    /// at a time not known yet.
    ///
    /// @param by this group or another one of its cluster
    void coming(int index, int agent, WorkGroup by) {
        requireWritable(index, true, by);
        if (group.order != null && group.order.isCopies(agent) && Mark.stamp(written[index]) >= group.start) {
            requirePublished(index, written[index], by, by.item, "overwritten by the copy engine");
        }
        written[index] = Mark.of(Mark.COMING, agent);
    }

    /// The copy is there, for those who come after `mark`.
    void landed(int index, long mark) {
        if (written.length > 0) {
            written[index] = mark;
        }
    }

    /// Two elements become a copy barrier.
    void becomesBarrier(int index) {
        for (int i = index; i < index + 2; i++) {
            requireWritable(i, false, group);
            written[i] = Mark.of(Mark.BARRIER, 0);
        }
    }

    private void requireWritable(int index, boolean copy, WorkGroup by) {
        long last = written[index];
        if (Mark.stamp(last) == Mark.BARRIER) {
            throw fault(Fault.BARRIER_MISUSE, index, "this is part of a copy barrier", by);
        }
        if (Mark.stamp(last) == Mark.COMING) {
            throw fault(Fault.OVERWRITTEN_TILE, index, "a copy to it is under way", by);
        }
        requireDone(index, last, copy, "written here and by ", by);
        if (group.order == null || !many(index)) {
            requireDone(index, read[index], copy, "written here and read by ", by);
        } else {
            for (int i = 1; i <= readers[index][0]; i++) {
                requireDone(index, readers[index][i], copy, "written here and read by ", by);
            }
            readers[index][0] = 0;
        }
        if (group.order != null) {
            read[index] = 0;
        }
    }

    private void requireDone(int index, long mark, boolean copy, String what, WorkGroup by) {
        if (Mark.stamp(mark) < group.start || ordered(mark, by, by.item)) {
            return;
        }
        if (group.order != null && (copy || !group.order.isItem(Mark.agent(mark)))) {
            throw fault(Fault.OVERWRITTEN_TILE, index, what + group.name(mark)
                    + ", and this item has not waited until that was over, nor met anybody who has", by);
        }
        throw race(index, what, mark);
    }

    private KernelFault race(int index, String what, long mark) {
        return group.race(Fence.LOCAL, memory.place(this, index), what, mark);
    }

    private KernelFault fault(Fault kind, int index, String reason) {
        return new KernelFault(kind, memory.place(this, index), reason);
    }

    private KernelFault fault(Fault kind, int index, String reason, WorkGroup by) {
        return new KernelFault(kind, memory.place(by, array, index), reason);
    }
}
