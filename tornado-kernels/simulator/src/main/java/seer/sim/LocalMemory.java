package seer.sim;

import java.util.Arrays;
import java.util.function.IntFunction;

import seer.sim.KernelFault.Place;

/// The local arrays of one group, and who touched which of their elements last.
///
/// The arrays are used again by the next group that the same thread runs. Marks of earlier groups
/// are older than the group's first phase, so their elements count as unwritten without any clearing.
final class LocalMemory {

    private final WorkGroup group;
    private final boolean watched;
    private LocalArray[] locals = new LocalArray[0];
    private int bytes;

    LocalMemory(WorkGroup group, boolean watched) {
        this.group = group;
        this.watched = watched;
    }

    @SuppressWarnings("unchecked")
    <A> A allocate(int ordinal, int size, int elementBytes, IntFunction<A> maker) {
        if (ordinal == locals.length) {
            add(size, elementBytes, maker.apply(size));
        }
        LocalArray known = locals[ordinal];
        if (known.size() != size) {
            throw new KernelFault(Fault.UNEQUAL_LOCAL_ARRAYS, place(known, -1),
                    "this item asks for " + size + " elements, another asked for " + known.size());
        }
        return (A) known.array();
    }

    private void add(int size, int elementBytes, Object array) {
        LocalArray added = new LocalArray(this, group, array, size, watched);
        locals = Arrays.copyOf(locals, locals.length + 1);
        locals[locals.length - 1] = added;
        bytes += size * elementBytes;
        int limit = group.launch.localBytes();
        if (bytes > limit) {
            throw new KernelFault(Fault.LOCAL_MEMORY_EXHAUSTED, place(added, -1),
                    "the group's arrays take " + bytes + " bytes of " + limit);
        }
        spoil(array);
    }

    /// Without marks, reading what this group has not written at least spreads NaN.
    void beginGroup() {
        if (!watched) {
            for (LocalArray local : locals) {
                spoil(local.array());
            }
        }
    }

    private static void spoil(Object array) {
        switch (array) {
            case float[] f -> Arrays.fill(f, Float.NaN);
            case double[] d -> Arrays.fill(d, Double.NaN);
            case int[] i -> Arrays.fill(i, Unwritten.BITS);
            default -> { }
        }
    }

    boolean owns(Object array) {
        return find(array) != null;
    }

    LocalArray find(Object array) {
        for (LocalArray local : locals) {
            if (local.array() == array) {
                return local;
            }
        }
        return null;
    }

    /// Notes that the current item reads an element; false if the array is not a local one.
    boolean read(Object array, int index) {
        LocalArray local = find(array);
        if (local == null) {
            return false;
        }
        rejectHelper(local, index);
        local.requireInside(index, 1, "read");
        if (watched) {
            local.read(index);
        }
        return true;
    }

    /// Notes that the current item writes an element; false if the array is not a local one.
    boolean write(Object array, int index) {
        LocalArray local = find(array);
        if (local == null) {
            return false;
        }
        rejectHelper(local, index);
        local.requireInside(index, 1, "write");
        if (watched) {
            local.write(index);
        }
        return true;
    }

    /// All items must have made the same allocations when the group ends.
    void checkAllocations(WorkItem item) {
        if (item.allocations() != locals.length) {
            throw new KernelFault(Fault.UNEQUAL_LOCAL_ARRAYS, group.place(item.linear, null, -1),
                    "this item asked for " + item.allocations() + " arrays, the group has "
                            + locals.length);
        }
    }

    private void rejectHelper(LocalArray local, int index) {
        if (group.inHelper) {
            throw new KernelFault(Fault.LANGUAGE, place(local, index), "a helper reads or writes a local array "
                    + "itself, and TornadoVM would address other memory");
        }
    }

    /// An operation on `count` elements begins at a multiple of `alignment`.
    void requireAligned(Object array, int index, int count, int alignment, String what) {
        LocalArray local = find(array);
        if (local == null) {
            throw new KernelFault(Fault.OUT_OF_RANGE, group.place(group.item, "a private array", index),
                    what + " wants local memory");
        }
        local.requireInside(index, count, what);
        if (index % alignment != 0) {
            throw new KernelFault(Fault.MISALIGNED_TILE, place(local, index), what + " begins at int " + index
                    + ", which is no multiple of " + alignment);
        }
    }

    /// Two elements become a copy barrier.
    void becomesBarrier(Object array, int index) {
        if (watched) {
            find(array).becomesBarrier(index);
        }
    }

    /// A copy will overwrite an element, at a time not known yet.
    ///
    /// @param known the operation is one of a warp's, which say so; TornadoVM's own leave no value until then
    void coming(Object array, int index, boolean known) {
        LocalArray local = find(array);
        if (local != null) {
            local.requireInside(index, 1, "write");
        }
        if (local != null && watched) {
            if (known) {
                local.coming(index, group.order == null ? group.item : group.order.agent(group.item), group);
            } else {
                local.unset(index);
            }
        }
    }

    /// The copy is there, for its item.
    void landed(Object array, int index) {
        LocalArray local = find(array);
        if (local != null && watched) {
            local.landed(index, group.mark);
        }
    }

    /// Lanes of a warp read a row of four ints each, which all of them get a part of.
    void loadTogether(Meeting meeting) {
        for (int lane = 0; lane < Meeting.LANES; lane++) {
            meeting.as(lane);
            requireAligned(meeting.from[lane], meeting.fromAt[lane], 4, 4, "a row of a matrix");
        }
        if (!watched) {
            return;
        }
        long reader = Mark.of(group.launch.tick(), group.order.products(meeting.first));
        for (int lane = 0; lane < Meeting.LANES; lane++) {
            ReadMarks marks = new ReadMarks();
            LocalArray local = find(meeting.from[lane]);
            local.readTogether(meeting.fromAt[lane], reader, marks, false);
            for (int other = 0; marks.count() > 0 && other < Meeting.LANES; other++) {
                meeting.as(other);
                local.requireReadable(marks, group.item, false);
            }
        }
        for (int lane = 0; lane < Meeting.LANES; lane++) {
            group.order.saw(meeting.first + lane, group.order.products(meeting.first), Mark.stamp(reader));
        }
    }

    /// The array that the items of another group of the cluster have in the place of `array`, or null.
    int[] sibling(LocalMemory other, Object array) {
        int ordinal = Arrays.asList(other.locals).indexOf(other.find(array));
        return ordinal < locals.length && locals[ordinal].array() instanceof int[] found ? found : null;
    }

    /// Where an array's element is that a group's current item touches, in words.
    Place place(WorkGroup by, Object array, long index) {
        LocalArray local = find(array);
        return by == group || local == null ? place(array, index) : by.place(by.item, place(local, index).buffer()
                + " of the group of rank " + group.rank, index);
    }

    /// Where an array's element is, in words.
    Place place(Object array, long index) {
        LocalArray local = find(array);
        return local == null ? group.place(group.item, "a private array", index) : place(local, index);
    }

    Place place(LocalArray local, long index) {
        int ordinal = Arrays.asList(locals).indexOf(local);
        return group.place(group.item, group.launch.code().localName(ordinal), index);
    }
}
