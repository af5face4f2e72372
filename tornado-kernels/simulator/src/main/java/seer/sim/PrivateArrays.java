package seer.sim;

import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/// The private arrays of a group's items: those that a kernel makes with `new`. Java clears them, but
/// TornadoVM declares them without a value.
///
/// A new array is filled with the value that stands for none, so that a read costs one comparison. A
/// kernel may store that very value, which is rare in 32 bits and frequent in 8: such elements are
/// remembered, so that the answer is exact for every type.
final class PrivateArrays {

    private static final float FLOAT = Float.intBitsToFloat(Unwritten.BITS);
    private static final double DOUBLE = Double.longBitsToDouble(Unwritten.WIDE);

    private static final Set<String> OURS = Set.of(PrivateArrays.class.getName(), Probe.class.getName());

    private final WorkGroup group;
    /// Elements that were given the value that stands for none.
    private final Map<Object, BitSet> given = new IdentityHashMap<>();

    PrivateArrays(WorkGroup group) {
        this.group = group;
    }

    void beginGroup() {
        given.clear();
    }

    /// Takes the value of all elements away. References are null from the start.
    void fresh(Object array) {
        switch (array) {
            case float[] f -> Arrays.fill(f, FLOAT);
            case int[] i -> Arrays.fill(i, Unwritten.BITS);
            case double[] d -> Arrays.fill(d, DOUBLE);
            case long[] l -> Arrays.fill(l, Unwritten.WIDE);
            case short[] s -> Arrays.fill(s, (short) Unwritten.BITS);
            case char[] c -> Arrays.fill(c, (char) Unwritten.BITS);
            case byte[] b -> Arrays.fill(b, (byte) Unwritten.BITS);
            case boolean[] b -> Arrays.fill(b, true);
            case Object[] rows -> {
                for (Object row : rows) {
                    if (row != null) {
                        fresh(row);
                    }
                }
            }
            default -> throw new IllegalArgumentException(array.getClass() + " is no array");
        }
    }

    /// An operation of a warp reads elements.
    void used(Object array, int from, int count) {
        if (group.launch.watched()) {
            touch(array, from, count);
            requireValues(array, from, count);
        }
    }

    /// An operation of a warp is about to overwrite elements.
    void overwritten(Object array, int from, int count) {
        if (group.launch.watched()) {
            touch(array, from, count);
        }
    }

    /// An operation of a warp has written elements.
    void given(Object array, int from, int count) {
        for (int i = from; group.launch.watched() && i < from + count; i++) {
            noteGiven(array, i);
        }
    }

    private void touch(Object array, int from, int count) {
        Registers registers = group.collectives.registers();
        for (int i = from; registers != null && i < from + count; i++) {
            registers.use(array, i);
        }
    }

    void requireValues(Object array, int from, int count) {
        for (int i = from; i < from + count; i++) {
            requireValue(array, i);
        }
    }

    /// An element is about to be read. Whether its index is in range is the reader's business.
    void read(Object array, int index) {
        touch(array, index, 1);
        requireValue(array, index);
    }

    private void requireValue(Object array, int index) {
        if (holdsNone(array, index)) {
            BitSet stored = given.get(array);
            if (stored == null || !stored.get(index)) {
                throw new KernelFault(Fault.UNWRITTEN_PRIVATE,
                        group.place(group.item, "a private array", index),
                        "nobody gave this element a value" + line());
            }
        }
    }

    /// An element was written.
    void wrote(Object array, int index) {
        touch(array, index, 1);
        noteGiven(array, index);
    }

    private void noteGiven(Object array, int index) {
        if (holdsNone(array, index)) {
            given.computeIfAbsent(array, key -> new BitSet()).set(index);
        }
    }

    private static boolean holdsNone(Object array, int index) {
        return switch (array) {
            case float[] f -> Float.floatToRawIntBits(f[index]) == Unwritten.BITS;
            case int[] i -> i[index] == Unwritten.BITS;
            case double[] d -> Double.doubleToRawLongBits(d[index]) == Unwritten.WIDE;
            case long[] l -> l[index] == Unwritten.WIDE;
            case short[] s -> s[index] == (short) Unwritten.BITS;
            case char[] c -> c[index] == (char) Unwritten.BITS;
            case byte[] b -> b[index] == (byte) Unwritten.BITS;
            case boolean[] b -> b[index];
            case Object[] o -> o[index] == null;
            default -> false;
        };
    }

    /// Private arrays have no names here, so the kernel's line tells which one it is.
    private static String line() {
        return StackWalker.getInstance().walk(frames -> frames
                .filter(frame -> !OURS.contains(frame.getClassName()))
                .findFirst().map(frame -> ", read in line " + frame.getLineNumber()).orElse(""));
    }
}
