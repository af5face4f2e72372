package seer.sim;

import java.util.Arrays;
import java.util.function.IntFunction;

import seer.sim.KernelFault.Place;

/// The local arrays of one group, and who touched which of their elements last.
///
/// The arrays are used again by the next group that the same thread runs. Marks of earlier groups
/// are older than the group's first phase, so their elements count as unwritten without any clearing.
/// Order between items comes from barriers of the kind [Fence#LOCAL] alone.
final class LocalMemory {

    /// One array with the marks of each of its elements: of the last write, and of the reads.
    private record Local(Object array, int size, long[] written, long[] read) {
    }

    private final WorkGroup group;
    private final boolean watched;
    private Local[] locals = new Local[0];
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
        Local known = locals[ordinal];
        if (known.size != size) {
            throw new KernelFault(Fault.UNEQUAL_LOCAL_ARRAYS, place(known, -1),
                    "this item asks for " + size + " elements, another asked for " + known.size);
        }
        return (A) known.array;
    }

    private void add(int size, int elementBytes, Object array) {
        int marks = watched ? size : 0;
        Local added = new Local(array, size, new long[marks], new long[marks]);
        locals = Arrays.copyOf(locals, locals.length + 1);
        locals[locals.length - 1] = added;
        bytes += size * elementBytes;
        int limit = group.launch.settings().localBytes();
        if (bytes > limit) {
            throw new KernelFault(Fault.LOCAL_MEMORY_EXHAUSTED, place(added, -1),
                    "the group's arrays take " + bytes + " bytes of " + limit);
        }
        spoil(array);
    }

    /// Without marks, reading what this group has not written at least spreads NaN.
    void beginGroup() {
        if (!watched) {
            for (Local local : locals) {
                spoil(local.array);
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

    private Local find(Object array) {
        for (Local local : locals) {
            if (local.array == array) {
                return local;
            }
        }
        return null;
    }

    /// Notes that the current item reads an element; false if the array is not a local one.
    boolean read(Object array, int index) {
        Local local = find(array);
        if (local == null) {
            return false;
        }
        if (index < 0 || index >= local.size) {
            throw range(local, index, "read");
        }
        if (!watched) {
            return true;
        }
        long now = group.mark;
        long mark = local.written[index];
        if (mark != now) {
            if (Mark.stamp(mark) < group.start) {
                throw new KernelFault(Fault.UNWRITTEN_LOCAL, place(local, index),
                        "no item of the group wrote it, or its copy was not waited for");
            }
            check(local, index, mark, "read here and written by ");
        }
        long last = local.read[index];
        if (last != now) {
            local.read[index] = Mark.joined(last, now, group.localSince);
        }
        return true;
    }

    /// Notes that the current item writes an element; false if the array is not a local one.
    boolean write(Object array, int index) {
        return write(array, index, true);
    }

    /// Notes that an element is about to be overwritten, at a time not known yet.
    void unset(Object array, int index) {
        write(array, index, false);
    }

    private boolean write(Object array, int index, boolean landed) {
        Local local = find(array);
        if (local == null) {
            return false;
        }
        if (index < 0 || index >= local.size) {
            throw range(local, index, "write");
        }
        if (!watched) {
            return true;
        }
        check(local, index, local.written[index], "written here and by ");
        check(local, index, local.read[index], "written here and read by ");
        local.written[index] = landed ? group.mark : 0;
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

    private void check(Local local, int index, long mark, String what) {
        if (Mark.stamp(mark) >= group.localSince && !Mark.sameItem(mark, group.mark)) {
            throw group.race(Fence.LOCAL, place(local, index), what, mark);
        }
    }

    private KernelFault range(Local local, int index, String what) {
        return new KernelFault(Fault.OUT_OF_RANGE, place(local, index),
                what + " outside " + local.size + " elements");
    }

    private Place place(Local local, long index) {
        int ordinal = Arrays.asList(locals).indexOf(local);
        return group.place(group.item, group.launch.code().localName(ordinal), index);
    }
}
