package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import uk.ac.manchester.tornado.api.types.HalfFloat;

/// 16-bit floating-point numbers outside the Java heap. Kernels may also keep raw bfloat16 bits in
/// one, since asynchronous copies exist for this type.
public final class HalfFloatArray extends TornadoNativeArray {

    private static final ValueLayout.OfShort LAYOUT = ValueLayout.JAVA_SHORT;

    public HalfFloatArray(int numberOfElements) {
        super(numberOfElements, 2);
    }

    public HalfFloatArray(HalfFloatArray... arrays) {
        super(arrays, 2);
    }

    private HalfFloatArray(MemorySegment withHeader) {
        super(withHeader, 2);
    }

    public static HalfFloatArray fromArray(HalfFloat[] values) {
        HalfFloatArray array = new HalfFloatArray(values.length);
        for (int i = 0; i < values.length; i++) {
            array.set(i, values[i]);
        }
        return array;
    }

    public static HalfFloatArray fromElements(HalfFloat... values) {
        return fromArray(values);
    }

    /// Copies a segment of bare elements.
    public static HalfFloatArray fromSegment(MemorySegment segment) {
        HalfFloatArray array = new HalfFloatArray(elements(segment.byteSize(), 2));
        array.getSegment().copyFrom(segment);
        return array;
    }

    /// Wraps a segment that begins with room for the header; nothing is copied.
    public static HalfFloatArray fromSegmentShallow(MemorySegment segment) {
        return new HalfFloatArray(segment);
    }

    public static HalfFloatArray concat(HalfFloatArray... arrays) {
        return new HalfFloatArray(arrays);
    }

    public static void initialize(HalfFloatArray array, HalfFloat value) {
        array.init(value);
    }

    public HalfFloat get(int index) {
        read(index);
        return new HalfFloat(segment.get(LAYOUT, offset(index, 2)));
    }

    public void set(int index, HalfFloat value) {
        write(index);
        segment.set(LAYOUT, offset(index, 2), value.getHalfFloatValue());
    }

    public void init(HalfFloat value) {
        for (int i = 0; i < getSize(); i++) {
            set(i, value);
        }
    }

    @Override
    public void clear() {
        init(new HalfFloat(0.0f));
    }

    public HalfFloat[] toHeapArray() {
        HalfFloat[] values = new HalfFloat[getSize()];
        for (int i = 0; i < values.length; i++) {
            values[i] = get(i);
        }
        return values;
    }

    /// The raw bits.
    public short[] toShortArray() {
        return getSegment().toArray(LAYOUT);
    }

    public HalfFloatArray slice(int offset, int length) {
        return fromSegment(range(offset, length));
    }
}
