package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import seer.sim.BufferRange;
import seer.sim.Hooks;
import seer.sim.Watch;

/// A fixed number of equal elements outside the Java heap, behind a small header.
///
/// Every access is checked against the element count (the header is not reachable by a negative
/// index), and an array that plays the device's copy of a buffer also reports its accesses to a
/// [Watch]. A host array has no watch, which costs one well-predicted branch.
public abstract sealed class TornadoNativeArray
        permits ByteArray, DoubleArray, FloatArray, HalfFloatArray, IntArray, LongArray, ShortArray {

    /// Bytes in front of the first element, as in a Java array object.
    public static final long ARRAY_HEADER =
            Long.parseLong(System.getProperty("tornado.panama.objectHeader", "16"));

    static {
        Hooks.watching((array, watch) -> ((TornadoNativeArray) array).watch = watch);
    }

    /// Header and elements.
    final MemorySegment segment;

    private final int size;
    private final int elementSize;
    private Watch watch;

    TornadoNativeArray(int size, int elementSize) {
        this(Arena.ofAuto().allocate(ARRAY_HEADER + (long) size * elementSize, 16), elementSize);
    }

    TornadoNativeArray(TornadoNativeArray[] parts, int elementSize) {
        this(total(parts), elementSize);
        long at = 0;
        for (TornadoNativeArray part : parts) {
            MemorySegment.copy(part.getSegment(), 0, getSegment(), at, part.getNumBytesOfSegment());
            at += part.getNumBytesOfSegment();
        }
    }

    TornadoNativeArray(MemorySegment withHeader, int elementSize) {
        this.segment = withHeader;
        this.size = elements(withHeader.byteSize() - ARRAY_HEADER, elementSize);
        this.elementSize = elementSize;
        withHeader.set(ValueLayout.JAVA_INT_UNALIGNED, 0, size);
    }

    public int getSize() {
        return size;
    }

    /// The elements without the header.
    public MemorySegment getSegment() {
        return segment.asSlice(ARRAY_HEADER);
    }

    public MemorySegment getSegmentWithHeader() {
        return segment;
    }

    public long getNumBytesOfSegmentWithHeader() {
        return segment.byteSize();
    }

    public long getNumBytesOfSegment() {
        return segment.byteSize() - ARRAY_HEADER;
    }

    public int getElementSize() {
        return elementSize;
    }

    protected void clear() {
    }

    final void read(int index) {
        if (index < 0 || index >= size) {
            throw new BufferRange(this, index, size, false);
        }
        if (watch != null) {
            watch.read(index);
        }
    }

    final void write(int index) {
        if (index < 0 || index >= size) {
            throw new BufferRange(this, index, size, true);
        }
        if (watch != null) {
            watch.write(index);
        }
    }

    static long offset(int index, int elementSize) {
        return ARRAY_HEADER + (long) index * elementSize;
    }

    final MemorySegment range(int offset, int length) {
        if (offset < 0 || length < 0 || length > size - offset) {
            throw new IllegalArgumentException("a slice of " + length + " elements from " + offset
                    + " does not lie in an array of " + size);
        }
        return getSegment().asSlice((long) offset * elementSize, (long) length * elementSize);
    }

    static int elements(long bytes, int elementSize) {
        if (bytes % elementSize != 0) {
            throw new IllegalArgumentException(
                    bytes + " bytes are not a whole number of elements of " + elementSize);
        }
        return Math.toIntExact(bytes / elementSize);
    }

    private static int total(TornadoNativeArray[] parts) {
        int total = 0;
        for (TornadoNativeArray part : parts) {
            total += part.size;
        }
        return total;
    }
}
