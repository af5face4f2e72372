package seer.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.backend.Backend;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.support.Answers;
import seer.support.GgufWriter;
import seer.support.Mutants;
import seer.support.TenThousand;

/// Broken copies of small GGUF files: each is read or refused in a sentence, whole models included.
class GgufMutationTest {
    private static final int FEW = 300;
    private static final Answers ANSWERS = Answers.of(MalformedModelException.class);
    private static final int WIDTH = 32;
    private static final int TOKENS = 40;

    @TempDir
    private Path folder;

    /// A model so small that most faults hit something that matters.
    private static GgufWriter model(String arch, DType type, boolean sentencePiece) {
        var writer = new GgufWriter().put("general.architecture", arch).put(arch + ".block_count", 1)
                .put(arch + ".context_length", 64).put(arch + ".embedding_length", WIDTH)
                .put(arch + ".feed_forward_length", WIDTH).put(arch + ".attention.head_count", 2)
                .put(arch + ".attention.head_count_kv", 1).put(arch + ".attention.layer_norm_rms_epsilon", 1e-5f)
                .put(arch + ".rope.freq_base", 1e4f).put(arch + ".rope.scaling.type", "yarn")
                .put(arch + ".rope.scaling.factor", 2f).put(arch + ".rope.scaling.original_context_length", 32);
        List<String> tokens = IntStream.range(0, TOKENS).mapToObj(i -> i == 0 ? "<|im_end|>" : i < 27
                ? String.valueOf((char) ('a' + i - 1)) : "" + (char) ('a' + i - 27) + (char) ('a' + i - 26)).toList();
        writer.put("tokenizer.ggml.model", sentencePiece ? "llama" : "gpt2").put("tokenizer.ggml.pre", "qwen2")
                .strings("tokenizer.ggml.tokens", tokens).put("tokenizer.ggml.eos_token_id", 0)
                .ints("tokenizer.ggml.token_type", IntStream.range(0, TOKENS).map(i -> i == 0 ? 3 : 1).toArray())
                .put("tokenizer.ggml.add_bos_token", true).put("tokenizer.ggml.bos_token_id", 0);
        if (sentencePiece) {
            var scores = new float[TOKENS];
            IntStream.range(0, TOKENS).forEach(i -> scores[i] = -i);
            writer.floats("tokenizer.ggml.scores", scores);
        } else {
            writer.strings("tokenizer.ggml.merges", List.of("a b", "b c", "c d"));
        }
        var random = new SplittableRandom(3);
        tensor(writer, random, "token_embd.weight", type, TOKENS, WIDTH);
        tensor(writer, random, "output_norm.weight", DType.F32, WIDTH);
        for (String name : List.of("attn_q", "attn_output", "ffn_gate", "ffn_up", "ffn_down")) {
            tensor(writer, random, "blk.0." + name + ".weight", type, WIDTH, WIDTH);
        }
        tensor(writer, random, "blk.0.attn_k.weight", type, WIDTH / 2, WIDTH);
        tensor(writer, random, "blk.0.attn_v.weight", type, WIDTH / 2, WIDTH);
        tensor(writer, random, "blk.0.attn_norm.weight", DType.F32, WIDTH);
        if (arch.equals("qwen3")) {
            tensor(writer, random, "blk.0.attn_q_norm.weight", DType.F32, WIDTH / 2);
            tensor(writer, random, "blk.0.attn_k_norm.weight", DType.F32, WIDTH / 2);
        }
        tensor(writer, random, "blk.0.ffn_norm.weight", DType.F32, WIDTH);
        return writer;
    }

    private static void tensor(GgufWriter writer, SplittableRandom random, String name, DType type, int... shape) {
        int size = IntStream.of(shape).reduce(1, (a, b) -> a * b);
        var weights = new float[size];
        IntStream.range(0, size).forEach(i -> weights[i] = (float) random.nextGaussian());
        writer.tensor(name, type, weights, shape);
    }

    private Answers.Tally answers(GgufWriter writer, int count) {
        byte[] whole = writer.bytes();
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        int header = text.lastIndexOf("ffn_norm.weight") + 40; // faults in the data change numbers, and little else
        Stream<Mutants.Mutant> mutants = Stream.concat(Mutants.ofBytes(whole, count, count / 2),
                Mutants.ofBytes(Arrays.copyOf(whole, header), count, count / 2)
                        .map(mutant -> mutant.within(head -> joined(head, whole, header))));
        try (var backend = Backends.cpu(1)) {
            LanguageModel.open(writer.write(folder.resolve("sound.gguf")), backend).close();
            return ANSWERS.tally(mutants, folder.resolve("model.gguf"), path -> read(path, backend));
        }
    }

    private static void read(Path path, Backend backend) {
        try (var model = LanguageModel.open(path, backend)) {
            var tokenizer = model.tokenizer();
            tokenizer.decode(tokenizer.whole(tokenizer.encode("ab cd\n<|im_end|>\u00e9")));
        }
    }

    private static byte[] joined(byte[] head, byte[] whole, int from) {
        byte[] joined = Arrays.copyOf(head, head.length + whole.length - from);
        System.arraycopy(whole, from, joined, head.length, whole.length - from);
        return joined;
    }

    private static GgufWriter bytePairs() {
        return model("llama", DType.Q4_0, false);
    }

    private static GgufWriter sentencePiece() {
        return model("llama", DType.Q5_1, true).version(2);
    }

    private static GgufWriter qwen3() {
        return model("qwen3", DType.Q8_0, false).without("qwen3.rope.scaling.type");
    }

    @Test
    void hundredsOfBrokenModels() {
        for (GgufWriter each : List.of(bytePairs(), sentencePiece(), qwen3())) {
            assertTrue(answers(each, FEW).refused() > FEW / 5);
        }
    }

    @Test
    @Tag("brokenFiles")
    void tenThousandBrokenModelsOfEachVersion() throws IOException {
        TenThousand.ofFormat("GGUF 3: Llama, byte pairs, Q4_0", count -> answers(bytePairs(), count));
        TenThousand.ofFormat("GGUF 2: Llama, SentencePiece, Q5_1", count -> answers(sentencePiece(), count));
        TenThousand.ofFormat("GGUF 3: Qwen3, Q8_0", count -> answers(qwen3(), count));
    }
}
