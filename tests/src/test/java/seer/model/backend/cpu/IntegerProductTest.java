package seer.model.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.kernels.layer.MatMul;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.backend.Backend;
import seer.model.load.DType;
import seer.model.load.WeightTensor;
import seer.support.Demo;
import seer.support.Quantizer;

/// Products of weights of four bits in whole numbers (`--precision int8`), against plain integers and plain double
/// precision.
class IntegerProductTest {
    private static final int BLOCK = 32;

    private static float[] normal(int count, double deviation) {
        var random = new Random(count);
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    private static WeightTensor tensor(DType type, int outputs, int inputs, byte[] bytes) {
        return new WeightTensor(Path.of("drawn"), "w", type, List.of(outputs, inputs), MemorySegment.ofArray(bytes));
    }

    private static WeightTensor drawn(DType type, int outputs, int inputs) {
        return tensor(type, outputs, inputs,
                Quantizer.encode(type, normal(outputs * inputs, 1 / Math.sqrt(inputs))));
    }

    private static float[] product(Backend backend, float[] a, int rows, List<WeightTensor> weights) {
        var arena = backend.arena("the test", 0);
        int outputs = weights.stream().mapToInt(each -> each.shape().getFirst()).sum();
        var x = arena.allocate(rows, outputs);
        backend.addProjected(arena.upload(a, rows, a.length / rows), rows, arena.matrix(weights), x);
        float[] result = x.download();
        arena.close();
        return result;
    }

    private static float largest(float[] a, int block) {
        float largest = 0;
        for (int i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
            largest = Math.max(largest, Math.abs(a[i]));
        }
        return largest;
    }

    /// The scale of each block, by the definition.
    private static float scale(float[] a, int block) {
        return largest(a, block) / 127;
    }

    private static int number(float[] a, int i) {
        return (int) Math.rint(a[i] * (127 / largest(a, i / BLOCK)));
    }

    /// What inputs become when they are rounded, by the definition.
    private static float[] rounded(float[] a) {
        var rounded = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            rounded[i] = number(a, i) * scale(a, i / BLOCK);
        }
        return rounded;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 63})
    void inputsAreRoundedToTheNearestOf255Steps(int rows) {
        int inputs = 96;
        float[] a = normal((rows + 1) * inputs, 3);
        Arrays.fill(a, inputs, inputs + BLOCK, 0);
        Arrays.fill(a, inputs + BLOCK, inputs + 2 * BLOCK, 0x1p-130f); // of which 127 is no multiple that is finite
        try (var threads = new CpuThreads(2)) {
            var got = RoundedRows.of(threads, a, 1, rows, inputs, null);
            int together = RoundedRows.ROWS;
            for (int row = 0; row < Math.ceilDiv(rows, together) * together; row++) {
                for (int block = 0; block < inputs / BLOCK; block++) {
                    int from = (row + 1) * inputs + block * BLOCK;
                    boolean zero = row >= rows || row == 0 && block < 2;
                    int place = (row / together * (inputs / BLOCK) + block) * together + row % together;
                    float scale = zero ? 0 : scale(a, from / BLOCK);
                    int sum = 0;
                    for (int i = 0; i < BLOCK; i++) {
                        int number = zero ? 0 : number(a, from + i);
                        assertEquals(number & 0xFFFF | number << Short.SIZE, got.numbers()[place * BLOCK + i],
                                "row " + row + ", block " + block + ", input " + i);
                        sum += number;
                    }
                    assertEquals(scale, got.scales()[place]);
                    assertEquals(scale * sum, got.sums()[place]);
                }
            }
        }
    }

    /// A block of 32 weights of -8 and inputs of -127 sums up to 32,512, the most that there is: one more would not fit
    /// 16 bits. All scales are 1 here, so that results are whole numbers too.
    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q4_1"})
    void blocksAreSummedExactlyUpToTheLargest(DType type) {
        int less = type == DType.Q4_0 ? 8 : 3;
        for (int[] shape : new int[][] {{1, 32, 70}, {1, 2560, 130}, {2, 96, 64}, {5, 64, 17}, {17, 2560, 64},
            {66, 32, 65}, {521, 96, 70}}) {
            int rows = shape[0];
            int inputs = shape[1];
            int outputs = shape[2];
            var random = new Random(rows);
            var numbers = new int[outputs * inputs];
            var a = new float[rows * inputs];
            for (int i = 0; i < numbers.length; i++) {
                int output = i / inputs;
                numbers[i] = output % 3 == 0 ? 0 : output % 3 == 1 ? 15 : random.nextInt(16);
            }
            for (int i = 0; i < a.length; i++) {
                int row = i / inputs;
                a[i] = i % BLOCK == 5 || row % 3 == 0 ? -127 : row % 3 == 1 ? 127 : random.nextInt(255) - 127;
            }
            var wanted = new float[rows * outputs];
            for (int row = 0; row < rows; row++) {
                for (int output = 0; output < outputs; output++) {
                    long sum = 0;
                    for (int k = 0; k < inputs; k++) {
                        sum += (long) a[row * inputs + k] * (numbers[output * inputs + k] - less);
                    }
                    wanted[row * outputs + output] = sum;
                }
            }
            try (var backend = Backends.cpuInt8(2)) {
                assertArrayEquals(wanted, product(backend, a, rows, List.of(tensor(type, outputs, inputs,
                        packed(type, numbers, less)))), rows + " rows of " + inputs + " by " + outputs);
            }
        }
    }

    /// Blocks of scale 1, and of base `-less` where there is one.
    private static byte[] packed(DType type, int[] numbers, int less) {
        var bytes = new byte[numbers.length / BLOCK * type.bytes()];
        short base = Float.floatToFloat16(-less);
        for (int block = 0; block < numbers.length / BLOCK; block++) {
            int at = block * type.bytes();
            bytes[at + 1] = 0x3C;
            if (type == DType.Q4_1) {
                bytes[at + 2] = (byte) base;
                bytes[at + 3] = (byte) (base >> 8);
            }
            int first = at + type.bytes() - BLOCK / 2;
            for (int i = 0; i < BLOCK / 2; i++) {
                bytes[first + i] = (byte) (numbers[block * BLOCK + i] | numbers[block * BLOCK + 16 + i] << 4);
            }
        }
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q4_1", "Q4_K"})
    void productsAreThoseOfTheRoundedInputs(DType type) {
        try (var backend = Backends.cpuInt8(2); var exact = Backends.cpu(2)) {
            for (int[] shape : new int[][] {{1, 256, 70}, {1, 2560, 5}, {2, 256, 64}, {15, 512, 17}, {16, 256, 70},
                {65, 1280, 70}, {1030, 256, 33}}) {
                int rows = shape[0];
                int inputs = shape[1];
                int outputs = shape[2];
                String what = type + ", " + rows + " rows of " + inputs + " inputs by " + outputs;
                var w = drawn(type, outputs, inputs);
                float[] weights = w.floats();
                float[] a = normal(rows * inputs, 1);
                float[] got = product(backend, a, rows, List.of(w));
                double[] wanted = MatMul.reference(rounded(a), weights, rows, outputs, inputs);
                var floats = new float[wanted.length];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) wanted[i];
                }
                assertWithin(floats, got, 2e-5, what);
                assertWithinTheRounding(a, weights, product(exact, a, rows, List.of(w)), got, inputs, outputs, what);
            }
        }
    }

    /// Half a step of each input, times its weight.
    private static void assertWithinTheRounding(float[] a, float[] weights, float[] exact, float[] got, int inputs,
                                                int outputs, String what) {
        double most = 0;
        for (int i = 0; i < got.length; i++) {
            double bound = 1e-5;
            for (int k = 0; k < inputs; k++) {
                int at = i / outputs * inputs + k;
                bound += Math.abs(weights[i % outputs * inputs + k]) * scale(a, at / BLOCK) / 2;
            }
            double error = Math.abs(got[i] - exact[i]);
            assertTrue(error <= bound, what + ", " + i + ": " + error + " beyond " + bound);
            most = Math.max(most, error);
        }
        assertTrue(most > 1e-4, what + " were not rounded at all");
    }

    /// The third is of eight bits: its panels give what they give without rounding, to the bit, and so does the one
    /// that it shares with the second.
    @Test
    void otherWeightsOfTheSameMatrixStayInFloats() {
        int inputs = 256;
        var stacked = List.of(drawn(DType.Q4_1, 64, inputs), drawn(DType.Q4_1, 30, inputs),
                drawn(DType.Q8_0, 100, inputs));
        try (var backend = Backends.cpuInt8(2); var exact = Backends.cpu(2)) {
            for (int rows : new int[] {1, 5, 70}) {
                float[] a = normal(rows * inputs, 1);
                float[] wanted = product(exact, a, rows, stacked);
                float[] got = product(backend, a, rows, stacked);
                for (int i = 0; i < got.length; i++) {
                    if (i % 194 >= 64) {
                        assertEquals(wanted[i], got[i], "row " + i / 194 + ", output " + i % 194);
                    } else {
                        assertEquals(wanted[i], got[i], 0.1f);
                    }
                }
                assertFalse(Arrays.equals(wanted, got));
            }
        }
    }

    @Test
    void theHeadStaysInFloats() {
        int inputs = 256;
        var head = drawn(DType.Q4_0, 300, inputs);
        var logits = new float[2][];
        int next = 0;
        for (var backend : List.of(Backends.cpu(2), Backends.cpuInt8(2))) {
            var arena = backend.arena("the test", 0);
            var norm = new float[inputs];
            Arrays.fill(norm, 1);
            logits[next++] = backend.logits(arena.upload(normal(3 * inputs, 1), 3, inputs), 1,
                    arena.upload(norm, inputs), 1e-5, arena.matrix(List.of(head)));
            backend.close();
        }
        assertArrayEquals(logits[0], logits[1]);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aRowThatIsNotFiniteHasNoFiniteResults(float broken) {
        int inputs = 256;
        var w = List.of(drawn(DType.Q4_1, 64, inputs));
        try (var backend = Backends.cpuInt8(2)) {
            for (int rows : new int[] {1, 6}) {
                float[] a = normal(rows * inputs, 1);
                a[(rows - 1) * inputs + 77] = broken;
                float[] got = product(backend, a, rows, w);
                for (int i = 0; i < got.length; i++) {
                    assertEquals(i / 64 < rows - 1, Float.isFinite(got[i]), "row " + i / 64 + " of " + rows);
                }
            }
        }
    }

    @Test
    void aModelWithoutWeightsOfFourBitsIsRefused() {
        try (var backend = Backends.cpuInt8(1)) {
            var refusal = assertThrows(IllegalArgumentException.class, () -> LanguageModel.open(Demo.MODEL, backend));
            assertTrue(refusal.getMessage().endsWith(": wanted some of 4 bits, Q4_0, Q4_1 or Q4_K"),
                    refusal.getMessage());
            assertTrue(refusal.getMessage().startsWith("precision int8 with " + Demo.MODEL
                    + ", whose layers' weights are "), refusal.getMessage());
        }
    }
}
