package seer.sim;

/// Who touched which element of one device buffer last, as a [Mark] of the last write and one of the
/// reads that the next write has to be in order with.
///
/// Within one launch two groups have no order, so an element that one group writes is no other
/// group's business. Within a group, order comes from barriers of the kind [Fence#GLOBAL]. Both rules
/// exempt atomic additions among themselves.
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

    /// The buffer received host data: what has no value there says so itself, see [Unwritten].
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
        long last = read[index];
        if (last != group.mark) {
            read[index] = after(last, Mark.joined(last, group.mark, group.globalSince, group.rank));
        }
    }

    public void write(int index) {
        if (group == null) {
            return;
        }
        check(index, written[index], "written here and by ");
        check(index, read[index], "written here and read by ");
        written[index] = after(written[index], group.mark);
    }

    /// The new mark, with what earlier groups of the launch did.
    private long after(long last, long mark) {
        return mark | group.foreign(last);
    }

    private void check(int index, long mark, String what) {
        int stamp = Mark.stamp(mark);
        if (stamp < group.launchStart || mark == group.mark) {
            return;
        }
        long foreign = group.foreign(mark);
        boolean atomic = Mark.atomic(group.mark);
        if ((foreign & Mark.FOREIGN) != 0 || foreign != 0 && !atomic) {
            throw fault(Fault.GROUPS_SHARE_ELEMENT, index, what + "another group");
        }
        if (stamp >= group.globalSince && !Mark.sameItem(mark, group.mark)) {
            throw group.race(Fence.GLOBAL, group.place(group.item, name, index), what, mark);
        }
    }

    private KernelFault fault(Fault fault, int index, String reason) {
        return new KernelFault(fault, group.place(group.item, name, index), reason);
    }
}
