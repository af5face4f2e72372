package seer.sim;

/// Where the bytecode of a watched kernel calls in: before each element of a Java array is read, in
/// place of each write to one, after each `new` of one, and before each barrier. Local arrays are told
/// from private ones by identity.
public final class Probe {

    /// Marks the fifth element of an accumulator, which kernels must not look into.
    static final int FRAGMENT = 0x7FC5EE12;

    private Probe() {
    }

    /// An element is about to be read.
    public static void read(Object array, int index) {
        WorkGroup group = SimulatorThread.group();
        if (group != null && !group.locals.read(array, index)) {
            group.inHelper = false;
            rejectFragment(group, array);
            group.privates.read(array, index);
        }
    }

    /// The group if the array is a private one of its items, else null.
    private static WorkGroup write(Object array, int index) {
        WorkGroup group = SimulatorThread.group();
        if (group != null && !group.locals.write(array, index)) {
            group.inHelper = false;
            rejectFragment(group, array);
            return group;
        }
        return null;
    }

    private static void wrote(WorkGroup group, Object array, int index) {
        if (group != null) {
            group.privates.wrote(array, index);
        }
    }

    /// A kernel or its helper made an array.
    public static void fresh(Object array) {
        WorkGroup group = SimulatorThread.group();
        if (group != null) {
            group.privates.fresh(array);
        }
    }

    private static void rejectFragment(WorkGroup group, Object array) {
        boolean fragment = array instanceof float[] f && f.length == 5
                && Float.floatToRawIntBits(f[4]) == FRAGMENT
                || array instanceof Object[] o && o.length == 1 && o[0] instanceof Tile;
        if (fragment) {
            throw new KernelFault(Fault.OPAQUE_FRAGMENT, group.place(group.item, null, -1),
                    "fragments have no elements in TornadoVM 5.2.0; store them with mmaStore");
        }
    }

    public static void write(float[] array, int index, float value) {
        WorkGroup owner = write(array, index);
        array[index] = value;
        wrote(owner, array, index);
    }

    public static void write(int[] array, int index, int value) {
        WorkGroup owner = write(array, index);
        array[index] = value;
        wrote(owner, array, index);
    }

    public static void write(long[] array, int index, long value) {
        WorkGroup owner = write(array, index);
        array[index] = value;
        wrote(owner, array, index);
    }

    public static void write(double[] array, int index, double value) {
        WorkGroup owner = write(array, index);
        array[index] = value;
        wrote(owner, array, index);
    }

    public static void write(short[] array, int index, short value) {
        WorkGroup owner = write(array, index);
        array[index] = value;
        wrote(owner, array, index);
    }

    public static void write(char[] array, int index, char value) {
        WorkGroup owner = write(array, index);
        array[index] = value;
        wrote(owner, array, index);
    }

    public static void write(Object[] array, int index, Object value) {
        WorkGroup owner = write(array, index);
        array[index] = value;
        wrote(owner, array, index);
    }

    /// Bytes and booleans share an instruction.
    public static void write(Object array, int index, byte value) {
        WorkGroup owner = write(array, index);
        if (array instanceof byte[] bytes) {
            bytes[index] = value;
        } else {
            ((boolean[]) array)[index] = value != 0;
        }
        wrote(owner, array, index);
    }

    /// A helper received an array: it must not be a local one, unless for operations of a warp.
    public static void passed(Object array) {
        WorkGroup group = SimulatorThread.group();
        if (group != null && group.launch.code().operations().isEmpty() && group.locals.owns(array)) {
            throw new KernelFault(Fault.LANGUAGE, group.place(group.item, null, -1),
                    "a helper receives a local array, and TornadoVM would address other memory");
        }
    }

    /// A helper that takes arrays is about to read or write an element of one: not of a local array.
    public static void inHelper() {
        WorkGroup group = SimulatorThread.group();
        if (group != null) {
            group.inHelper = true;
        }
    }

    /// The barrier with this number, unlike all others', and at this source line comes next.
    public static void site(int number, int line) {
        WorkGroup group = SimulatorThread.group();
        if (group != null) {
            group.site(number, line);
        }
    }
}
