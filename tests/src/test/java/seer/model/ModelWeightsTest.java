package seer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.AttnGate;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.SafetensorsWriter;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// Weights that do not belong to the configuration, or are no numbers.
class ModelWeightsTest {
    @TempDir
    private Path folder;

    private Path write(TinyModel tiny) throws IOException {
        return tiny.write(folder.resolve("model"));
    }

    private static void rewrite(Path model, String from, String to) throws IOException {
        Path file = model.resolve("config.json");
        String text = Files.readString(file);
        assertTrue(text.contains(from), text);
        Files.writeString(file, text.replace(from, to));
    }

    private static void opens(Path model) {
        try (var backend = Backends.cpu(2); var open = LanguageModel.open(model, backend)) {
            assertEquals(2, open.config().layers());
        }
    }

    private static void refuses(Path model, String file, String... parts) {
        try (var backend = Backends.cpu(2)) {
            var e = assertThrows(MalformedModelException.class, () -> LanguageModel.open(model, backend));
            assertEquals(model.resolve(file), e.file(), e.getMessage());
            for (String part : parts) {
                assertTrue(e.getMessage().contains(part), "wanted \"" + part + "\" in: " + e.getMessage());
            }
        }
    }

    @Test
    void layersThatTheConfigurationDoesNotCountAreLeftOver() throws IOException {
        Path model = write(TinyModel.random("llama", 2, 1, 16, true));
        rewrite(model, "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1");
        refuses(model, "model.safetensors", "tensor model.layers.1.input_layernorm.weight: wanted only what a llama of "
                + "1 layers, as the model's configuration says, has, got 9 tensors left over");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 1000, Integer.MAX_VALUE})
    void layersThatTheFileDoesNotHoldAreMissing(int layers) throws IOException {
        Path model = write(TinyModel.random("llama", 2, 1, 16, true));
        rewrite(model, "\"num_hidden_layers\": 2", "\"num_hidden_layers\": " + layers);
        refuses(model, "model.safetensors", "tensor model.layers.2.input_layernorm.weight: wanted it here");
    }

    @Test
    void biasesOfAnotherFamilyAreLeftOver() throws IOException {
        Path model = write(TinyModel.random("qwen2", 2, 1, 16, true));
        rewrite(model, "\"qwen2\"", "\"llama\"");
        refuses(model, "model.safetensors", "tensor model.layers.0.self_attn.k_proj.bias: wanted only what a llama");
    }

    @Test
    void oldBuffersAreNotLeftOver() throws IOException {
        var tiny = TinyModel.random("llama", 2, 1, 16, true);
        tiny.weights().put("model.layers.1.self_attn.rotary_emb.inv_freq", new float[8]);
        opens(write(tiny));
    }

    @Test
    void aHeadBesideATiedOneMustBeTheSame() throws IOException {
        var tiny = TinyModel.random("llama", 2, 1, 16, true);
        tiny.weights().put("lm_head.weight", tiny.weights().get("model.embed_tokens.weight").clone());
        opens(tiny.write(folder.resolve("same")));
        tiny.weights().get("lm_head.weight")[5] += 1;
        refuses(tiny.write(folder.resolve("other")), "model.safetensors", "tensor lm_head.weight: wanted none, or the "
                + "same as model.embed_tokens.weight, since tie_word_embeddings is true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.embed_tokens.weight", "model.layers.0.input_layernorm.weight",
        "model.layers.1.self_attn.k_proj.weight", "model.layers.1.self_attn.v_proj.bias",
        "model.layers.0.mlp.down_proj.weight", "model.norm.weight", "lm_head.weight"})
    void weightsThatAreNoNumbersAreRefused(String name) throws IOException {
        var tiny = TinyModel.random("qwen2", 2, 1, 16, false);
        tiny.weights().get(name)[3] = Float.NaN;
        refuses(write(tiny), "model.safetensors", "tensor " + name + ": wanted finite numbers, got NaN at [");
    }

    @Test
    void gatesThatAreNoNumbersAreRefused() throws IOException {
        Path model = write(TinyModel.random("llama", 2, 1, 16, true));
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            Path gate = new TinyGate("Qavg_Kmax", 64, 16, false, "softmax").write(folder.resolve("gate"), open);
            AttnGate.open(gate, open);
            var values = new float[2 * 16 * 16];
            values[300] = Float.NEGATIVE_INFINITY;
            new SafetensorsWriter().add("model.layers.0.self_attn.attn_gate.mask_linear_k.weight", DType.F32, values,
                    2, 16, 16).write(gate.resolve("attn_gate_weights.safetensors"));
            var e = assertThrows(MalformedModelException.class, () -> AttnGate.open(gate, open));
            assertTrue(e.getMessage().contains("_k.weight: wanted finite numbers, got -Infinity at [1, 2, 12]"),
                    e.getMessage());
        }
    }

    @Test
    void tensorsOfOtherNamesInAGateAreRefused() throws IOException {
        Path model = write(TinyModel.random("llama", 2, 1, 16, true));
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            Path gate = new TinyGate("Qavg_Kmax", 64, 16, false, "softmax").write(folder.resolve("gate"), open);
            var writer = new SafetensorsWriter().add("attn_gate.norm.weight", DType.F32, new float[4], 4);
            for (int layer = 0; layer < 2; layer++) {
                writer.add("model.layers." + layer + ".self_attn.attn_gate.mask_linear_k.weight", DType.F32,
                        new float[2 * 16 * 16], 2, 16, 16);
            }
            writer.write(gate.resolve("attn_gate_weights.safetensors"));
            var e = assertThrows(MalformedModelException.class, () -> AttnGate.open(gate, open));
            assertTrue(e.getMessage().contains("tensor attn_gate.norm.weight: wanted only model.layers.0.self_attn"),
                    e.getMessage());
        }
    }
}
