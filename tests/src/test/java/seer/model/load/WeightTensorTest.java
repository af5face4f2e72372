package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
}
