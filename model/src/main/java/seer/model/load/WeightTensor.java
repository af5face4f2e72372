package seer.model.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/// One named tensor of a weight file: a view of memory-mapped bytes, row-major, little-endian.
///
/// It stays valid as long as the file it came from is open.
public record WeightTensor(Path file, String name, DType type, List<Integer> shape, MemorySegment data) {
    private static final ValueLayout.OfFloat F32 =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Number of elements.
    public long size() {
        long size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        return size;
    }

    /// Fails unless the shape is exactly `wanted`.
    public WeightTensor require(int... wanted) {
        List<Integer> want = Arrays.stream(wanted).boxed().toList();
        if (!want.equals(shape)) {
            throw new MalformedModelException(file, "tensor " + Quoted.name(name) + " has shape " + shape
                    + ", wanted " + want);
        }
        return this;
    }

    /// Widens `count` elements from element `from` on into `target[at...]`, whatever they are.
    public void read(long from, int count, float[] target, int at) {
        try {
            widen(from, count, target, at);
            FileErrors.settle();
        } catch (InternalError e) {
            throw FileErrors.lost(file, e);
        }
    }

    /// As [#read], for weights to compute with: a weight that is not finite would make everything after it so, and
    /// is refused by its place.
    public void readFinite(long from, int count, float[] target, int at) {
        read(from, count, target, at);
        float largest = 0;
        for (int i = at; i < at + count; i++) {
            largest = Math.max(largest, Math.abs(target[i])); // NaN where one is; a loop that becomes vectors
        }
        if (!(largest <= Float.MAX_VALUE)) {
            throw notFinite(from, count, target, at);
        }
    }

    /// Elements of a BF16 tensor as they are, two bytes each, for weights to compute with: refused as by [#readFinite].
    public void readHalves(long from, int count, MemorySegment target) {
        if (type != DType.BF16) {
            throw new IllegalStateException("tensor " + Quoted.name(name) + " has dtype " + type + ", wanted BF16");
        }
        try {
            MemorySegment.copy(data, 2 * from, target, 0, 2L * count);
            FileErrors.settle();
        } catch (InternalError e) {
            throw FileErrors.lost(file, e);
        }
        int largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, target.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i) & 0x7FFF);
        }
        if (largest >= 0x7F80) { // an exponent of ones
            readFinite(from, count, new float[count], 0);
        }
    }

    private MalformedModelException notFinite(long from, int count, float[] target, int at) {
        int i = 0;
        while (i < count - 1 && Float.isFinite(target[at + i])) {
            i++;
        }
        var place = new long[shape.size()];
        long rest = from + i;
        for (int axis = place.length - 1; axis >= 0; axis--) {
            place[axis] = rest % shape.get(axis);
            rest /= shape.get(axis);
        }
        return new MalformedModelException(file, "tensor " + Quoted.name(name) + ": wanted finite numbers, got "
                + target[at + i]
                + " at " + Arrays.toString(place));
    }

    private void widen(long from, int count, float[] target, int at) {
        switch (type) {
            case F32 -> MemorySegment.copy(data, F32, 4 * from, target, at, count);
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    target[at + i] = Float.float16ToFloat(data.get(I16, 2 * (from + i)));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    target[at + i] = Float.intBitsToFloat(data.get(I16, 2 * (from + i)) << 16);
                }
            }
            case I16, I32, I64, U8 -> throw new MalformedModelException(file,
                    "tensor " + Quoted.name(name) + " has dtype " + type + ", wanted F32, F16 or BF16");
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> dequantize(from, count, target, at);
        }
    }

    private void dequantize(long from, int count, float[] target, int at) {
        var block = new QuantizedBlock(type);
        int size = type.block();
        for (long element = from; element < from + count;) {
            long index = element / size;
            int first = (int) (element % size);
            int last = (int) Math.min(size, from + count - index * size);
            block.read(data, index);
            block.weights(first, last, target, at + (int) (element - from));
            element = index * size + last;
        }
    }

    /// Takes `count` blocks of a quantized tensor apart, one after the other, and has `taken` look at each. A scale
    /// that is not finite is refused.
    public void readBlocks(long first, int count, QuantizedBlock block, IntConsumer taken) {
        try {
            for (int i = 0; i < count; i++) {
                block.read(data, first + i);
                if (!block.isFinite()) {
                    throw infinite(first + i);
                }
                taken.accept(i);
            }
            FileErrors.settle();
        } catch (InternalError e) {
            throw FileErrors.lost(file, e);
        }
    }

    private MalformedModelException infinite(long index) {
        readFinite(index * type.block(), type.block(), new float[type.block()], 0);
        return new MalformedModelException(file, "tensor " + Quoted.name(name)
                + ": wanted finite scales, got others in block "
                + index);
    }

    /// Whether another tensor has the same type, shape and bytes.
    public boolean sameAs(WeightTensor other) {
        try {
            boolean same = type == other.type && shape.equals(other.shape) && data.mismatch(other.data) < 0;
            FileErrors.settle();
            return same;
        } catch (InternalError e) {
            throw FileErrors.lost(file, e);
        }
    }

    /// All elements as 32-bit floats, whatever they are.
    public float[] floats() {
        var values = new float[length()];
        read(0, values.length, values, 0);
        return values;
    }

    /// All elements as 32-bit floats, as [#readFinite] reads them.
    public float[] finiteFloats() {
        var values = new float[length()];
        readFinite(0, values.length, values, 0);
        return values;
    }

    /// All elements of an integer tensor.
    public int[] ints() {
        if (type.isFloat()) {
            throw new MalformedModelException(file,
                    "tensor " + Quoted.name(name) + " has dtype " + type + ", wanted an integer type");
        }
        var values = new int[length()];
        try {
            for (int i = 0; i < values.length; i++) {
                values[i] = integer(i);
            }
            FileErrors.settle();
        } catch (InternalError e) {
            throw FileErrors.lost(file, e);
        }
        return values;
    }

    private int integer(int i) {
        long value = switch (type) {
            case I16 -> data.get(I16, 2L * i);
            case I32 -> data.get(I32, 4L * i);
            case U8 -> data.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
            default -> data.get(I64, 8L * i);
        };
        if (value != (int) value) {
            throw new MalformedModelException(file,
                    "tensor " + Quoted.name(name) + ": wanted integers of 32 bits, got " + value + " as element " + i);
        }
        return (int) value;
    }

    /// The size of an array that holds all elements.
    private int length() {
        long size = size();
        if (size > Integer.MAX_VALUE - 8) {
            throw new MalformedModelException(file, "tensor " + Quoted.name(name) + ": wanted at most "
                    + (Integer.MAX_VALUE - 8) + " elements, got " + size);
        }
        return (int) size;
    }
}
