package seer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.gate.RandomGates;
import seer.model.load.WeightStore;
import seer.run.bench.NamedShape;
import seer.support.TinyModel;

/// Models whose weights are drawn by lot.
class RandomWeightsTest {
    @TempDir
    private Path folder;

    private static float[] logits(ModelConfig config, long seed) {
        try (var backend = Backends.cpu(1); var model = LanguageModel.random("tiny", config, backend, seed);
                var session = model.session(200)) {
            int[] tokens = IntStream.range(0, 200).map(i -> i * 37 % config.vocabulary()).toArray();
            return session.prefill(PrefillRequest.of(tokens, BlockSelector.dense())).logits();
        }
    }

    private ModelConfig config(String family, boolean tied) throws IOException {
        return ModelConfig.read(TinyModel.random(family, 4, 2, 8, tied).write(folder.resolve(family + tied))
                .resolve("config.json"));
    }

    @ParameterizedTest
    @CsvSource({"llama, true", "llama, false", "qwen2, false"})
    void tensorsAreThoseOfAFolderOfTheSameShape(String family, boolean tied) throws IOException {
        var config = config(family, tied);
        try (var store = WeightStore.open(folder.resolve(family + tied));
                var random = new RandomWeights(Path.of("tiny"), config, 1)) {
            assertEquals(new HashSet<>(store.names()), random.names());
            for (String name : store.names()) {
                assertEquals(store.tensor(name).shape(), random.tensor(name).shape(), name);
            }
            assertEquals(store.parameterCount(), random.parameterCount());
        }
    }

    @Test
    void theSeedSaysWhatTheModelComputes() throws IOException {
        var config = config("qwen2", true);
        float[] once = logits(config, 1);
        for (float logit : once) {
            assertTrue(Float.isFinite(logit));
        }
        assertArrayEquals(once, logits(config, 1));
        assertFalse(Arrays.equals(once, logits(config, 2)));
    }

    @Test
    void matricesDifferAndNormsAreOnes() throws IOException {
        try (var random = new RandomWeights(Path.of("tiny"), config("llama", true), 1)) {
            float[] first = random.tensor("model.layers.0.mlp.up_proj.weight").finiteFloats();
            assertFalse(Arrays.equals(first, random.tensor("model.layers.1.mlp.up_proj.weight").finiteFloats()));
            double square = 0;
            for (float weight : first) {
                square += (double) weight * weight;
            }
            assertEquals(0.02, Math.sqrt(square / first.length), 0.002);
            for (float weight : random.tensor("model.norm.weight").finiteFloats()) {
                assertEquals(1, weight);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"LLAMA_3_1_8B, 8030261248", "LLAMA_3_2_1B, 1235814400", "QWEN2_5_7B, 7615616512"})
    void namedShapesHaveAsManyWeightsAsTheirModels(NamedShape shape, long parameters) {
        assertEquals(parameters, RandomWeights.shapes(shape.config()).values().stream()
                .mapToLong(each -> each.stream().mapToLong(extent -> extent).reduce(1, (a, b) -> a * b)).sum());
    }

    @Test
    void randomGatesChooseBlocks() throws IOException {
        var config = config("llama", true);
        try (var backend = Backends.cpu(1); var model = LanguageModel.random("tiny", config, backend, 1);
                var gate = RandomGates.of(model, 8, 3); var session = model.session(320)) {
            int[] tokens = IntStream.range(0, 320).map(i -> i * 37 % config.vocabulary()).toArray();
            var report = session.prefill(PrefillRequest.of(tokens, gate.density(0.3)));
            assertTrue(report.density() > 0.25 && report.density() < 0.5, "density " + report.density());
            assertEquals(2L * 4 * 24 * 8, gate.parameters());
            var e = assertThrows(IllegalStateException.class, model::tokenizer);
            assertEquals("the model tiny of random weights has no tokenizer", e.getMessage());
        }
    }
}
