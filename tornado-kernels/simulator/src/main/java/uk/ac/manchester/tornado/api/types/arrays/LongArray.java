package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.LongBuffer;

import seer.sim.Unwritten;

/// 64-bit integers outside the Java heap.
public final class LongArray extends TornadoNativeArray {

    private static final ValueLayout.OfLong LAYOUT = ValueLayout.JAVA_LONG;

    public LongArray(int numberOfElements) {
        super(numberOfElements, 8);
    }

    public LongArray(LongArray... arrays) {
        super(arrays, 8);
    }

    private LongArray(MemorySegment withHeader) {
        super(withHeader, 8);
    }

    public static LongArray fromArray(long[] values) {
        LongArray array = new LongArray(values.length);
        array.getSegment().copyFrom(MemorySegment.ofArray(values));
        return array;
    }

    public static LongArray fromElements(long... values) {
        return fromArray(values);
    }

    /// Copies a segment of bare elements.
    public static LongArray fromSegment(MemorySegment segment) {
        LongArray array = new LongArray(elements(segment.byteSize(), 8));
        array.getSegment().copyFrom(segment);
        return array;
    }

    /// Wraps a segment that begins with room for the header; nothing is copied.
    public static LongArray fromSegmentShallow(MemorySegment segment) {
        return new LongArray(segment);
    }

    public static LongArray fromLongBuffer(LongBuffer buffer) {
        LongArray array = new LongArray(buffer.remaining());
        array.getSegment().copyFrom(MemorySegment.ofBuffer(buffer));
        return array;
    }

    public static LongArray concat(LongArray... arrays) {
        return new LongArray(arrays);
    }

    public static void initialize(LongArray array, long value) {
        array.init(value);
    }

    public long get(int index) {
        read(index);
        long value = segment.get(LAYOUT, offset(index, 8));
        if (value == Unwritten.WIDE) {
            Unwritten.read(this, index);
        }
        return value;
    }

    public void set(int index, long value) {
        write(index);
        segment.set(LAYOUT, offset(index, 8), value);
    }

    public void init(long value) {
        for (int i = 0; i < getSize(); i++) {
            set(i, value);
        }
    }

    @Override
    public void clear() {
        init(0L);
    }

    public long[] toHeapArray() {
        return getSegment().toArray(LAYOUT);
    }

    public LongArray slice(int offset, int length) {
        return fromSegment(range(offset, length));
    }
}
