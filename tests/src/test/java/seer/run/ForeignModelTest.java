package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.support.TinyModel;

/// What a user sees of a model whose files say more than the demo model's.
class ForeignModelTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder;
    private Path model;
    private Path text;

    @BeforeEach
    void write() throws IOException {
        model = TinyModel.random("llama", 2, 1, 16, true).write(folder.resolve("model"));
        text = Files.writeString(folder.resolve("text.txt"), "one two three ".repeat(20));
    }

    private void edit(String file, String field, String json) throws IOException {
        Path path = model.resolve(file);
        ObjectNode root = (ObjectNode) MAPPER.readTree(path.toFile());
        root.set(field, MAPPER.readTree(json));
        Files.writeString(path, root.toString());
    }

    private String seer(int code, String... more) {
        var arguments = new java.util.ArrayList<>(java.util.List.of(more[0], "--backend", "cpu", "--model",
                model.toString(), "--text", text.toString(), "--select", "dense", "--json"));
        arguments.addAll(java.util.List.of(more).subList(1, more.length));
        var out = new StringWriter();
        var err = new StringWriter();
        assertEquals(code, Main.run(arguments.toArray(String[]::new), new PrintWriter(out, true),
                new PrintWriter(err, true)), err.toString());
        return out.toString() + err;
    }

    private int promptTokens() throws IOException {
        return MAPPER.readTree(seer(0, "prefill", "--no-warm-up", "--new-tokens", "0")).get("prompt_tokens").asInt();
    }

    @Test
    void aPromptBeginsAsTheTokenizerSays() throws IOException {
        int plain = promptTokens();
        edit("tokenizer.json", "post_processor", """
                {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}},
                 {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {"<|endoftext|>":
                 {"id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"]}}}""");
        assertEquals(plain + 1, promptTokens());
    }

    @Test
    void theEndOfTextOfTheGenerationConfigurationEndsTheAnswer() throws IOException {
        var drawn = MAPPER.readTree(seer(0, "prefill", "--no-warm-up", "--new-tokens", "1")).get("rows").get(0);
        String answer = drawn.get("answer").asText();
        assertTrue(!answer.isEmpty(), drawn.toString());
        var all = new StringBuilder("[0");
        for (int id = 1; id < 4096; id++) {
            all.append(", ").append(id);
        }
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": " + all + "]}");
        var ended = MAPPER.readTree(seer(0, "prefill", "--no-warm-up", "--new-tokens", "5")).get("rows").get(0);
        assertEquals("", ended.get("answer").asText());
    }

    @Test
    void aTextBeyondTheSlidingWindowIsRefused() throws IOException {
        edit("config.json", "sliding_window", "32");
        assertTrue(seer(1, "prefill", "--new-tokens", "0").contains("the model's context is 32"));
    }

    @Test
    void aPatternThatDoesNotEndIsOneSentence() throws IOException {
        Files.writeString(text, "a".repeat(40) + "b".repeat(40));
        edit("tokenizer.json", "pre_tokenizer", """
                {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "(a*)*\\\\1b"},
                 "behavior": "Isolated"}, {"type": "ByteLevel", "use_regex": false}]}""");
        String said = seer(1, "prefill", "--new-tokens", "0");
        assertTrue(said.contains("tokenizer.json: field pre_tokenizer.pretokenizers[0].pattern.Regex: wanted a regular "
                + "expression, got a back reference \\1, which is not supported, in (a*)*\\1b"), said);
        assertEquals(1, said.lines().count(), said);
    }
}
