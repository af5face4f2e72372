package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.model.load.RawSafetensors.refuses;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightTensorTest {
    private static final int ALL = 1 << 16;

    private static WeightTensor everyPattern(DType type) {
        var bytes = ByteBuffer.allocate(2 * ALL).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < ALL; i++) {
            bytes.putShort((short) i);
        }
        return new WeightTensor(Path.of("a"), "w", type, List.of(ALL), MemorySegment.ofArray(bytes.array()));
    }

    @Test
    void widening16BitFloatsIsExactForEveryPattern() {
        float[] got = everyPattern(DType.F16).floats();
        for (int i = 0; i < ALL; i++) {
            int exponent = i >> 10 & 31;
            double fraction = (i & 1023) / 1024.0;
            double size = switch (exponent) {
                case 0 -> fraction * 0x1p-14;
                case 31 -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
                default -> (1 + fraction) * Math.scalb(1.0, exponent - 15);
            };
            assertEquals((float) (i < ALL / 2 ? size : -size), got[i], "pattern " + i);
        }
    }

    @Test
    void wideningBrainFloatsIsExactForEveryPattern() {
        float[] got = everyPattern(DType.BF16).floats();
        for (int i = 0; i < ALL; i++) {
            float want = Float.intBitsToFloat(i << 16);
            assertTrue(Float.isNaN(want) ? Float.isNaN(got[i]) : want == got[i], "pattern " + i);
        }
    }

    @Test
    void aPartIsReadWhereItIsWanted() {
        var target = new float[] {9, 9, 9, 9};
        everyPattern(DType.BF16).read(0x3F80, 2, target, 1);
        assertArrayEquals(new float[] {9, 1, 1.0078125f, 9}, target);
    }

    @Test
    void floatsNeedNoAlignment() {
        var bytes = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN).putFloat(1, 1.5f).putFloat(5, -2);
        var data = MemorySegment.ofBuffer(bytes.clear()).asSlice(1);
        assertArrayEquals(new float[] {1.5f, -2},
                new WeightTensor(Path.of("a"), "w", DType.F32, List.of(2), data).floats());
    }

    @Test
    void weightsThatAreNotFiniteAreRefusedByTheirPlace() {
        for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            var bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putFloat(16, wrong);
            var tensor = new WeightTensor(Path.of("a"), "w", DType.F32, List.of(2, 3),
                    MemorySegment.ofArray(bytes.array()));
            refuses(tensor::finiteFloats, Path.of("a"), "tensor w: wanted finite numbers, got " + wrong + " at [1, 1]");
            assertEquals(wrong, tensor.floats()[4]);
            tensor.readFinite(0, 4, new float[4], 0);
            refuses(() -> tensor.readFinite(3, 3, new float[5], 2), Path.of("a"), "at [1, 1]");
        }
        refuses(everyPattern(DType.F16)::finiteFloats, Path.of("a"), "got Infinity at [" + 0x7C00 + "]");
        refuses(everyPattern(DType.BF16)::finiteFloats, Path.of("a"), "got Infinity at [" + 0x7F80 + "]");
    }

    @Test
    void integersThatDoNotFitAreRefused() {
        var bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(8, 1L << 31);
        var wide = new WeightTensor(Path.of("a"), "w", DType.I64, List.of(2), MemorySegment.ofArray(bytes.array()));
        refuses(wide::ints, Path.of("a"), "tensor w: wanted integers of 32 bits, got 2147483648 as element 1");
        refuses(everyPattern(DType.F16)::ints, Path.of("a"), "has dtype F16, wanted an integer type");
        var huge = new WeightTensor(Path.of("a"), "w", DType.U8, List.of(1 << 16, 1 << 16), MemorySegment.NULL);
        refuses(huge::ints, Path.of("a"), "wanted at most 2147483639 elements, got 4294967296");
        refuses(new WeightTensor(Path.of("a"), "w", DType.F16, List.of(1 << 16, 1 << 16), MemorySegment.NULL)::floats,
                Path.of("a"), "wanted at most 2147483639 elements, got 4294967296");
    }
}
