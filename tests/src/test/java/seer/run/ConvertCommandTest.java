package seer.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.AttnGate;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.ModelFiles;
import seer.model.PrefillRequest;
import seer.model.backend.Backend;
import seer.model.load.DType;
import seer.support.GgufWriter;
import seer.support.TinyGate;
import seer.support.TinyGguf;
import seer.support.TinyModel;

/// `seer convert`: what is written computes the same.
class ConvertCommandTest {
    private static final int[] PROMPT = IntStream.range(1, 150).map(i -> i * 27 % 4096).toArray();

    @TempDir
    private Path folder;

    private static String seer(int code, Object... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var words = java.util.Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        assertEquals(code, Main.run(words, new PrintWriter(out, true), new PrintWriter(err, true)), err.toString());
        return code == 0 ? out.toString() : err.toString();
    }

    private static float[] logits(Path model, Backend backend) {
        try (var open = LanguageModel.open(model, backend); var session = open.session(200)) {
            return session.prefill(PrefillRequest.of(PROMPT, BlockSelector.dense())).logits();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen2", "qwen3"})
    void aGgufFileBecomesAFolderThatComputesTheSame(String family) {
        var tiny = TinyModel.random(family, 64, 64, 2, 1, 32, !family.equals("qwen2"));
        GgufWriter writer = TinyGguf.of(tiny, DType.Q5_0).put("tokenizer.chat_template", "<|im_start|>")
                .put(tiny.family() + ".rope.scaling.type", "yarn").put(tiny.family() + ".rope.scaling.factor", 2f)
                .put(tiny.family() + ".rope.scaling.original_context_length", 64);
        Path gguf = writer.write(folder.resolve("tiny.gguf"));
        Path to = folder.resolve("tiny");
        assertTrue(seer(0, "convert", gguf, to).contains("Written: " + to));
        try (var backend = Backends.cpu(1); var one = ModelFiles.open(gguf); var two = ModelFiles.open(to)) {
            assertEquals(one.config(), two.config());
            String text = "Hello 12 <|endoftext|>é\n";
            assertArrayEquals(one.tokenizer().encode(text), two.tokenizer().encode(text));
            assertEquals(one.chat().orElseThrow().form(), two.chat().orElseThrow().form());
            assertWithin(logits(gguf, backend), logits(to, backend), 1e-4, "logits");
            seer(0, "convert", gguf, to, "--bf16");
            assertWithin(logits(gguf, backend), logits(to, backend), 0.5, "logits in BF16");
        }
    }

    @Test
    void sentencePiecesTokenizerIsTheSameAfterwards() {
        var tiny = TinyModel.random("llama", 2, 1, 16, true);
        var tokens = new java.util.ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        IntStream.range(0, 256).forEach(b -> tokens.add("<0x%02X>".formatted(b)));
        tokens.addAll(List.of("▁", "t", "h", "e", "th", "the", "▁the", "he", "▁t"));
        var scores = new float[tokens.size()];
        IntStream.range(259, scores.length).forEach(i -> scores[i] = -i);
        var types = IntStream.range(0, tokens.size()).map(i -> i == 0 ? 2 : i < 3 ? 3 : i < 259 ? 6 : 1).toArray();
        Path gguf = TinyGguf.of(tiny, DType.F32).put("tokenizer.ggml.model", "llama")
                .strings("tokenizer.ggml.tokens", tokens).ints("tokenizer.ggml.token_type", types)
                .floats("tokenizer.ggml.scores", scores).put("tokenizer.ggml.unknown_token_id", 0)
                .put("tokenizer.ggml.bos_token_id", 1).put("tokenizer.ggml.eos_token_id", 2)
                .write(folder.resolve("sp.gguf"));
        Path to = folder.resolve("sp");
        seer(0, "convert", gguf, to);
        try (var one = ModelFiles.open(gguf); var two = ModelFiles.open(to)) {
            for (String text : List.of("the theet he", "", "é<s>the", "  x ")) {
                int[] ids = one.tokenizer().whole(one.tokenizer().encode(text));
                assertArrayEquals(ids, two.tokenizer().whole(two.tokenizer().encode(text)), text);
                assertEquals(one.tokenizer().decode(ids), two.tokenizer().decode(ids));
            }
            assertArrayEquals(new int[] {1}, two.tokenizer().opening());
        }
    }

    @Test
    void gatesChooseTheSameInBothForms() throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, true);
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(tiny.write(folder.resolve("m")), backend);
                var session = model.session(200)) {
            Path gate = new TinyGate("Qavg_Kmaxminavg", 16, 16, true, "softmax").write(folder.resolve("gate"), model);
            float[] wanted = sparse(session, gate, model);
            Path safetensors = gate.resolve("attn_gate_weights.safetensors");
            Path pth = gate.resolve("attn_gate_weights.pth");
            seer(0, "convert", safetensors, pth);
            Files.delete(safetensors);
            assertArrayEquals(wanted, sparse(session, gate, model));
            seer(0, "convert", pth, safetensors);
            assertArrayEquals(wanted, sparse(session, gate, model));
        }
    }

    private static float[] sparse(seer.model.Session session, Path gate, LanguageModel model) {
        return session.prefill(PrefillRequest.of(PROMPT, AttnGate.open(gate, model).density(0.4))).logits();
    }

    @Test
    void otherConversionsAreRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("a.bin"), "x");
        assertTrue(seer(2, "convert", file, folder.resolve("b.pth")).contains("wanted .pth to .safetensors"));
        assertTrue(seer(2, "convert", folder.resolve("no.pth"), folder.resolve("b.safetensors"))
                .contains("no such file"));
        Path gguf = Files.writeString(folder.resolve("a.gguf"), "x");
        assertTrue(seer(2, "convert", gguf, file).contains("wanted a folder"));
        assertTrue(seer(1, "convert", gguf, folder.resolve("f")).contains("wanted a folder with config.json"));
    }
}
