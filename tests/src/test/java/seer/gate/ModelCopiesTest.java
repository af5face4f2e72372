package seer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.SafetensorsFile;
import seer.model.load.SafetensorsWriter;
import seer.model.load.WeightSketch;
import seer.model.load.WeightStore;
import seer.support.Demo;

/// Gates belong to a model, in whatever precision its weights are stored, and to no other.
class ModelCopiesTest {
    private static final double CLOSE = 0.005; // half of what is allowed

    @TempDir
    private Path folder;

    /// What becomes of a weight in a copy.
    enum Precision {
        BF16_ROUNDED, BF16_CUT, F16_ROUNDED;

        float of(float value) {
            return switch (this) {
                case BF16_ROUNDED -> Float.intBitsToFloat(SafetensorsWriter.bfloat16(value) << 16);
                case BF16_CUT -> Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xFFFF0000);
                case F16_ROUNDED -> Float.float16ToFloat(Float.floatToFloat16(value));
            };
        }
    }

    private static Map<String, float[]> weights() {
        try (var file = SafetensorsFile.open(Demo.MODEL.resolve("model.safetensors"))) {
            var weights = new TreeMap<String, float[]>();
            file.names().forEach(name -> weights.put(name, file.tensor(name).floats()));
            return weights;
        }
    }

    private static int[] shape(String name) {
        try (var file = SafetensorsFile.open(Demo.MODEL.resolve("model.safetensors"))) {
            return file.tensor(name).shape().stream().mapToInt(i -> i).toArray();
        }
    }

    /// The demo model with other weights, in the order of the names given.
    private Path write(Map<String, float[]> weights, List<String> order, DType type) throws IOException {
        Path copy = Files.createTempDirectory(folder, "copy");
        for (String name : List.of("config.json", "tokenizer.json")) {
            Files.copy(Demo.MODEL.resolve(name), copy.resolve(name));
        }
        var writer = new SafetensorsWriter();
        order.forEach(name -> writer.add(name, type, weights.get(name), shape(name)));
        writer.write(copy.resolve("model.safetensors"));
        return copy;
    }

    private static WeightSketch sketch(Path model) {
        try (var store = WeightStore.open(model)) {
            return WeightSketch.of(store);
        }
    }

    private static double farthest(WeightSketch a, WeightSketch b) {
        return IntStream.range(0, a.values().size())
                .mapToDouble(i -> Math.abs(a.values().get(i) - b.values().get(i))).max().orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void copiesInAnotherPrecisionHaveTheSketchOfTheOriginal(Precision precision) throws IOException {
        var weights = weights(); // stored in BF16: made numbers of 32 bits first
        var random = new SplittableRandom(5);
        weights.values().forEach(values -> {
            for (int i = 0; i < values.length; i++) {
                values[i] *= (float) (1 + 0.004 * random.nextDouble());
            }
        });
        var order = new ArrayList<>(weights.keySet());
        var original = sketch(write(weights, order, DType.F32));
        Collections.reverse(order);
        weights.values().forEach(values -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = precision.of(values[i]);
            }
        });
        var copy = sketch(write(weights, order, DType.F32));
        assertNotEquals(original.values(), copy.values(), "they do differ");
        assertTrue(farthest(original, copy) < CLOSE, "by " + farthest(original, copy));
        assertTrue(original.matches(copy) && copy.matches(original));
    }

    /// Trained further by little, one layer of another model, two layers exchanged.
    @Test
    void otherModelsHaveAnotherSketch() throws IOException {
        var original = sketch(Demo.MODEL);
        var tuned = weights();
        var random = new SplittableRandom(3);
        tuned.values().forEach(values -> {
            double size = Math.sqrt(IntStream.range(0, values.length).mapToDouble(i -> values[i] * values[i]).average()
                    .orElseThrow());
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.05 * size * random.nextGaussian());
            }
        });
        assertOther(original, tuned);
        var grafted = weights();
        float[] layer = grafted.get("model.layers.3.mlp.down_proj.weight");
        for (int i = 0; i < layer.length; i++) {
            layer[i] = (float) (0.05 * random.nextGaussian());
        }
        assertOther(original, grafted);
        var exchanged = weights();
        String[] names = {"model.layers.1.self_attn.q_proj.weight", "model.layers.2.self_attn.q_proj.weight"};
        float[] first = exchanged.get(names[0]);
        exchanged.put(names[0], exchanged.get(names[1]));
        exchanged.put(names[1], first);
        assertOther(original, exchanged);
    }

    private void assertOther(WeightSketch original, Map<String, float[]> weights) throws IOException {
        assertFalse(original.matches(sketch(write(weights, List.copyOf(weights.keySet()), DType.F32))));
    }

    @Test
    void gatesFitACopyOfTheirModelInAnotherPrecisionAndNoOtherModel() throws IOException {
        var weights = weights();
        Path wide = write(weights, List.copyOf(weights.keySet()), DType.F32);
        try (var backend = Backends.cpu(1); var copy = LanguageModel.open(wide, backend)) {
            assertNotEquals(Demo.model().sha256(), copy.sha256());
            assertEquals(Demo.gate().parameters(), AttnGate.open(Demo.GATE, copy).parameters());
            assertRefused(copy, json -> json.remove("base_model_sketch"), "has " + copy.sha256() + ": these gates");
            assertRefused(copy, json -> json.putArray("base_model_sketch").add(1), "field base_model_sketch: a sketch "
                    + "of weights is 1 numbers, wanted 16");
        }
        Arrays.fill(weights.get("model.layers.0.self_attn.k_proj.weight"), 0.05f);
        Path other = write(weights, List.copyOf(weights.keySet()), DType.F32);
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(other, backend)) {
            assertRefused(model, json -> { }, "has " + model.sha256() + " and is no copy of it in another precision: "
                    + "these gates were made for another model");
        }
    }

    private void assertRefused(LanguageModel model,
                               Consumer<ObjectNode> change,
                               String part) throws IOException {
        Path adapter = Files.createTempDirectory(folder, "gate");
        Files.copy(Demo.GATE.resolve("attn_gate_weights.safetensors"),
                adapter.resolve("attn_gate_weights.safetensors"));
        var json = (ObjectNode) new ObjectMapper()
                .readTree(Demo.GATE.resolve("config.json").toFile());
        change.accept(json);
        Files.writeString(adapter.resolve("config.json"), json.toString());
        var e = assertThrows(MalformedModelException.class, () -> AttnGate.open(adapter, model));
        assertTrue(e.getMessage().startsWith(adapter.resolve("config.json") + ": ") && e.getMessage().contains(part),
                e.getMessage());
    }
}
