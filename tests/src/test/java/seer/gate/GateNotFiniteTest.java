package seer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.Pooling;
import seer.model.backend.Backend;
import seer.model.backend.NotFiniteException;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.SafetensorsWriter;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// Gates whose numbers are not finite choose nothing: damaged weights are refused when they are read, weights that only
/// overflow when they are multiplied end the prefill, both in one sentence.
class GateNotFiniteTest {
    @TempDir
    private Path folder;

    private static int[] tokens(int count) {
        return new SplittableRandom(count).ints(count, 1, 4096).toArray();
    }

    private static Backend backend(String name) {
        return name.equals("cpu") ? Backends.cpu(2) : Backends.simulator();
    }

    /// Gates of ones, but for one element of layer 1.
    private Path gates(LanguageModel model, float odd) throws IOException {
        Path adapter = new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax").write(folder.resolve("gates"), model);
        var config = model.config();
        var writer = new SafetensorsWriter();
        int size = config.heads() * 3 * config.headWidth() * 16;
        for (int layer = 0; layer < config.layers(); layer++) {
            var values = new float[size];
            Arrays.fill(values, 1);
            values[size / 2] = layer == 1 ? odd : 1;
            writer.add(AttnGateWriter.tensorName(layer, "k"), DType.F32, values, config.heads(),
                    3 * config.headWidth(), 16);
        }
        writer.write(adapter.resolve("attn_gate_weights.safetensors"));
        return adapter;
    }

    /// The largest numbers of 32 bits are infinite in BF16.
    @ParameterizedTest
    @CsvSource({"NaN, F32", "Infinity, F32", "NaN, BF16", "3.4028235e38, BF16"})
    void gatesThatAreNotFiniteAreNotWritten(float odd, DType type) {
        var config = new GateConfig("tiny", null, 16, 16, List.of(Pooling.AVG), List.of(Pooling.AVG),
                GateActivation.SOFTMAX);
        var weights = List.of(new AttnGateWriter.Weights("w", new float[] {1, odd}, 2));
        Path adapter = folder.resolve("unwritten");
        var e = assertThrows(NotFiniteException.class, () -> AttnGateWriter.write(adapter, config, "llama", weights,
                type, null));
        assertEquals("tensor w holds " + odd + ", wanted numbers that are finite as " + type
                + ": these gates are not written", e.getMessage());
        assertFalse(Files.exists(adapter));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void damagedWeightsAreRefusedByTensorAndPlace(float odd) throws IOException {
        Path tiny = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("m"));
        try (var backend = backend("cpu"); var open = LanguageModel.open(tiny, backend)) {
            Path adapter = gates(open, odd);
            var e = assertThrows(MalformedModelException.class, () -> AttnGate.open(adapter, open));
            assertEquals(adapter.resolve("attn_gate_weights.safetensors") + ": tensor "
                    + AttnGateWriter.tensorName(1, "k") + ": wanted finite numbers, got " + odd + " at [2, 0, 0]",
                    e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"cpu, gate:density=0.3", "cpu, gate:threshold=0.1", "cpu, gate:budget=0.3",
        "simulator, gate:density=0.3", "simulator, gate:threshold=0.1", "simulator, gate:budget=0.3"})
    void scoresThatOverflowEndThePrefillAndNameLayerAndHead(String name, String selector) throws IOException {
        Path tiny = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("m"));
        try (var backend = backend(name); var open = LanguageModel.open(tiny, backend);
                var session = open.session(200)) {
            var gate = AttnGate.open(gates(open, Float.MAX_VALUE), open);
            var e = assertThrows(NotFiniteException.class, () -> session.prefill(PrefillRequest.of(tokens(200),
                    SelectorSpec.parse(selector).selector(() -> gate, ForcedBlocks.DEFAULT))));
            assertTrue(e.getMessage().startsWith(selector + ", layer 1, head 2, query block "), e.getMessage());
            assertTrue(e.getMessage().endsWith("keys and values of the model in " + tiny + " are finite, so look at "
                    + "the weights of the gates"), e.getMessage());
            assertFalse(e.getMessage().contains("\n"), "one sentence");
        }
    }

    /// Where the model's own numbers break, its gates are not blamed.
    @Test
    void aModelThatOverflowsIsToldFromItsGates() throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, true);
        float[] norm = tiny.weights().get("model.layers.0.input_layernorm.weight");
        for (int i = 0; i < norm.length; i++) {
            norm[i] *= 3e38f;
        }
        try (var backend = backend("cpu"); var open = LanguageModel.open(tiny.write(folder.resolve("m")), backend);
                var session = open.session(200)) {
            var gate = AttnGate.open(gates(open, 1), open);
            var e = assertThrows(NotFiniteException.class, () -> session.prefill(PrefillRequest.of(tokens(200),
                    gate.density(0.3))));
            assertTrue(e.getMessage().matches("gate:density=0\\.3, layer 0, head \\d, query block \\d.*"),
                    e.getMessage());
            assertTrue(e.getMessage().contains("already computes keys that are not finite in layer 0, for token 0: "
                    + "the weights are damaged"), e.getMessage());
        }
    }
}
