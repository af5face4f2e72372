package seer.sim;

/// Who touched which element of one device buffer last. A mark is a stamp (a phase of a group, ever
/// growing within a plan) and the item.
///
/// Within one launch two groups have no order, so an element that one group writes is no other
/// group's business. Within a group, order comes from barriers. Both rules exempt atomic additions
/// among themselves.
public final class Watch {

    private final int size;
    private long[] written;
    private long[] read;
    private boolean defined;
    private WorkGroup group;
    private String name;

    Watch(int size) {
        this.size = size;
    }

    /// The buffer received host data, so every element may be read.
    void define() {
        defined = true;
    }

    /// From now on `group`'s items act, and call the buffer `name`; null when the launch is over.
    void attach(WorkGroup acting, String parameter) {
        if (written == null) {
            written = new long[size];
            read = new long[size];
        }
        group = acting;
        name = parameter;
    }

    public void read(int index) {
        if (group == null) {
            return;
        }
        long mark = written[index];
        if (mark == 0 && !defined) {
            throw fault(Fault.UNWRITTEN_GLOBAL, index,
                    "no transfer and no kernel gave this element a value");
        }
        check(index, mark, "read here and written by ");
        long now = group.mark;
        long last = read[index];
        if (last != now) {
            boolean shared = last >>> 32 == now >>> 32;
            read[index] = shared ? now | LocalMemory.MANY : now;
        }
    }

    public void write(int index) {
        if (group == null) {
            return;
        }
        check(index, written[index], "written here and by ");
        check(index, read[index], "written here and read by ");
        written[index] = group.mark;
    }

    private void check(int index, long mark, String what) {
        int stamp = (int) (mark >>> 32);
        if (stamp < group.launchStart || mark == group.mark) {
            return;
        }
        boolean atomics = (int) mark == WorkGroup.ATOMIC && group.item == WorkGroup.ATOMIC;
        if (stamp < group.start && !atomics) {
            throw fault(Fault.GROUPS_SHARE_ELEMENT, index, what + "another group");
        }
        if (stamp == group.stamp) {
            throw race(index, what + "item ", mark);
        }
    }

    private KernelFault race(int index, String what, long mark) {
        return fault(Fault.GLOBAL_RACE, index,
                what + LocalMemory.name((int) mark) + " with no barrier between");
    }

    private KernelFault fault(Fault fault, int index, String reason) {
        return new KernelFault(fault, group.place(group.item, name, index), reason);
    }
}
