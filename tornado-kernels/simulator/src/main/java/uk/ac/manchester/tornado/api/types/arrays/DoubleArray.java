package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.DoubleBuffer;

import seer.sim.Unwritten;

/// 64-bit floating-point numbers outside the Java heap.
public final class DoubleArray extends TornadoNativeArray {

    private static final ValueLayout.OfDouble LAYOUT = ValueLayout.JAVA_DOUBLE;

    public DoubleArray(int numberOfElements) {
        super(numberOfElements, 8);
    }

    public DoubleArray(DoubleArray... arrays) {
        super(arrays, 8);
    }

    private DoubleArray(MemorySegment withHeader) {
        super(withHeader, 8);
    }

    public static DoubleArray fromArray(double[] values) {
        DoubleArray array = new DoubleArray(values.length);
        array.getSegment().copyFrom(MemorySegment.ofArray(values));
        return array;
    }

    public static DoubleArray fromElements(double... values) {
        return fromArray(values);
    }

    /// Copies a segment of bare elements.
    public static DoubleArray fromSegment(MemorySegment segment) {
        DoubleArray array = new DoubleArray(elements(segment.byteSize(), 8));
        array.getSegment().copyFrom(segment);
        return array;
    }

    /// Wraps a segment that begins with room for the header; nothing is copied.
    public static DoubleArray fromSegmentShallow(MemorySegment segment) {
        return new DoubleArray(segment);
    }

    public static DoubleArray fromDoubleBuffer(DoubleBuffer buffer) {
        DoubleArray array = new DoubleArray(buffer.remaining());
        array.getSegment().copyFrom(MemorySegment.ofBuffer(buffer));
        return array;
    }

    public static DoubleArray concat(DoubleArray... arrays) {
        return new DoubleArray(arrays);
    }

    public static void initialize(DoubleArray array, double value) {
        array.init(value);
    }

    public double get(int index) {
        read(index);
        double value = segment.get(LAYOUT, offset(index, 8));
        if (Double.doubleToRawLongBits(value) == Unwritten.WIDE) {
            Unwritten.read(this, index);
        }
        return value;
    }

    public void set(int index, double value) {
        write(index);
        segment.set(LAYOUT, offset(index, 8), value);
    }

    public void init(double value) {
        for (int i = 0; i < getSize(); i++) {
            set(i, value);
        }
    }

    @Override
    public void clear() {
        init(0.0);
    }

    public double[] toHeapArray() {
        return getSegment().toArray(LAYOUT);
    }

    public DoubleArray slice(int offset, int length) {
        return fromSegment(range(offset, length));
    }
}
