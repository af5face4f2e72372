package seer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.backend.Backend;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.support.PlainTransformer;
import seer.support.TinyGguf;
import seer.support.TinyModel;

/// Small random models as GGUF files of every type and architecture, against plain double precision on the weights that
/// the bytes say.
class GgufModelTest {
    @TempDir
    private Path folder;

    private static int[] tokens(int count) {
        return new SplittableRandom(count).ints(count, 1, 4096).toArray();
    }

    private static float[] logits(Path model, Backend backend, int[] prompt) {
        try (var open = LanguageModel.open(model, backend); var session = open.session(prompt.length + 1)) {
            return session.prefill(PrefillRequest.of(prompt, BlockSelector.dense())).logits();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"I16", "I32", "I64", "U8"})
    void everyTypeGivesTheLogitsOfItsWeights(DType type) {
        var tiny = TinyModel.random("llama", 256, 512, 4, 1, 64, true);
        Path file = TinyGguf.of(tiny, type).write(folder.resolve("tiny.gguf"));
        int[] prompt = tokens(18);
        float[] wanted = new PlainTransformer(tiny).last(prompt);
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(file, backend);
                var session = model.session(19)) {
            assertWithin(wanted, session.prefill(PrefillRequest.of(prompt, BlockSelector.dense())).logits(), 1e-3,
                    "logits of " + type);
            int[] one = {prompt[0]};
            assertWithin(new PlainTransformer(tiny).last(one),
                    session.prefill(PrefillRequest.of(one, BlockSelector.dense())).logits(), 1e-3, "one token");
        }
    }

    @ParameterizedTest
    @CsvSource({"llama, 5, 1, 32, false", "mistral, 2, 2, 128, true", "qwen2, 7, 1, 32, true",
        "qwen2, 4, 4, 64, false", "qwen3, 4, 2, 128, true", "qwen3, 3, 1, 32, false"})
    void everyArchitectureInMixedTypes(String family, int heads, int groups, int headWidth, boolean tied)
            throws IOException {
        var tiny = TinyModel.random(family, 256, 256, heads, groups, headWidth, tied);
        Path file = TinyGguf.of(tiny, name -> name.contains("v_proj") || name.contains("up_proj") ? DType.Q6_K
                : name.contains("o_proj") ? DType.Q8_0 : name.contains("embed") ? DType.F16 : DType.Q4_K)
                .write(folder.resolve("tiny.gguf"));
        int[] prompt = tokens(33);
        float[] wanted = new PlainTransformer(tiny).last(prompt);
        try (var backend = Backends.cpu(1)) {
            assertWithin(wanted, logits(file, backend, prompt), 1e-3, "logits of " + family);
            assertWithin(wanted, logits(tiny.write(folder.resolve("same")), backend, prompt), 1e-3, "as a folder");
        }
    }

    @Test
    void theSimulatorExpandsQuantizedWeights() {
        var tiny = TinyModel.random("qwen3", 64, 64, 2, 1, 32, true);
        Path file = TinyGguf.of(tiny, DType.Q5_1).write(folder.resolve("tiny.gguf"));
        int[] prompt = tokens(3);
        try (var backend = Backends.simulator()) {
            float[] wanted = new PlainTransformer(tiny).last(prompt);
            assertWithin(wanted, logits(file, backend, prompt), 1e-3, "logits");
        }
    }

    /// Up to its length a window does nothing.
    @Test
    void aSlidingWindowEndsTheContext() {
        for (int window : new int[] {0, 100, 9000}) {
            Path file = TinyGguf.of(TinyModel.random("mistral", 2, 1, 16, true), DType.F32)
                    .put("llama.attention.sliding_window", window).write(folder.resolve("tiny.gguf"));
            try (var files = ModelFiles.open(file)) {
                assertEquals(window == 100 ? 100 : 4096, files.config().contextLength(), "window " + window);
            }
        }
    }

    /// llama.cpp takes a factor for a linear scaling where no type is named, and leaves it alone where it is none.
    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"rope.scaling.factor, 4, -, 4", "rope.scaling.factor, 4, linear, 4",
        "rope.scaling.factor, 4, none, 1", "rope.scaling.factor, 0, -, 1", "rope.scaling.factor, 1, linear, 1",
        "rope.scale_linear, 2.5, -, 2.5", "rope.scale_linear, 2.5, none, 1"})
    void aFactorWithoutATypeIsALinearScaling(String key, float value, String type, double factor) {
        var writer = TinyGguf.of(TinyModel.random("llama", 2, 1, 16, true), DType.F32).put("llama." + key, value);
        if (type != null) {
            writer.put("llama.rope.scaling.type", type);
        }
        try (var files = ModelFiles.open(writer.write(folder.resolve("tiny.gguf")))) {
            assertEquals(factor == 1 ? new RopeConfig.Scaling.None() : new RopeConfig.Scaling.Linear(factor),
                    files.config().rope().scaling());
        }
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"-", "none", "linear"})
    void aFactorOfAttentionIsForYarnAlone(String type) {
        var writer = TinyGguf.of(TinyModel.random("llama", 2, 1, 16, true), DType.F32)
                .put("llama.rope.scaling.attn_factor", 2f);
        if (type != null) {
            writer.put("llama.rope.scaling.type", type);
        }
        assertRefused(writer.write(folder.resolve("tiny.gguf")), "tiny.gguf: key llama.rope.scaling.attn_factor: "
                + "wanted 1 or nothing but for a scaling by yarn alone, got 2.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rope.scaling.factor", "rope.scale_linear"})
    void factorsOfFrequenciesStandAlone(String key) {
        Path file = TinyGguf.of(TinyModel.random("llama", 2, 1, 16, true), DType.F32).put("llama." + key, 2f)
                .tensor("rope_freqs.weight", DType.F32, new float[] {1, 1, 1, 1, 2, 2, 4, 8}, 8)
                .write(folder.resolve("tiny.gguf"));
        assertRefused(file, "tiny.gguf: key llama." + key + ": wanted 1 or nothing beside rope_freqs.weight, got 2.0");
    }

    /// Hugging Face's names would stand for rows in its order.
    @ParameterizedTest
    @CsvSource({"blk.0.attn_q.weight, model.layers.0.self_attn.q_proj.weight",
        "token_embd.weight, model.embed_tokens.weight", "output_norm.weight, model.norm.weight"})
    void aTensorUnderAnotherFormatsNameIsRefused(String own, String other) {
        var writer = TinyGguf.of(TinyModel.random("llama", 2, 1, 16, true), DType.F32).renamed(own, other);
        assertRefused(writer.write(folder.resolve("tiny.gguf")), "tiny.gguf: tensor " + other
                + ": wanted llama.cpp's name, " + own + ", got Hugging Face's");
    }

    @ParameterizedTest
    @CsvSource({"block_count, 0, 'block_count is 0, wanted above 0'",
        "attention.head_count_kv, 3, 'attention.head_count is 2, wanted a multiple of llama.attention.head_count_kv, "
            + "which is 3'", "attention.key_length, 18, 'attention.key_length is 18, wanted a multiple of 4'"})
    void complaintsNameTheFilesOwnKeys(String key, int value, String sentence) {
        Path file = TinyGguf.of(TinyModel.random("llama", 2, 1, 16, true), DType.F32).put("llama." + key, value)
                .without("llama.attention.value_length").write(folder.resolve("tiny.gguf"));
        assertRefused(file, "tiny.gguf: key llama." + sentence);
    }

    /// A mixture of experts calls itself llama too.
    @ParameterizedTest
    @CsvSource({"expert_count, 8", "expert_used_count, 2", "attention.clamp_kqv, 8", "logit_scale, 0.25",
        "final_logit_softcapping, 30", "attention.max_alibi_bias, 8"})
    void aKeyThatChangesTheForwardPassIsRefused(String name, float value) {
        var tiny = TinyModel.random("llama", 2, 1, 16, true);
        Path file = TinyGguf.of(tiny, DType.F32).put("llama." + name, value).write(folder.resolve("tiny.gguf"));
        assertRefused(file, "tiny.gguf: key llama." + name + ": wanted ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma2", "qwen2moe", "mamba", "llama4", ""})
    void anArchitectureThatIsNotOnTheListIsRefused(String name) {
        var tiny = TinyModel.random("llama", 2, 1, 16, true);
        Path file = TinyGguf.of(tiny, DType.F32).put("general.architecture", name)
                .write(folder.resolve("tiny.gguf"));
        assertRefused(file, "tiny.gguf: key general.architecture: wanted one of [llama, qwen2, qwen3], got");
    }

    /// llama.cpp's tensors have four axes all, and files leave out outer ones of extent 1 or not.
    @Test
    void outerExtentsOfOneChangeNothing() throws IOException {
        var tiny = TinyModel.random("qwen2", 2, 1, 16, false);
        var plain = TinyGguf.of(tiny, DType.F32);
        var padded = TinyGguf.of(tiny, DType.F32);
        tiny.weights().forEach((name, weights) -> {
            int[] shape = tiny.shape(name, weights.length);
            padded.reshaped(TinyGguf.llamaCpp(name), shape.length == 1 ? new int[] {1, shape[0]}
                    : new int[] {1, 1, shape[0], shape[1]});
        });
        int[] prompt = tokens(5);
        try (var backend = Backends.cpu(1)) {
            float[] wanted = logits(plain.write(folder.resolve("plain.gguf")), backend, prompt);
            assertArrayEquals(wanted, logits(padded.write(folder.resolve("padded.gguf")), backend, prompt));
        }
        var turned = TinyGguf.of(tiny, DType.F32).reshaped("output_norm.weight", tiny.width(), 1);
        try (var backend = Backends.cpu(1)) {
            Path file = turned.write(folder.resolve("turned.gguf"));
            String said = assertThrows(MalformedModelException.class, () -> LanguageModel.open(file, backend).close())
                    .getMessage();
            assertTrue(said.contains("tensor output_norm.weight has shape [24, 1], wanted [24]"), said);
        }
    }

    /// A feed-forward part of one unit has them.
    @Test
    void matricesOfOneRowAreNoVectors() {
        var tiny = TinyModel.random("llama", 24, 1, 2, 1, 16, true);
        var writer = TinyGguf.of(tiny, DType.F32);
        for (int layer = 0; layer < 2; layer++) {
            writer.reshaped("blk." + layer + ".ffn_up.weight", 24).reshaped("blk." + layer + ".ffn_gate.weight", 24);
        }
        int[] prompt = tokens(5);
        try (var backend = Backends.cpu(1)) {
            assertWithin(new PlainTransformer(tiny).last(prompt),
                    logits(writer.write(folder.resolve("tiny.gguf")), backend, prompt), 1e-3, "logits");
        }
    }

    private static void assertRefused(Path file, String sentence) {
        String said = assertThrows(MalformedModelException.class, () -> {
            try (var files = ModelFiles.open(file)) {
                files.config();
            }
        }).getMessage();
        assertTrue(said.contains(sentence), said);
    }

    @Test
    void aFileOfVersionTwoWithAnotherAlignmentIsRead() {
        var tiny = TinyModel.random("llama", 2, 1, 16, true);
        Path file = TinyGguf.of(tiny, DType.F32).version(2).align(64).write(folder.resolve("tiny.gguf"));
        try (var files = ModelFiles.open(file)) {
            assertEquals(new ModelConfig("llama", 24, 2, 2, 1, 16, 40, 4096, 1e-5, 4096, true, false, false,
                    new RopeConfig(10_000, new RopeConfig.Scaling.None()), java.util.List.of(0)), files.config());
        }
    }
}
