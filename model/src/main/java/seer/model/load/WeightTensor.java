package seer.model.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

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
            throw new MalformedModelException(file, "tensor " + name + " has shape " + shape + ", wanted " + want);
        }
        return this;
    }

    /// Widens `count` elements from element `from` on into `target[at...]`.
    public void read(long from, int count, float[] target, int at) {
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
                    "tensor " + name + " has dtype " + type + ", wanted F32, F16 or BF16");
        }
    }

    /// All elements as 32-bit floats.
    public float[] floats() {
        var values = new float[Math.toIntExact(size())];
        read(0, values.length, values, 0);
        return values;
    }

    /// All elements of an integer tensor.
    public int[] ints() {
        var values = new int[Math.toIntExact(size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case I16 -> data.get(I16, 2L * i);
                case I32 -> data.get(I32, 4L * i);
                case I64 -> Math.toIntExact(data.get(I64, 8L * i));
                case U8 -> data.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
                case F32, F16, BF16 -> throw new MalformedModelException(file,
                        "tensor " + name + " has dtype " + type + ", wanted an integer type");
            };
        }
        return values;
    }
}
