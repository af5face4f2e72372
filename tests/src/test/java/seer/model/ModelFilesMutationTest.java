package seer.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
import seer.model.text.ChatTemplate;
import seer.support.Answers;
import seer.support.Mutants;
import seer.support.Mutants.Mutant;
import seer.support.TenThousand;
import seer.support.TinyModel;

/// Every file of a model, broken in hundreds of ways: each is read or refused with a sentence that names it, and none
/// crashes, hangs or lets a library speak.
class ModelFilesMutationTest {
    private static final int FEW = 300;
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
    /// A token for each letter, and those that ChatML needs.
    private static final String TALKING = """
            {"added_tokens": [{"id": 9, "content": "<|im_start|>", "special": true}, {"id": 10, "content":
              "<|im_end|>", "special": true}], "normalizer": null, "pre_tokenizer": {"type": "ByteLevel",
              "add_prefix_space": false, "use_regex": true}, "decoder": {"type": "ByteLevel"},
             "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "Ċ": 2}, "merges": []}}""";
    private static final String TEMPLATE = """
            {% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
            You are kind.<|im_end|>
            ' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}
            {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}""";
    private static final String TEMPLATES = """
            {"chat_template": [{"name": "tool_use", "template": "{{ tools }}"}, {"name": "default", "template":
              "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>'}}"}]}""";
    private static final String SURROUNDINGS =
            "{\"add_bos_token\": true, \"bos_token\": {\"content\": \"<unk>\"}, \"add_eos_token\": false}";
    private static final String INDEX = """
            {"metadata": {"total_size": 38}, "weight_map": {"a": "one.safetensors", "b": "two.safetensors",
              "c": "two.safetensors"}}""";

    @TempDir
    private Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// A document broken as JSON and as bytes, half and half.
    private static Stream<Mutant> json(String text, int count) {
        return Stream.concat(Mutants.ofJson(text, count, count / 2), Mutants.ofBytes(bytes(text), count, count / 2));
    }

    private Answers.Tally answers(Stream<Mutant> mutants, String name, Consumer<Path> reader) {
        return ANSWERS.tally(mutants, folder.resolve(name), reader);
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    // -- formats: the sound file, and what reads its broken copies --

    private Answers.Tally config(String config, int count) {
        ModelConfigFile.read(write("config.json", config));
        return answers(json(config, count), "config.json", ModelConfigFile::read);
    }

    private Answers.Tally generation(int count) {
        Path config = write("config.json", OLD);
        return answers(json(GENERATION, count), "generation_config.json", _ -> ModelConfigFile.read(config));
    }

    private Answers.Tally tokenizer(String tokenizer, int count) {
        encode(write("tokenizer.json", tokenizer));
        return answers(json(tokenizer, count), "tokenizer.json", ModelFilesMutationTest::encode);
    }

    private Answers.Tally surroundings(int count) {
        Path tokenizer = write("tokenizer.json", SENTENCE_PIECE);
        return answers(json(SURROUNDINGS, count), "tokenizer_config.json", _ -> BpeTokenizer.open(tokenizer));
    }

    /// A third each: the template as a file, its words and marks exchanged, and among others in tokenizer_config.json.
    private Answers.Tally template(int count) {
        assertTrue(folder.resolve("talking").toFile().mkdirs());
        write("talking/config.json", OLD);
        write("talking/tokenizer.json", TALKING);
        new SafetensorsWriter().add("a", DType.F32, new float[1], 1)
                .write(folder.resolve("talking/model.safetensors"));
        var file = Stream.concat(Mutants.ofBytes(bytes(TEMPLATE), count, count / 3),
                Mutants.ofLines(TEMPLATE, "<", count, count / 3));
        var first = answers(file, "talking/chat_template.jinja", ModelFilesMutationTest::converse);
        assertTrue(folder.resolve("talking/chat_template.jinja").toFile().delete());
        var second = answers(json(TEMPLATES, Math.ceilDiv(count, 3) + 2), "talking/tokenizer_config.json",
                ModelFilesMutationTest::converse);
        return new Answers.Tally(first.copies() + second.copies(), first.refused() + second.refused(),
                Math.max(first.slowest(), second.slowest()));
    }

    private static void converse(Path file) {
        try (var files = ModelFiles.open(file.getParent())) {
            files.chat().ifPresent(known -> known.encode(List.of(new ChatTemplate.Message("system", "ab"),
                    new ChatTemplate.Message("user", "ab")), false));
        }
    }

    private static void encode(Path file) {
        BpeTokenizer tokenizer = BpeTokenizer.open(file);
        tokenizer.decode(tokenizer.whole(tokenizer.encode("ab it's 12\n<s> xab b\u0301\u00e9")));
    }

    private Answers.Tally weights(int count) {
        Path file = folder.resolve("model.safetensors");
        new SafetensorsWriter().metadata("format", "pt").add("a", DType.F32, new float[6], 2, 3)
                .add("b", DType.BF16, new float[4], 4).write(file);
        return answers(broken(file, count), "model.safetensors", ModelFilesMutationTest::readAll);
    }

    /// Half of them JSON, in place of the header.
    private static Stream<Mutant> broken(Path file, int count) {
        byte[] whole;
        try {
            whole = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        int length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] data = Arrays.copyOfRange(whole, 8 + length, whole.length);
        String header = new String(whole, 8, length, StandardCharsets.UTF_8);
        return Stream.concat(
                Mutants.ofJson(header, count, count / 2).map(mutant -> mutant.within(json -> framed(json, data))),
                Mutants.ofBytes(whole, count, count / 2));
    }

    private void shards() {
        new SafetensorsWriter().add("a", DType.F32, new float[6], 2, 3).write(folder.resolve("one.safetensors"));
        new SafetensorsWriter().add("b", DType.BF16, new float[4], 4).add("c", DType.BF16, new float[3], 3)
                .write(folder.resolve("two.safetensors"));
        assertTrue(!Files.exists(folder.resolve("model.safetensors")) || folder.resolve("model.safetensors").toFile()
                .delete());
        write("model.safetensors.index.json", INDEX);
    }

    private Answers.Tally index(int count) {
        shards();
        return answers(json(INDEX, count), "model.safetensors.index.json",
                index -> WeightStore.open(index.getParent()).close());
    }

    /// What a shard lacks, the index may have to say: it stands beside it.
    private Answers.Tally shard(int count) {
        shards();
        Path two = folder.resolve("two.safetensors");
        return answers(broken(two, count), "two.safetensors", _ -> {
            try (var open = WeightStore.open(folder)) {
                open.names().forEach(name -> open.tensor(name).finiteFloats());
            } catch (MalformedModelException e) {
                throw e.file().equals(two) ? e : new MalformedModelException(two, e.getMessage());
            }
        });
    }

    /// Their names alone say that these shards are a whole.
    private Answers.Tally unlisted(int count) {
        Path all = folder.resolve("unlisted");
        assertTrue(all.toFile().mkdirs());
        new SafetensorsWriter().add("a", DType.F32, new float[6], 2, 3)
                .write(all.resolve("model-00001-of-00002.safetensors"));
        Path two = all.resolve("model-00002-of-00002.safetensors");
        new SafetensorsWriter().add("b", DType.BF16, new float[4], 4).add("c", DType.BF16, new float[3], 3).write(two);
        return answers(broken(two, count), "unlisted/" + two.getFileName(), _ -> {
            try (var open = WeightStore.open(all)) {
                open.names().forEach(name -> open.tensor(name).finiteFloats());
            } catch (MalformedModelException e) {
                throw e.file().equals(two) ? e : new MalformedModelException(two, e.getMessage());
            }
        });
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

    private static void assertSome(Answers.Tally tally) {
        assertTrue(tally.refused() > tally.copies() / 5, tally.toString());
    }

    @Test
    void configurations() {
        assertSome(config(OLD, FEW));
        assertSome(config(NEW, FEW));
        assertSome(generation(FEW));
    }

    @Test
    void tokenizersAndTemplates() {
        assertSome(tokenizer(BYTE_LEVEL, FEW));
        assertSome(tokenizer(SENTENCE_PIECE, FEW));
        assertSome(surroundings(FEW));
        assertSome(template(FEW));
    }

    @Test
    void weightFiles() {
        assertSome(weights(FEW));
        assertSome(index(FEW));
        assertSome(shard(FEW));
        assertSome(unlisted(FEW));
    }

    @Test
    void wholeModels() throws IOException {
        models(FEW / 3);
    }

    @Test
    @Tag("slow")
    void aThousandWholeModels() throws IOException {
        models(1000);
    }

    @Test
    @Tag("brokenFiles")
    void tenThousandOfEach() throws IOException {
        TenThousand.ofFormat("config.json of Llama 3.2", count -> config(OLD, count));
        TenThousand.ofFormat("config.json of Qwen2, newer form", count -> config(NEW, count));
        TenThousand.ofFormat("generation_config.json", this::generation);
        TenThousand.ofFormat("tokenizer.json, byte-level", count -> tokenizer(BYTE_LEVEL, count));
        TenThousand.ofFormat("tokenizer.json, SentencePiece's", count -> tokenizer(SENTENCE_PIECE, count));
        TenThousand.ofFormat("tokenizer_config.json", this::surroundings);
        TenThousand.ofFormat("chat template", this::template);
        TenThousand.ofFormat("safetensors, one file", this::weights);
        TenThousand.ofFormat("safetensors, index of shards", this::index);
        TenThousand.ofFormat("safetensors, a shard", this::shard);
        TenThousand.ofFormat("safetensors, a shard without an index", this::unlisted);
    }
}
