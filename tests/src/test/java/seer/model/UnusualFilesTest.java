package seer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.backend.Backend;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.support.GgufWriter;
import seer.support.PlainRope;
import seer.support.PlainTransformer;
import seer.support.TinyGguf;
import seer.support.TinyModel;
import seer.support.TinySafetensors;

/// Valid files of less usual kinds that people have: each gives the logits of its weights.
class UnusualFilesTest {
    private static final int VOCABULARY = 320;
    private static final int[] PROMPT = new SplittableRandom(5).ints(9, 1, 256).toArray();
    private static final Backend BACKEND = Backends.cpu(1);

    @TempDir
    private Path folder;

    @AfterAll
    static void close() {
        BACKEND.close();
    }

    private static TinyModel tiny(String family, boolean tied) {
        return TinyModel.random(family, 32, 48, VOCABULARY, 4, 2, 8, tied, PlainRope.plain(10_000));
    }

    private static float[] logits(Path path) {
        try (var model = LanguageModel.open(path, BACKEND); var session = model.session(PROMPT.length)) {
            return session.prefill(PrefillRequest.of(PROMPT, BlockSelector.dense())).logits();
        }
    }

    private static void agrees(TinyModel tiny, Path path) {
        assertWithin(new PlainTransformer(tiny).last(PROMPT), logits(path), 1e-3, path.toString());
    }

    private static void config(Path folder, String text) throws IOException {
        Files.writeString(folder.resolve("config.json"), text.replace('\'', '"'));
    }

    /// Norms in 32 bits, the rest in 16 of two kinds.
    @ParameterizedTest
    @CsvSource({"llama, true", "llama, false", "qwen2, true", "qwen3, false", "mistral, true"})
    void typesMixedInOneFolder(String family, boolean tied) throws IOException {
        var tiny = tiny(family, tied);
        for (int shards : new int[] {1, 2, 5}) {
            Path path = TinySafetensors.write(tiny, name -> name.contains("norm") ? DType.F32
                    : name.contains("mlp") ? DType.F16 : DType.BF16, shards, folder.resolve("model" + shards));
            agrees(tiny, path);
            if (shards > 1) {
                float[] wanted = logits(path);
                Files.delete(path.resolve("model.safetensors.index.json"));
                assertArrayEquals(wanted, logits(path), "without the index");
            }
        }
    }

    /// Hugging Face's cache keeps files under their checksums, and folders of links to them.
    @Test
    void aFolderOfLinks() throws IOException {
        var tiny = tiny("llama", true);
        Path real = TinySafetensors.write(tiny, DType.BF16, 2, folder.resolve("blobs"));
        Path links = Files.createDirectories(folder.resolve("snapshots/a b"));
        try (var files = Files.list(real)) {
            int number = 0;
            for (Path file : files.sorted().toList()) {
                Path blob = Files.move(file, real.resolve("blob" + number++));
                Files.createSymbolicLink(links.resolve(file.getFileName()), links.relativize(blob));
            }
        }
        agrees(tiny, links);
        Files.delete(links.resolve("model.safetensors.index.json"));
        agrees(tiny, links);
    }

    /// As transformers 5 writes it, and as the first checkpoints had it.
    @Test
    void configurationsOldAndNew() throws IOException {
        var tiny = TinyModel.random("qwen3", 32, 48, VOCABULARY, 4, 2, 128, true,
                PlainRope.plain(1_000_000));
        Path path = TinySafetensors.write(tiny, DType.F32, 1, folder.resolve("qwen3"));
        config(path, """
                {'architectures': ['Qwen3ForCausalLM'], 'attention_bias': false, 'attention_dropout': 0.0,
                 'bos_token_id': null, 'dtype': 'bfloat16', 'eos_token_id': [0, 7], 'hidden_act': 'silu',
                 'hidden_size': 32, 'initializer_range': 0.02, 'intermediate_size': 48,
                 'layer_types': ['full_attention', 'full_attention'], 'max_position_embeddings': 40960,
                 'max_window_layers': 36, 'model_type': 'qwen3', 'num_attention_heads': 4, 'num_hidden_layers': 2,
                 'num_key_value_heads': 2, 'pad_token_id': null, 'rms_norm_eps': 1e-05,
                 'rope_parameters': {'rope_theta': 1000000, 'rope_type': 'default'}, 'sliding_window': null,
                 'tie_word_embeddings': true, 'transformers_version': '5.0.0', 'use_cache': true,
                 'use_sliding_window': false, 'vocab_size': 320}""");
        agrees(tiny, path);
        var old = TinyModel.random("llama", 32, 48, VOCABULARY, 4, 4, 8, false,
                PlainRope.plain(10_000));
        path = TinySafetensors.write(old, DType.F16, 1, folder.resolve("llama"));
        config(path, """
                {'architectures': ['LLaMAForCausalLM'], 'bos_token_id': 0, 'eos_token_id': 1, 'hidden_act': 'silu',
                 'hidden_size': 32, 'intermediate_size': 48, 'initializer_range': 0.02, 'model_type': 'llama',
                 'max_position_embeddings': 2048, 'num_attention_heads': 4, 'num_hidden_layers': 2,
                 'pad_token_id': -1, 'rms_norm_eps': 1e-05, 'torch_dtype': 'float16',
                 'transformers_version': '4.27.0.dev0', 'use_cache': true, 'vocab_size': 320}""");
        Files.writeString(path.resolve("generation_config.json"),
                "{\"eos_token_id\": [1, 7, 7], \"temperature\": 0.6, \"do_sample\": true, \"pad_token_id\": 0}");
        agrees(old, path);
        try (var files = ModelFiles.open(path)) {
            assertEquals(List.of(1, 7), files.config().endOfText());
        }
    }

    /// Headers end in blanks, so that tensors begin at multiples of 8, and list tensors in any order.
    @Test
    void headersInAnyOrderWithBlanksBehind() throws IOException {
        var tiny = tiny("llama", true);
        Path path = TinySafetensors.write(tiny, DType.F32, 1, folder.resolve("model"));
        Path file = path.resolve("model.safetensors");
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) bytes.getLong();
        String header = new String(bytes.array(), 8, length, StandardCharsets.UTF_8);
        var entries = new ArrayList<>(List.of(header.substring(1, header.length() - 1).split(", (?=\"model)")));
        Collections.reverse(entries);
        entries.add(1, "\"__metadata__\": {\"format\": \"pt\"}");
        byte[] json = ("{" + String.join(",", entries) + "}" + " ".repeat(13)).getBytes(StandardCharsets.UTF_8);
        Files.write(file, ByteBuffer.allocate(bytes.capacity() - length + json.length)
                .order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json)
                .put(bytes.array(), 8 + length, bytes.capacity() - 8 - length).array());
        agrees(tiny, path);
    }

    private static GgufWriter gguf(TinyModel tiny, DType type) {
        return TinyGguf.of(tiny, type);
    }

    /// What a file may leave out.
    @ParameterizedTest
    @CsvSource({"2, 64", "3, 8", "3, 4096", "2, 32"})
    void keysThatAreLeftOut(int version, int alignment) {
        var tiny = TinyModel.random("llama", 32, 48, VOCABULARY, 4, 4, 8, false,
                PlainRope.plain(10_000));
        var writer = gguf(tiny, DType.F16).version(version).align(alignment)
                .without("llama.attention.head_count_kv").without("llama.attention.key_length")
                .without("llama.attention.value_length").without("llama.rope.freq_base").without("llama.vocab_size")
                .without("llama.rope.dimension_count");
        agrees(tiny, writer.write(folder.resolve("tiny.gguf")));
    }

    /// llama.cpp's own programs keep norms and biases in 32 bits; others do not.
    @ParameterizedTest
    @CsvSource({"F16", "BF16"})
    void vectorsOfSixteenBits(DType type) {
        var tiny = tiny("qwen2", true);
        var writer = gguf(tiny, DType.F32);
        tiny.weights().forEach((name, weights) -> {
            if (tiny.shape(name, weights.length).length == 1) {
                writer.tensor(TinyGguf.llamaCpp(name), type, weights, weights.length);
            }
        });
        agrees(tiny, writer.write(folder.resolve("tiny.gguf")));
    }

    /// Writers may end a file with its last tensor, or with what pads it.
    @Test
    void aFileMayEndInPadding() throws IOException {
        var tiny = tiny("llama", false);
        var writer = gguf(tiny, DType.F32).align(4096).tensor("output_norm.weight", DType.F32,
                tiny.weights().get("model.norm.weight"), 32);
        byte[] bytes = writer.bytes();
        Path file = folder.resolve("tiny.gguf");
        agrees(tiny, Files.write(file, bytes));
        agrees(tiny, Files.write(file, Arrays.copyOf(bytes, Math.ceilDiv(bytes.length, 4096) * 4096)));
    }

    /// A head that is stored although it is the embedding.
    @Test
    void aHeadThatIsStoredThoughItIsTied() throws IOException {
        var tiny = tiny("qwen2", true);
        var writer = gguf(tiny, DType.F16);
        float[] embedding = tiny.weights().get("model.embed_tokens.weight");
        writer.tensor("output.weight", DType.F16, embedding.clone(), VOCABULARY, 32);
        agrees(tiny, writer.write(folder.resolve("tiny.gguf")));
        var again = tiny("llama", true);
        again.weights().put("lm_head.weight", again.weights().get("model.embed_tokens.weight"));
        agrees(again, TinySafetensors.write(again, DType.BF16, 2, folder.resolve("model")));
    }

    /// Embeddings are padded to a multiple of 64 or 128, for which there are no tokens, or tokens of no use.
    @Test
    void vocabulariesPaddedBeyondTheTokenizer() throws IOException {
        var tiny = tiny("qwen2", true);
        var fewer = tiny("qwen2", true);
        Path path = TinySafetensors.write(tiny, DType.F32, 1, folder.resolve("model"));
        agrees(fewer, path);
        Path other = TinySafetensors.write(TinyModel.random("qwen2", 32, 48, 300, 4, 2, 8, true,
                PlainRope.plain(10_000)), DType.F32, 1, folder.resolve("short"));
        Files.copy(other.resolve("tokenizer.json"), path.resolve("tokenizer.json"),
                StandardCopyOption.REPLACE_EXISTING);
        agrees(tiny, path);
        try (var model = LanguageModel.open(path, BACKEND); var session = model.session(64)) {
            session.prefill(PrefillRequest.of(PROMPT, BlockSelector.dense()));
            int[] drawn = session.generate(40, new Sampling(3, 1, 1), _ -> { });
            model.tokenizer().decode(drawn);
            model.tokenizer().decode(new int[] {310, 5, 319});
        }
        var writer = gguf(tiny, DType.F32);
        var tokens = IntStream.range(0, 300).mapToObj(i -> i < 256 ? String.valueOf((char) (i + 0x4E00)) : "w" + i)
                .toList();
        writer.strings("tokenizer.ggml.tokens", tokens)
                .ints("tokenizer.ggml.token_type", IntStream.range(0, 300).map(_ -> 1).toArray());
        agrees(tiny, writer.write(folder.resolve("tiny.gguf")));
    }

    /// A token that was added and never trained has no row.
    @Test
    void aTokenizerLargerThanTheVocabulary() throws IOException {
        var tiny = tiny("llama", true);
        Path path = TinySafetensors.write(tiny, DType.F32, 1, folder.resolve("model"));
        Path tokenizer = path.resolve("tokenizer.json");
        Files.writeString(tokenizer, Files.readString(tokenizer).replace("\"added_tokens\": []",
                "\"added_tokens\": [{\"id\": 320, \"content\": \"[PAD]\", \"special\": true}]"));
        agrees(tiny, path);
        try (var model = LanguageModel.open(path, BACKEND); var session = model.session(64)) {
            int[] ids = model.tokenizer().encode("a[PAD]b");
            assertEquals(320, ids[1]);
            var e = assertThrows(IllegalArgumentException.class,
                    () -> session.prefill(PrefillRequest.of(ids, BlockSelector.dense())));
            assertTrue(e.getMessage().contains("320"), e.getMessage());
        }
    }

    @Test
    void marksBeforeATextAreTheFiles() {
        var tiny = tiny("llama", true);
        for (boolean truth : new boolean[] {false, true}) {
            var writer = gguf(tiny, DType.F32).put("tokenizer.ggml.add_bos_token", truth)
                    .put("tokenizer.ggml.bos_token_id", 3).put("tokenizer.ggml.pre", "llama-bpe");
            try (var files = ModelFiles.open(writer.write(folder.resolve("tiny.gguf")))) {
                assertArrayEquals(truth ? new int[] {3} : new int[0], files.tokenizer().opening());
            }
        }
    }

    private static void assertTold(Path model, String got) {
        var e = assertThrows(MalformedModelException.class, () -> LanguageModel.open(model, BACKEND));
        assertEquals(model + ": wanted a folder with config.json, tokenizer.json and model.safetensors, or a GGUF "
                + "file, got " + got, e.getMessage());
    }

    /// Who downloads a model gets a folder around what opens.
    @Test
    void aFolderAroundAModelSaysWhereItIs() throws IOException {
        Path model = Files.createDirectories(folder.resolve("model"));
        gguf(tiny("llama", true), DType.F32).write(model.resolve("tiny-F32.gguf"));
        assertTold(model, "a folder with tiny-F32.gguf, whose own path opens it");
        gguf(tiny("llama", true), DType.F16).write(model.resolve("tiny-F16.gguf"));
        assertTold(model, "a folder with tiny-F16.gguf, whose own path opens it");
        Path cache = Files.createDirectories(folder.resolve("models--a--b"));
        Path snapshot = cache.resolve("snapshots/0123abc");
        TinySafetensors.write(tiny("llama", true), DType.F32, 1, snapshot);
        assertTold(cache, "a folder around " + snapshot);
        assertTold(cache.resolve("snapshots"), "a folder around " + snapshot);
    }
}
