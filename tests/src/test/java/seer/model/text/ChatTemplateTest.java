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

    private static final Message SYSTEM = new Message("system", "Be kind.");
    private static final Message[] TURNS = {SYSTEM, new Message("user", "Hi"), new Message("assistant", " Ho "),
        new Message("user", "Ha")};

    /// Mistral 7B Instruct v0.1, v0.2, v0.3, Nemo and Small 3 each have blanks and the system's words elsewhere.
    @Test
    void everyVersionOfMistralsFormHasItsOwnBlanks() {
        var words = tokenizer("<s>", "</s>");
        assertEquals("<s>[INST] Be kind.\n\nHi [/INST] Ho </s> [INST] Ha [/INST]", written("{{ '[INST] ' + "
                + "message['content'] + ' [/INST]' }}{{ message['content'] + eos_token + ' ' }}", words, TURNS));
        assertEquals("<s> [INST] Be kind.\n\nHi [/INST]  Ho </s> [INST] Ha [/INST]", written("{%- if loop.first and "
                + "system_message is defined %}{{- ' [INST] ' + system_message + '\\n\\n' + message['content'] + "
                + "' [/INST]' }}{{- ' ' + message['content'] + eos_token}}", words, TURNS));
        var tokens = tokenizer("<s>", "</s>", "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]");
        assertEquals("<s>[INST] Hi[/INST] Ho</s>[INST] Be kind.\n\nHa[/INST]", written("{%- if loop.last and "
                + "system_message is defined %}{{- \"[INST] \" + system_message + \"\\n\\n\" + message[\"content\"] + "
                + "\"[/INST]\" }}{{- \" \" + message[\"content\"]|trim + eos_token}}", tokens, TURNS));
        assertEquals("<s>[INST]Hi[/INST] Ho </s>[INST]Be kind.\n\nHa[/INST]", written("{%- if loop.last and "
                + "system_message is defined %}{{- \"[INST]\" + system_message + \"\\n\\n\" + message[\"content\"] + "
                + "\"[/INST]\" }}{{- message[\"content\"] + eos_token}}", tokens, TURNS));
        assertEquals("<s>[SYSTEM_PROMPT]Be kind.[/SYSTEM_PROMPT][INST]Hi[/INST] Ho </s>[INST]Ha[/INST]",
                written(MARKED, tokens, TURNS));
    }

    private static final String MARKED = "{{- '[SYSTEM_PROMPT]' + system_message + '[/SYSTEM_PROMPT]' }}"
            + "{{- '[INST]' + message['content'] + '[/INST]' }}{{- message['content'] + eos_token }}";

    @Test
    void aSystemMessageOfTheTemplatesOwnIsWrittenOutUnlessItIsComputed() {
        var tokens = tokenizer("<s>", "</s>", "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]");
        var hi = new Message("user", "Hi");
        assertEquals("<s>[SYSTEM_PROMPT]You're here.[/SYSTEM_PROMPT][INST]Hi[/INST]",
                written("{{ \"[SYSTEM_PROMPT]You're here.[/SYSTEM_PROMPT]\" }}" + MARKED, tokens, hi));
        assertEquals("<s>[INST]Hi[/INST]", written(MARKED, tokens, hi));
        String computed = "{%- set default_system_message = 'Today is ' + strftime_now('%d') %}" + MARKED;
        var e = assertThrows(IllegalArgumentException.class, () -> written(computed, tokens, hi));
        assertTrue(e.getMessage().contains("wanted another one, since templates are not run"), e.getMessage());
        assertEquals("<s>[SYSTEM_PROMPT]Be kind.[/SYSTEM_PROMPT][INST]Hi[/INST]",
                written(computed, tokens, SYSTEM, hi));
        var chatml = tokenizer("<|im_start|>", "<|im_end|>");
        assertTrue(written("{{ \"<|im_start|>system\nYou're kind.<|im_end|>\n\" }}", chatml, hi)
                .startsWith("<|im_start|>system\nYou're kind.<|im_end|>\n<|im_start|>user\nHi"));
    }

    /// Python's, which templates run on: the blank that does not break, too.
    @Test
    void onlyTemplatesThatTrimTakeWhiteSpaceAway() {
        var llama = tokenizer("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        var padded = new Message("user", "\u00a0 \u0085Hi\u2007\n");
        assertTrue(written(LLAMA3, llama, padded).contains("user<|end_header_id|>\n\nHi<|eot_id|>"));
        assertTrue(written(LLAMA3.replace(" | trim", ""), llama, padded).contains(padded.content() + "<|eot_id|>"));
        var chatml = tokenizer("<|im_start|>", "<|im_end|>");
        assertTrue(written(CHATML, chatml, padded).contains("user\n" + padded.content() + "<|im_end|>"));
        assertTrue(written(CHATML.replace("message['content']", "message.content | trim"), chatml, padded)
                .contains("user\nHi<|im_end|>"));
    }

    /// Qwen3 and QwQ: thoughts are not part of what was said before.
    @Test
    void thoughtsOfEarlierTurnsAreLeftOutWhereTheTemplateLeavesThemOut() {
        var chatml = tokenizer("<|im_start|>", "<|im_end|>");
        Message[] talk = {new Message("user", "Hi"), new Message("assistant", "<think>\nWho?\n</think>\n\nHo"),
            new Message("user", "</think>Ha")};
        String qwen = "{%- set content = content.split('</think>')[-1].lstrip('\\n') %}"
                + "{{- '<|im_start|>assistant\\n' }}{{- '<think>\\n\\n</think>\\n\\n' }}";
        assertEquals("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n<|im_start|>user\n"
                + "</think>Ha<|im_end|>\n<|im_start|>assistant\n", written(qwen, chatml, talk));
        assertTrue(written(qwen.replace("assistant\\n'", "assistant\\n<think>\\n'"), chatml, talk)
                .endsWith("<|im_start|>assistant\n<think>\n"));
        assertTrue(written(CHATML, chatml, talk).contains("assistant\n<think>\nWho?\n</think>\n\nHo<|im_end|>"));
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
