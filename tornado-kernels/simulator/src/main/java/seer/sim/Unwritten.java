package seer.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What 32 bits of memory hold before anybody writes: a NaN that no arithmetic yields, and as an
/// integer a negative number far from zero.
///
/// Fresh device memory is full of it, and so are private arrays. A kernel that reads an element that
/// consists of it reads what nobody wrote. Since the bits themselves say so, it also holds for what
/// came to the host and went back; and a program that cuts many stretches out of one buffer can fill
/// the buffer with them, so that stretches without a value are told from those with zeros.
public final class Unwritten {

    public static final int BITS = 0xFFC5_1E57;

    /// The same in elements of 64 bits.
    public static final long WIDE = (long) BITS << 32 | BITS & 0xFFFF_FFFFL;

    private Unwritten() {
    }

    /// Called by a buffer that finds the bits in an element: a fault if a kernel asked for it.
    public static void read(Object buffer, int index) {
        WorkGroup group = SimulatorThread.group();
        if (group != null) {
            throw new KernelFault(Fault.UNWRITTEN_GLOBAL,
                    group.place(group.item, group.launch.bufferName(buffer), index),
                    "no transfer and no kernel gave this element a value");
        }
    }

    /// The last bytes, if they do not make 32 bits, stay as they are.
    static void fill(MemorySegment bytes) {
        for (long at = 0; at + 4 <= bytes.byteSize(); at += 4) {
            bytes.set(ValueLayout.JAVA_INT_UNALIGNED, at, BITS);
        }
    }
}
