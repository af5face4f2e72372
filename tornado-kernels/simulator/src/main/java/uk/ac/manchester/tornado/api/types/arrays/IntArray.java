package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.IntBuffer;

import seer.sim.Unwritten;

/// 32-bit integers outside the Java heap.
public final class IntArray extends TornadoNativeArray {

    private static final ValueLayout.OfInt LAYOUT = ValueLayout.JAVA_INT;

    public IntArray(int numberOfElements) {
        super(numberOfElements, 4);
    }

    public IntArray(IntArray... arrays) {
        super(arrays, 4);
    }

    private IntArray(MemorySegment withHeader) {
        super(withHeader, 4);
    }

    public static IntArray fromArray(int[] values) {
        IntArray array = new IntArray(values.length);
        array.getSegment().copyFrom(MemorySegment.ofArray(values));
        return array;
    }

    public static IntArray fromElements(int... values) {
        return fromArray(values);
    }

    /// Copies a segment of bare elements.
    public static IntArray fromSegment(MemorySegment segment) {
        IntArray array = new IntArray(elements(segment.byteSize(), 4));
        array.getSegment().copyFrom(segment);
        return array;
    }

    /// Wraps a segment that begins with room for the header; nothing is copied.
    public static IntArray fromSegmentShallow(MemorySegment segment) {
        return new IntArray(segment);
    }

    public static IntArray fromIntBuffer(IntBuffer buffer) {
        IntArray array = new IntArray(buffer.remaining());
        array.getSegment().copyFrom(MemorySegment.ofBuffer(buffer));
        return array;
    }

    public static IntArray concat(IntArray... arrays) {
        return new IntArray(arrays);
    }

    public static void initialize(IntArray array, int value) {
        array.init(value);
    }

    public int get(int index) {
        read(index);
        int value = segment.get(LAYOUT, offset(index, 4));
        if (value == Unwritten.BITS) {
            Unwritten.read(this, index);
        }
        return value;
    }

    public void set(int index, int value) {
        write(index);
        segment.set(LAYOUT, offset(index, 4), value);
    }

    public void init(int value) {
        for (int i = 0; i < getSize(); i++) {
            set(i, value);
        }
    }

    @Override
    public void clear() {
        init(0);
    }

    public int[] toHeapArray() {
        return getSegment().toArray(LAYOUT);
    }

    public IntArray slice(int offset, int length) {
        return fromSegment(range(offset, length));
    }
}
