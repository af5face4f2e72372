package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;

import seer.sim.Unwritten;

/// 32-bit floating-point numbers outside the Java heap.
public final class FloatArray extends TornadoNativeArray {

    private static final ValueLayout.OfFloat LAYOUT = ValueLayout.JAVA_FLOAT;

    public FloatArray(int numberOfElements) {
        super(numberOfElements, 4);
    }

    public FloatArray(FloatArray... arrays) {
        super(arrays, 4);
    }

    private FloatArray(MemorySegment withHeader) {
        super(withHeader, 4);
    }

    public static FloatArray fromArray(float[] values) {
        FloatArray array = new FloatArray(values.length);
        array.getSegment().copyFrom(MemorySegment.ofArray(values));
        return array;
    }

    public static FloatArray fromElements(float... values) {
        return fromArray(values);
    }

    /// Copies a segment of bare elements.
    public static FloatArray fromSegment(MemorySegment segment) {
        FloatArray array = new FloatArray(elements(segment.byteSize(), 4));
        array.getSegment().copyFrom(segment);
        return array;
    }

    /// Wraps a segment that begins with room for the header; nothing is copied.
    public static FloatArray fromSegmentShallow(MemorySegment segment) {
        return new FloatArray(segment);
    }

    public static FloatArray fromFloatBuffer(FloatBuffer buffer) {
        FloatArray array = new FloatArray(buffer.remaining());
        array.getSegment().copyFrom(MemorySegment.ofBuffer(buffer));
        return array;
    }

    public static FloatArray concat(FloatArray... arrays) {
        return new FloatArray(arrays);
    }

    public static void initialize(FloatArray array, float value) {
        array.init(value);
    }

    public float get(int index) {
        read(index);
        float value = segment.get(LAYOUT, offset(index, 4));
        if (Float.floatToRawIntBits(value) == Unwritten.BITS) {
            Unwritten.read(this, index);
        }
        return value;
    }

    public void set(int index, float value) {
        write(index);
        segment.set(LAYOUT, offset(index, 4), value);
    }

    public void init(float value) {
        for (int i = 0; i < getSize(); i++) {
            set(i, value);
        }
    }

    @Override
    public void clear() {
        init(0.0f);
    }

    public float[] toHeapArray() {
        return getSegment().toArray(LAYOUT);
    }

    public FloatArray slice(int offset, int length) {
        return fromSegment(range(offset, length));
    }
}
