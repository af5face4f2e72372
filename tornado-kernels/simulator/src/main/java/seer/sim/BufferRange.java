package seer.sim;

/// An index outside an array. On the host it is the usual exception; inside a kernel the work-group
/// makes of it a [KernelFault], because only the group knows the names.
public final class BufferRange extends IndexOutOfBoundsException {

    private static final long serialVersionUID = 1L;

    private final transient Object array;
    private final int index;

    public BufferRange(Object array, int index, int size, boolean write) {
        super((write ? "write to" : "read of") + " element " + index + " of " + size);
        this.array = array;
        this.index = index;
    }

    Object array() {
        return array;
    }

    int index() {
        return index;
    }
}
