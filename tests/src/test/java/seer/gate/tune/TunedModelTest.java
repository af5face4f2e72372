package seer.gate.tune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.AttnGate;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.ModelConfig;
import seer.model.PrefillRequest;
import seer.model.RopeConfig;
import seer.model.load.DType;
import seer.model.load.SafetensorsFile;
import seer.support.Slopes;
import seer.support.TinyGguf;
import seer.support.TinyModel;

/// What fine-tuning writes: a model that opens, is stretched, and knows where it comes from.
class TunedModelTest {
    @TempDir
    private Path folder;

    private SmallTuning.Outcome write(Path model, TuningPlan plan, Path out, DType type) {
        return SmallTuning.of(model, plan).run(out, false, 100, step -> { }, tuned -> {
            try {
                tuned.write(out, "tiny", "test", type);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Test
    void theWrittenModelIsTheOneThatWasTrained() throws IOException {
        Path model = TinyModel.random("qwen2", 4, 2, 16, false).write(folder.resolve("model"));
        SmallTuning.writeGate(model);
        Path out = folder.resolve("out");
        var outcome = write(model, SmallTuning.plan(new TunedPart.Attention(), 1, 3), out, DType.F32);
        try (var backend = Backends.cpu(2); var open = LanguageModel.open(out, backend);
                var old = LanguageModel.open(model, backend);
                var gate = AttnGate.open(out.resolve("gate"), open)) {
            outcome.tuned().weights().forEach((name, values) -> assertArrayEquals(values, open.weights(name), name));
            String frozen = "model.layers.0.mlp.up_proj.weight";
            assertArrayEquals(old.weights(frozen), open.weights(frozen));
            assertEquals(2 * 4096, open.config().contextLength());
            var yarn = (RopeConfig.Scaling.Yarn) open.config().rope().scaling();
            assertEquals(2, yarn.factor());
            assertEquals(4096, yarn.originalContext());
            assertEquals(16, gate.config().block());
            assertEquals(open.sha256(), gate.config().baseModelSha256());
            try (var session = open.session(8000)) {
                int[] tokens = new SplittableRandom(1).ints(200, 1, 4096).toArray();
                assertTrue(session.prefill(PrefillRequest.of(tokens, gate.density(0.5))).density() < 0.8);
            }
        }
        var json = new ObjectMapper().readTree(Files.readString(out.resolve("config.json")));
        var from = json.get("seer_training");
        assertEquals("attention", from.get("train").asText());
        assertEquals("gate:density=0.3..0.6", from.get("attention").asText());
        assertEquals("trained beside", from.get("gates").asText());
        assertEquals(3, from.get("steps").asInt());
        assertEquals(8192, json.get("max_position_embeddings").asInt());
        assertEquals("yarn", json.get("rope_scaling").get("rope_type").asText());
        assertTrue(json.get("rope_scaling").get("original_max_position_embeddings").isInt());
    }

    @Test
    void halvesAreRoundedAndATiedHeadIsStoredOnce() throws IOException {
        Path model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
        SmallTuning.writeGate(model);
        Path out = folder.resolve("out");
        write(model, SmallTuning.plan(new TunedPart.All(), 0, 2), out, DType.BF16);
        try (var file = SafetensorsFile.open(out.resolve("model.safetensors"))) {
            assertTrue(file.names().stream().allMatch(name -> file.tensor(name).type() == DType.BF16));
            assertTrue(!file.names().contains("lm_head.weight"));
        }
        assertEquals("bfloat16", new ObjectMapper().readTree(Files.readString(out.resolve("config.json")))
                .get("torch_dtype").asText());
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(out, backend)) {
            AttnGate.open(out.resolve("gate"), open).close();
        }
    }

    /// From a GGUF file too, whose quantized weights become floats where they learn.
    @Test
    void aGgufFileBecomesAFolder() throws IOException {
        var tiny = TinyModel.random("llama", 32, 64, 4, 2, 16, true);
        Path model = folder.resolve("model.gguf");
        TinyGguf.of(tiny, DType.Q8_0).write(model);
        var dense = new TuningPlan(new TunedPart.All(), null, 0, 2, List.of(60), 1, 1, 0,
                new TuningPlan.Rates(0.001, 0.001), 1, 0, 3);
        Path out = folder.resolve("out");
        var outcome = write(model, dense, out, DType.F32);
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(out, backend)) {
            outcome.tuned().weights().forEach((name, values) -> assertArrayEquals(values, open.weights(name), name));
            assertEquals(8192, open.config().contextLength());
            assertTrue(open.tokenizer().encode("Thursday").length > 0);
        }
    }

    /// Stretched once more, the factor is that of both, from the first context.
    @Test
    void stretchingTwiceIsStretchingByTheProduct() throws IOException {
        Path model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
        var once = ModelConfig.read(model.resolve("config.json")).stretched(2);
        var twice = once.stretched(4);
        assertEquals(ModelConfig.read(model.resolve("config.json")).stretched(8), twice);
        assertEquals(8 * 4096, twice.contextLength());
        var e = assertThrows(IllegalArgumentException.class, () -> once.stretched(1));
        assertEquals("the factor of YaRN is 1.0, wanted above 1 and at most 1000", e.getMessage());
    }

    /// The gradient by the thin matrices is that of finite differences of a loss by the whole ones.
    @Test
    void lowRankGradientsAreThoseOfTheProduct() throws IOException {
        Path model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
        String name = "model.layers.1.self_attn.o_proj.weight";
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend);
                var session = open.learn(8, name::equals)) {
            int[] shape = open.shape(name);
            var weights = LowRankWeights.first(2, open, session, 5);
            assertArrayEquals(open.weights(name), weights.values().get(name));
            var random = new SplittableRandom(6);
            float[] up = weights.up().getFirst().value();
            for (int i = 0; i < up.length; i++) {
                up[i] = (float) random.nextDouble(-1, 1);
            }
            var slope = new float[shape[0] * shape[1]];
            for (int i = 0; i < slope.length; i++) {
                slope[i] = (float) random.nextDouble(-1, 1);
            }
            var got = weights.gradients(Map.of(name, slope));
            for (int p = 0; p < 2; p++) {
                Slopes.assertClose("matrix " + p, Slopes.of(weights.parameters().get(p).value(),
                        () -> loss(slope, weights.values().get(name))), got.get(p), 1e-4);
            }
        }
    }

    private static double loss(float[] slope, float[] values) {
        double sum = 0;
        for (int i = 0; i < slope.length; i++) {
            sum += (double) slope[i] * values[i];
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(strings = {"some", "lora=", "lora=0", "lora=x", ""})
    void partsThatThereAreNotAreQuoted(String text) {
        var e = assertThrows(IllegalArgumentException.class, () -> TunedPart.parse(text));
        assertTrue(e.getMessage().contains("wanted"), e.getMessage());
    }

    @Test
    void schedulesReadAsTheyAreWritten() {
        for (String text : List.of("0.5", "0.1..0.9", "1..0.05")) {
            assertEquals(text, DensitySchedule.parse(text).text());
        }
        for (String wrong : List.of("", "0.5..", "0..1", "1.5", "0.1..0.2..0.3", "x")) {
            var e = assertThrows(IllegalArgumentException.class, () -> DensitySchedule.parse(wrong));
            assertTrue(e.getMessage().contains("wanted"), e.getMessage());
        }
    }
}
