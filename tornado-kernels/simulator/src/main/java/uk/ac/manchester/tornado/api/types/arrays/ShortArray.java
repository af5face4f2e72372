package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ShortBuffer;

/// 16-bit integers, also raw bits of 16-bit floating-point numbers outside the Java heap.
public final class ShortArray extends TornadoNativeArray {

    private static final ValueLayout.OfShort LAYOUT = ValueLayout.JAVA_SHORT;

    public ShortArray(int numberOfElements) {
        super(numberOfElements, 2);
    }

    public ShortArray(ShortArray... arrays) {
        super(arrays, 2);
    }

    private ShortArray(MemorySegment withHeader) {
        super(withHeader, 2);
    }

    public static ShortArray fromArray(short[] values) {
        ShortArray array = new ShortArray(values.length);
        array.getSegment().copyFrom(MemorySegment.ofArray(values));
        return array;
    }

    public static ShortArray fromElements(short... values) {
        return fromArray(values);
    }

    /// Copies a segment of bare elements.
    public static ShortArray fromSegment(MemorySegment segment) {
        ShortArray array = new ShortArray(elements(segment.byteSize(), 2));
        array.getSegment().copyFrom(segment);
        return array;
    }

    /// Wraps a segment that begins with room for the header; nothing is copied.
    public static ShortArray fromSegmentShallow(MemorySegment segment) {
        return new ShortArray(segment);
    }

    public static ShortArray fromShortBuffer(ShortBuffer buffer) {
        ShortArray array = new ShortArray(buffer.remaining());
        array.getSegment().copyFrom(MemorySegment.ofBuffer(buffer));
        return array;
    }

    public static ShortArray concat(ShortArray... arrays) {
        return new ShortArray(arrays);
    }

    public static void initialize(ShortArray array, short value) {
        array.init(value);
    }

    public short get(int index) {
        read(index);
        return segment.get(LAYOUT, offset(index, 2));
    }

    public void set(int index, short value) {
        write(index);
        segment.set(LAYOUT, offset(index, 2), value);
    }

    public void init(short value) {
        for (int i = 0; i < getSize(); i++) {
            set(i, value);
        }
    }

    @Override
    public void clear() {
        init((short) 0);
    }

    public short[] toHeapArray() {
        return getSegment().toArray(LAYOUT);
    }

    public ShortArray slice(int offset, int length) {
        return fromSegment(range(offset, length));
    }
}
