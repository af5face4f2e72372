package seer.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static seer.sim.Launches.row;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/// Matrix fragments multiply like matrices, in both 16-bit formats.
class FragmentTest {

    /// A place of `a[16, 32]` in the order of its fragments: two tiles of 16 columns.
    private static int placeInA(int row, int column) {
        return column / 16 * 256 + row * 16 + column % 16;
    }

    private static void check(boolean bfloat,
            Task4<KernelContext, HalfFloatArray, HalfFloatArray, FloatArray> kernel) {
        Random random = new Random(7);
        HalfFloatArray a = new HalfFloatArray(512);
        HalfFloatArray b = new HalfFloatArray(256);
        for (int i = 0; i < 512; i++) {
            a.set(i, bits(random.nextInt(-8, 9), bfloat));
            b.set(i / 2, bits(random.nextInt(-8, 9), bfloat));
        }
        FloatArray d = new FloatArray(128);
        Launches.run(row(32, 32), g -> g.transferToDevice(EVERY_EXECUTION, a, b)
                .task("t", kernel, new KernelContext(), a, b, d)
                .transferToHost(EVERY_EXECUTION, d));
        for (int row = 0; row < 16; row++) {
            for (int column = 0; column < 8; column++) {
                float sum = 0.5f;
                for (int k = 0; k < 32; k++) {
                    sum += value(a.get(placeInA(row, k)), bfloat) * value(b.get(k * 8 + column), bfloat);
                }
                assertEquals(sum, d.get(row * 8 + column), row + ", " + column);
            }
        }
    }

    private static HalfFloat bits(float value, boolean bfloat) {
        return bfloat ? new HalfFloat(BFloat16.bf16FromFloat(value)) : new HalfFloat(value);
    }

    private static float value(HalfFloat bits, boolean bfloat) {
        return bfloat ? BFloat16.bf16ToFloat(bits.getHalfFloatValue()) : bits.getFloat32();
    }

    static Stream<Settings> everyWay() {
        return ScheduleTest.everyWay();
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void halfFragmentsEqualThePlainProduct(Settings settings) {
        Simulator.with(settings, () -> check(false, Correct::fragments));
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void bfloatFragmentsEqualThePlainProduct(Settings settings) {
        Simulator.with(settings, () -> check(true, Correct::bfloatFragments));
    }

    @Test
    void bfloatRoundsTiesToEven() {
        assertEquals((short) 0x3F80, BFloat16.bf16FromFloat(Float.intBitsToFloat(0x3F808000)));
        assertEquals((short) 0x3F82, BFloat16.bf16FromFloat(Float.intBitsToFloat(0x3F818000)));
        assertEquals((short) 0x3F81, BFloat16.bf16FromFloat(Float.intBitsToFloat(0x3F808001)));
    }

    @Test
    void bfloatKeepsInfinityAndNaN() {
        assertEquals(Float.NEGATIVE_INFINITY,
                BFloat16.bf16ToFloat(BFloat16.bf16FromFloat(Float.NEGATIVE_INFINITY)));
        assertEquals(Float.NaN, BFloat16.bf16ToFloat(BFloat16.bf16FromFloat(Float.NaN)));
    }
}
