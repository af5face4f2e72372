package seer.model.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import seer.kernels.layer.MatMul;
import seer.model.Backends;
import seer.model.backend.Backend;
import seer.model.load.DType;
import seer.model.load.WeightTensor;
import seer.support.Quantizer;

/// Products with quantized weights against plain double precision on the weights that the bytes say.
class QuantizedMatmulTest {
    private static float[] normal(int count, double deviation) {
        var random = new Random(count);
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    private static float[] floats(double[] values) {
        var floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /// One row, which is multiplied without unpacking; few, many, and more than a task takes; a depth in two chunks;
    /// the last panel and the last strip not full.
    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "F32", "F16", "BF16"})
    void productsAreThoseOfTheExpandedWeights(DType type) {
        try (var backend = Backends.cpu(2)) {
            for (int[] shape : new int[][] {{1, 256, 70}, {1, 1536, 130}, {1, 2560, 5}, {2, 256, 64}, {15, 512, 17},
                {16, 256, 70}, {65, 1280, 70}, {521, 256, 33}}) {
                int rows = shape[0];
                int inputs = shape[1];
                int outputs = shape[2];
                var tensor = new WeightTensor(Path.of("drawn"), "w", type, List.of(outputs, inputs),
                        MemorySegment.ofArray(Quantizer.encode(type, normal(outputs * inputs,
                                1 / Math.sqrt(inputs)))));
                float[] a = normal(rows * inputs, 1);
                var arena = backend.arena("the test", 0);
                var x = arena.allocate(rows, outputs);
                backend.addProjected(arena.upload(a, rows, inputs), rows, arena.matrix(List.of(tensor)), x);
                assertWithin(floats(MatMul.reference(a, tensor.floats(), rows, outputs, inputs)), x.download(), 2e-5,
                        type + ", " + rows + " rows of " + inputs + " inputs by " + outputs);
                arena.close();
            }
        }
    }

    /// The way back through such weights, `dy = dx W`, turns their strips: panels of inputs that are full and not, more
    /// outputs than are turned at once.
    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "F32", "F16", "BF16"})
    void slopesAreThoseOfTheExpandedWeights(DType type) {
        try (var backend = Backends.cpu(2)) {
            for (int[] shape : new int[][] {{1, 256, 70}, {15, 512, 17}, {65, type.isQuantized() ? 256 : 90, 300}}) {
                int rows = shape[0];
                int inputs = shape[1];
                int outputs = shape[2];
                var tensor = new WeightTensor(Path.of("drawn"), "w", type, List.of(outputs, inputs),
                        MemorySegment.ofArray(Quantizer.encode(type, normal(outputs * inputs,
                                1 / Math.sqrt(outputs)))));
                float[] dx = normal(rows * outputs, 1);
                var arena = backend.arena("the test", 0);
                var dy = arena.allocate(rows, inputs);
                backend.gradients().orElseThrow().addProjected(arena.allocate(rows, inputs), rows,
                        arena.matrix(List.of(tensor)), arena.upload(dx, rows, outputs), dy, null);
                assertWithin(floats(MatMul.reference(dx, turned(tensor.floats(), outputs, inputs), rows, inputs,
                        outputs)), dy.download(), 2e-5, type + ", " + rows + " rows of " + outputs + " outputs by "
                        + inputs);
                arena.close();
            }
        }
    }

    /// And take half the memory.
    @Test
    void weightsInBf16GiveWhatTheSameFloatsGiveToTheBit() {
        try (var backend = Backends.cpu(2)) {
            for (int[] shape : new int[][] {{1, 90, 70}, {3, 600, 130}, {16, 64, 5}, {300, 1100, 70}}) {
                int rows = shape[0];
                int inputs = shape[1];
                int outputs = shape[2];
                float[] a = normal(rows * inputs, 1);
                var halves = tensor(DType.BF16, outputs, inputs,
                        Quantizer.encode(DType.BF16, normal(outputs * inputs, 1)));
                var floats = tensor(DType.F32, outputs, inputs, Quantizer.encode(DType.F32, halves.floats()));
                assertArrayEquals(product(backend, a, rows, floats), product(backend, a, rows, halves),
                        rows + " rows of " + inputs + " inputs by " + outputs);
                var arena = backend.arena("one", 0);
                var other = backend.arena("another", 0);
                var table = arena.matrix(List.of(halves));
                other.matrix(List.of(floats));
                assertTrue(arena.bytes() < 0.52 * other.bytes(), arena.bytes() + " of " + other.bytes() + " bytes");
                var x = arena.allocate(1, inputs);
                backend.embed(table, new int[] {outputs - 1}, 0, 1, x);
                assertArrayEquals(Arrays.copyOfRange(halves.floats(), (outputs - 1) * inputs, outputs * inputs),
                        x.download());
            }
        }
    }

    private static WeightTensor tensor(DType type, int outputs, int inputs, byte[] bytes) {
        return new WeightTensor(Path.of("drawn"), "w", type, List.of(outputs, inputs), MemorySegment.ofArray(bytes));
    }

    private static float[] product(Backend backend, float[] a, int rows, WeightTensor weights) {
        var arena = backend.arena("the test", 0);
        int outputs = weights.shape().getFirst();
        var x = arena.allocate(rows, outputs);
        backend.addProjected(arena.upload(a, rows, a.length / rows), rows, arena.matrix(List.of(weights)), x);
        float[] result = x.download();
        arena.close();
        return result;
    }

    private static float[] turned(float[] w, int outputs, int inputs) {
        var turned = new float[w.length];
        for (int n = 0; n < outputs; n++) {
            for (int k = 0; k < inputs; k++) {
                turned[k * outputs + n] = w[n * inputs + k];
            }
        }
        return turned;
    }
}
