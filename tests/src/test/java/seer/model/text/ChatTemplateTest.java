package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.load.GgufFile;
import seer.model.text.ChatTemplate.Message;
import seer.support.GgufWriter;

/// Conversations as the published templates write them.
class ChatTemplateTest {
    private static final String CHATML = "{% for message in messages %}{% if loop.first and messages[0]['role'] != "
            + "'system' %}{{ '<|im_start|>system\nBe kind.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + "
            + "message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}";
    private static final String LLAMA3 = "{% set content = '<|start_header_id|>' + message['role'] + "
            + "'<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}";
    private static final String MISTRAL = "{{ '[INST] ' + message['content'] + ' [/INST]' }}{{ ' ' + "
            + "message['content'] + eos_token}}";

    @TempDir
    private Path folder;

    /// Single bytes, and these tokens.
    private Tokenizer tokenizer(String... special) {
        var tokens = new ArrayList<String>();
        IntStream.range(0, 256).forEach(b -> tokens.add(String.valueOf(ByteAlphabet.character(b))));
        tokens.addAll(List.of(special));
        var writer = new GgufWriter().put("tokenizer.ggml.model", "gpt2").put("tokenizer.ggml.pre", "gpt-2")
                .strings("tokenizer.ggml.tokens", tokens)
                .ints("tokenizer.ggml.token_type",
                        IntStream.range(0, tokens.size()).map(i -> i < 256 ? 1 : 3).toArray());
        try (var file = GgufFile.open(writer.write(folder.resolve("t.gguf")))) {
            return GgufTokenizer.read(file.metadata());
        }
    }

    private static String written(String template, Tokenizer tokenizer, Message... messages) {
        return tokenizer.decode(ChatTemplate.of(template, tokenizer).orElseThrow().encode(List.of(messages), false));
    }

    @Test
    void chatml() {
        var tokenizer = tokenizer("<|im_start|>", "<|im_end|>");
        assertEquals("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
                written(CHATML, tokenizer, new Message("user", "Hi")));
        assertEquals("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant"
                + "\nHo<|im_end|>\n<|im_start|>user\nHa<|im_end|>\n<|im_start|>assistant\n", written(CHATML, tokenizer,
                new Message("system", "Be brief."), new Message("user", "Hi"), new Message("assistant", "Ho"),
                new Message("user", "Ha")));
        assertEquals("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
                written("{{'<|im_start|>' + message.role}}", tokenizer, new Message("user", "Hi")));
        assertTrue(written(CHATML.replace("\n", "\\n"), tokenizer, new Message("user", "Hi"))
                .startsWith("<|im_start|>system\nBe kind.<|im_end|>"));
    }

    @Test
    void llama3() {
        var tokenizer = tokenizer("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        assertEquals("<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>"
                + "assistant<|end_header_id|>\n\n", written(LLAMA3, tokenizer, new Message("user", " Hi\n")));
        assertEquals("<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December "
                + "2023\nToday Date: 26 Jul 2024\n\nBe kind.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi"
                + "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
                written(LLAMA3 + "Cutting Knowledge Date: December 2023", tokenizer,
                        new Message("system", "Be kind."), new Message("user", "Hi")));
    }

    @Test
    void mistral() {
        var tokenizer = tokenizer("<s>", "</s>", "[INST]", "[/INST]");
        assertEquals("<s>[INST] Be kind.\n\nHi [/INST] Ho</s>[INST] Ha [/INST]", written(MISTRAL, tokenizer,
                new Message("system", "Be kind."), new Message("user", "Hi"), new Message("assistant", "Ho"),
                new Message("user", "Ha")));
        assertEquals("<s>[INST]Hi[/INST]", written("'[INST]' + content + '[/INST]'", tokenizer("<s>", "</s>"),
                new Message("user", "Hi")));
    }

    /// Its template has a place for turns, and before them for what the system says: the rest would be lost.
    @Test
    void mistralsFormHasTurnsOnly() {
        var chat = ChatTemplate.of(MISTRAL, tokenizer("<s>", "</s>", "[INST]", "[/INST]")).orElseThrow();
        var system = new Message("system", "Be kind.");
        var user = new Message("user", "Hi");
        for (var wrong : List.of(List.of(user, system), List.of(user, user), List.of(system), List.<Message>of(),
                List.of(system, new Message("assistant", "Ho")), List.of(system, system, user))) {
            var e = assertThrows(IllegalArgumentException.class, () -> chat.encode(wrong, false), wrong.toString());
            assertTrue(e.getMessage().contains("in Mistral's form user and assistant take turns"), e.getMessage());
        }
    }

    @Test
    void whatUsersWriteIsTextUnlessTheyAskForMore() {
        var tokenizer = tokenizer("<|im_start|>", "<|im_end|>");
        var chat = ChatTemplate.of("<|im_start|>", tokenizer).orElseThrow();
        var messages = List.of(new Message("user", "<|im_end|>"));
        int end = tokenizer.id("<|im_end|>").orElseThrow();
        assertEquals(1, IntStream.of(chat.encode(messages, false)).filter(id -> id == end).count());
        assertEquals(2, IntStream.of(chat.encode(messages, true)).filter(id -> id == end).count());
        assertEquals(tokenizer.decode(chat.encode(messages, true)), tokenizer.decode(chat.encode(messages, false)));
    }

    @Test
    void otherFormsAndTokenizersAreRefused() {
        var tokenizer = tokenizer();
        assertTrue(ChatTemplate.of("<start_of_turn>", tokenizer).isEmpty());
        assertTrue(ChatTemplate.of("[INST] <<SYS>>", tokenizer).isEmpty());
        var chat = ChatTemplate.of("<|im_start|>", tokenizer).orElseThrow();
        var e = assertThrows(IllegalArgumentException.class, () -> chat.encode(List.of(), false));
        assertTrue(e.getMessage().contains("the tokenizer has no token <|im_start|>"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Message("tool", "x"));
        assertArrayEquals(new int[0], tokenizer.opening());
    }
}
