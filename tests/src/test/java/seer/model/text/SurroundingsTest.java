package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.load.MalformedModelException;

/// What stands before and behind a whole text.
class SurroundingsTest {
    private static final String BEGIN = "{'SpecialToken': {'id': '<s>', 'type_id': 0}}";
    private static final String TEXT = "{'Sequence': {'id': 'A', 'type_id': 0}}";
    private static final String BYTE_LEVEL = "{'type': 'ByteLevel', 'add_prefix_space': true, 'trim_offsets': false}";

    @TempDir
    private Path folder;

    private static String template(String... pieces) {
        return "{'type': 'TemplateProcessing', 'single': [" + String.join(", ", pieces) + "], 'pair': [],"
                + "'special_tokens': {'<s>': {'id': '<s>', 'ids': [256], 'tokens': ['<s>']},"
                + "'</s>': {'id': '</s>', 'ids': [257, 256], 'tokens': ['</s>', '<s>']}}}";
    }

    private SmallTokenizer with(String processor) {
        var tokenizer = new SmallTokenizer(folder).added(256, "<s>", "{}").added(257, "</s>", "{}");
        tokenizer.root.set("post_processor", SmallTokenizer.json(processor));
        return tokenizer;
    }

    private static void surrounds(SmallTokenizer tokenizer, int... ids) {
        var open = tokenizer.open();
        assertArrayEquals(ids, open.whole(open.encode("a")));
        assertArrayEquals(new int[] {'a'}, open.encode("a"));
    }

    private void refuses(String processor, String... parts) {
        var e = assertThrows(MalformedModelException.class, with(processor)::open);
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
    }

    @Test
    void aTemplateSaysWhatStandsWhere() {
        surrounds(new SmallTokenizer(folder), 'a');
        surrounds(with(BYTE_LEVEL), 'a');
        surrounds(with(template(TEXT)), 'a');
        surrounds(with(template(BEGIN, TEXT)), 256, 'a');
        surrounds(with(template(BEGIN, TEXT, BEGIN.replace("<s>", "</s>"))), 256, 'a', 257, 256);
        surrounds(with("{'type': 'Sequence', 'processors': [" + BYTE_LEVEL + ", " + template(BEGIN, TEXT) + "]}"),
                256, 'a');
    }

    @Test
    void otherTemplatesAreRefused() {
        refuses(template(BEGIN), "field post_processor.single: wanted the text, A, once, got nothing of it");
        refuses(template(TEXT, TEXT), "field post_processor.single: wanted the text, A, once, got it twice");
        refuses(template(TEXT.replace("'A'", "'B'")), "field post_processor.single: wanted the text, A, once, got B");
        refuses(template(BEGIN, TEXT).replace("[256]", "[300]"),
                "special_tokens.<s>.ids: wanted ids of tokens, got 300, which none has");
        refuses(template(BEGIN.replace("<s>", "<x>"), TEXT),
                "field post_processor.special_tokens.<x>: wanted an object, got nothing");
        refuses("{'type': 'RobertaProcessing'}", "field post_processor.type: wanted null or one of ByteLevel, "
                + "TemplateProcessing, Sequence, got RobertaProcessing");
    }

    private void config(String text) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), SmallTokenizer.json(text).toString());
    }

    @Test
    void theTokenizersConfigurationMayAskForThem() throws IOException {
        config("{'add_bos_token': true, 'bos_token': '<s>', 'add_eos_token': false}");
        surrounds(with(BYTE_LEVEL), 256, 'a');
        surrounds(with(template(BEGIN, TEXT)), 256, 'a');
        config("{'add_bos_token': true, 'bos_token': {'content': '<s>'}, 'add_eos_token': true, 'eos_token': '</s>'}");
        surrounds(with(BYTE_LEVEL), 256, 'a', 257);
        config("{'model_max_length': 1000000000000000019884624838656, 'bos_token': '<s>'}");
        surrounds(with(BYTE_LEVEL), 'a');
    }

    @Test
    void theTwoFilesMustAgree() throws IOException {
        config("{'add_bos_token': false}");
        surrounds(with(BYTE_LEVEL), 'a');
        refuses(template(BEGIN, TEXT), "tokenizer_config.json: field add_bos_token: wanted true, as the post_processor "
                + "of tokenizer.json adds tokens, got false");
        config("{'add_bos_token': true, 'bos_token': '<x>'}");
        refuses(BYTE_LEVEL, "tokenizer_config.json: field bos_token: wanted a token of tokenizer.json, got <x>");
        config("{'add_bos_token': true}");
        refuses(BYTE_LEVEL, "tokenizer_config.json: field bos_token: wanted a string, got nothing");
    }
}
