package seer.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.SafetensorsFile;
import seer.model.load.SafetensorsWriter;
import seer.model.load.WeightStore;
import seer.model.load.WeightTensor;
import seer.model.text.BpeTokenizer;
import seer.support.Answers;
import seer.support.Mutants;
import seer.support.Mutants.Mutant;
import seer.support.TinyModel;

/// Every file of a model, broken in hundreds of ways: each is read or refused with a sentence that names it, and none
/// crashes, hangs or lets a library speak.
class ModelFilesMutationTest {
    private static final int FEW = 300;
    private static final int MANY = 20_000;
    private static final Answers ANSWERS = Answers.of(MalformedModelException.class);
    private static final String CONFIG = """
            {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "bos_token_id": 1, "eos_token_id": [2, 3],
             "head_dim": 16, "hidden_act": "silu", "hidden_size": 64, "initializer_range": 0.02,
             "intermediate_size": 96, "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "%s",
             "num_attention_heads": 4, "num_hidden_layers": 2, "num_key_value_heads": 2, "pretraining_tp": 1,
             "rms_norm_eps": 1e-05, "sliding_window": 4096, "use_sliding_window": false, "max_window_layers": 1,
             "tie_word_embeddings": true, "torch_dtype": "bfloat16", "vocab_size": 300, %s}""";
    private static final String OLD = CONFIG.formatted("llama", "\"rope_theta\": 500000.0, \"rope_scaling\": {"
            + "\"factor\": 32.0, \"high_freq_factor\": 4.0, \"low_freq_factor\": 1.0,"
            + "\"original_max_position_embeddings\": 8192,\"rope_type\": \"llama3\"}");
    private static final String NEW = CONFIG.formatted("qwen2", "\"rope_parameters\": {\"rope_theta\": 1e6,"
            + "\"rope_type\": \"linear\", \"factor\": 2.0}, \"dtype\": \"float16\"").replace("Llama", "Qwen2");
    private static final String GENERATION = """
            {"_from_model_config": true, "bos_token_id": 1, "do_sample": true, "eos_token_id": [2, 5],
             "stop_strings": null, "suppress_tokens": [], "temperature": 0.6, "transformers_version": "4.45.0"}""";
    private static final String BYTE_LEVEL = """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [{"id": 9, "content": "<s>",
              "single_word": false, "lstrip": false, "rstrip": true, "normalized": false, "special": true}],
             "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"},
              {"type": "Replace", "pattern": {"Regex": "x+"}, "content": "a"}]},
             "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex":
              "(?i:'s|'t)|\\\\s?\\\\p{L}+|[^a-c\\\\n]{1,3}"}, "behavior": "Isolated", "invert": false},
              {"type": "Digits", "individual_digits": true}, {"type": "ByteLevel", "add_prefix_space": false,
              "trim_offsets": true, "use_regex": false}]},
             "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
              {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {"<s>": {"id": "<s>",
              "ids": [9], "tokens": ["<s>"]}}}, "decoder": {"type": "ByteLevel"},
             "model": {"type": "BPE", "dropout": null, "unk_token": "u", "continuing_subword_prefix": "",
              "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": true,
              "vocab": {"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġab": 4, "u": 5, "1": 6}, "merges": ["a b", ["Ġ", "ab"]]}}""";
    private static final String SENTENCE_PIECE = """
            {"added_tokens": [], "normalizer": {"type": "Prepend", "prepend": "▁"}, "pre_tokenizer": {"type":
              "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}, "decoder": {"type":
              "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
              {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
             "model": {"type": "BPE", "fuse_unk": true, "byte_fallback": true, "unk_token": "<unk>",
              "vocab": {"<unk>": 0, "<0x0A>": 1, "▁": 2, "a": 3, "▁a": 4}, "merges": [["▁", "a"]]}}""";

    @TempDir
    private Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// A document broken as JSON and as bytes, half and half.
    private static Stream<Mutant> json(String text, int count) {
        return Stream.concat(Mutants.ofJson(text, count, count / 2), Mutants.ofBytes(bytes(text), count, count / 2));
    }

    private void answers(Stream<Mutant> mutants, int count, String name, Consumer<Path> reader) {
        int refused = ANSWERS.to(mutants, folder.resolve(name), reader);
        assertTrue(refused > count / 5, refused + " of " + count + " were refused");
    }

    private void all(int count) throws IOException {
        for (String config : List.of(OLD, NEW)) {
            ModelConfigFile.read(Files.writeString(folder.resolve("config.json"), config));
            answers(json(config, count), count, "config.json", ModelConfigFile::read);
        }
        Files.writeString(folder.resolve("config.json"), OLD);
        answers(json(GENERATION, count), count, "generation_config.json",
                file -> ModelConfigFile.read(file.resolveSibling("config.json")));
        for (String tokenizer : List.of(BYTE_LEVEL, SENTENCE_PIECE)) {
            encode(Files.writeString(folder.resolve("tokenizer.json"), tokenizer));
            answers(json(tokenizer, count), count, "tokenizer.json", ModelFilesMutationTest::encode);
        }
        Files.writeString(folder.resolve("tokenizer.json"), SENTENCE_PIECE);
        answers(json("{\"add_bos_token\": true, \"bos_token\": {\"content\": \"<unk>\"}, \"add_eos_token\": false}",
                count), count, "tokenizer_config.json",
                file -> BpeTokenizer.open(file.resolveSibling("tokenizer.json")));
    }

    private static void encode(Path file) {
        BpeTokenizer tokenizer = BpeTokenizer.open(file);
        tokenizer.decode(tokenizer.whole(tokenizer.encode("ab it's 12\n<s> xab b\u0301\u00e9")));
    }

    private void weights(int count) throws IOException {
        Path file = folder.resolve("model.safetensors");
        new SafetensorsWriter().metadata("format", "pt").add("a", DType.F32, new float[6], 2, 3)
                .add("b", DType.BF16, new float[4], 4).write(file);
        byte[] whole = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] data = java.util.Arrays.copyOfRange(whole, 8 + length, whole.length);
        String header = new String(whole, 8, length, StandardCharsets.UTF_8);
        var mutants = Stream.concat(
                Mutants.ofJson(header, count, count / 2).map(mutant -> mutant.within(json -> framed(json, data))),
                Mutants.ofBytes(whole, count, count / 2));
        answers(mutants, count, "model.safetensors", ModelFilesMutationTest::readAll);
        Files.move(folder.resolve("model.safetensors"), folder.resolve("one.safetensors"));
        Files.write(folder.resolve("one.safetensors"), whole);
        answers(json("{\"metadata\": {\"total_size\": 32}, \"weight_map\": {\"a\": \"one.safetensors\", \"b\":"
                + "\"one.safetensors\"}}", count), count, "model.safetensors.index.json",
                index -> WeightStore.open(index.getParent()).close());
    }

    private static byte[] framed(byte[] json, byte[] data) {
        return ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length).put(json).put(data).array();
    }

    private static void readAll(Path file) {
        try (var open = SafetensorsFile.open(file)) {
            for (String name : open.names()) {
                WeightTensor tensor = open.tensor(name);
                if (tensor.type().isFloat()) {
                    tensor.finiteFloats();
                } else {
                    tensor.ints();
                }
            }
        }
    }

    private void models(int count) throws IOException {
        Path model = TinyModel.random("llama", 2, 1, 16, true).write(folder.resolve("model"));
        try (var backend = Backends.cpu(1)) {
            ANSWERS.to(Mutants.ofJson(Files.readString(model.resolve("config.json")), 3, count),
                    model.resolve("config.json"), _ -> {
                        try {
                            LanguageModel.open(model, backend).close();
                        } catch (MalformedModelException e) {
                            throw e.file().getFileName().toString().equals("config.json") ? e
                                    : new MalformedModelException(model.resolve("config.json"), e.getMessage());
                        }
                    });
        }
    }

    @Test
    void configurationsAndTokenizers() throws IOException {
        all(FEW);
    }

    @Test
    void weightFiles() throws IOException {
        weights(FEW);
    }

    @Test
    void wholeModels() throws IOException {
        models(FEW / 3);
    }

    @Test
    @Tag("slow")
    void thousandsOfEach() throws IOException {
        all(MANY);
        weights(MANY);
        models(MANY / 20);
    }
}
