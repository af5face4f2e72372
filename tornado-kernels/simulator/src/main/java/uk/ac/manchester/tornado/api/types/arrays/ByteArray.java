package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

import uk.ac.manchester.tornado.api.types.HalfFloat;

/// Bytes outside the Java heap.
public final class ByteArray extends TornadoNativeArray {

    private static final ValueLayout.OfByte LAYOUT = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort UNALIGNED = ValueLayout.JAVA_SHORT_UNALIGNED;

    public ByteArray(int numberOfElements) {
        super(numberOfElements, 1);
    }

    public ByteArray(ByteArray... arrays) {
        super(arrays, 1);
    }

    private ByteArray(MemorySegment withHeader) {
        super(withHeader, 1);
    }

    public static ByteArray fromArray(byte[] values) {
        ByteArray array = new ByteArray(values.length);
        array.getSegment().copyFrom(MemorySegment.ofArray(values));
        return array;
    }

    public static ByteArray fromElements(byte... values) {
        return fromArray(values);
    }

    /// Copies a segment of bare elements.
    public static ByteArray fromSegment(MemorySegment segment) {
        ByteArray array = new ByteArray(elements(segment.byteSize(), 1));
        array.getSegment().copyFrom(segment);
        return array;
    }

    /// Wraps a segment that begins with room for the header; nothing is copied.
    public static ByteArray fromSegmentShallow(MemorySegment segment) {
        return new ByteArray(segment);
    }

    public static ByteArray fromByteBuffer(ByteBuffer buffer) {
        ByteArray array = new ByteArray(buffer.remaining());
        array.getSegment().copyFrom(MemorySegment.ofBuffer(buffer));
        return array;
    }

    public static ByteArray concat(ByteArray... arrays) {
        return new ByteArray(arrays);
    }

    public static void initialize(ByteArray array, byte value) {
        array.init(value);
    }

    public byte get(int index) {
        read(index);
        return segment.get(LAYOUT, offset(index, 1));
    }

    public void set(int index, byte value) {
        write(index);
        segment.set(LAYOUT, offset(index, 1), value);
    }

    /// Reads two bytes, which need not be aligned, as one half.
    public HalfFloat getHalfFloat(int byteIndex) {
        read(byteIndex);
        read(byteIndex + 1);
        return new HalfFloat(segment.get(UNALIGNED, offset(byteIndex, 1)));
    }

    public void setHalfFloat(int byteIndex, HalfFloat value) {
        write(byteIndex);
        write(byteIndex + 1);
        segment.set(UNALIGNED, offset(byteIndex, 1), value.getHalfFloatValue());
    }

    public void init(byte value) {
        for (int i = 0; i < getSize(); i++) {
            set(i, value);
        }
    }

    @Override
    public void clear() {
        init((byte) 0);
    }

    public byte[] toHeapArray() {
        return getSegment().toArray(LAYOUT);
    }

    public ByteArray slice(int offset, int length) {
        return fromSegment(range(offset, length));
    }
}
