package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.support.CpuTime;

/// Tokenizers of characters with bytes to fall back on, in the forms that Llama 2 and Mistral are published in.
class SentencePieceTest {
    /// As a normaliser says it, which is put before every stretch of text between special tokens.
    private static final String NORMALIZER = "{'type': 'Sequence', 'normalizers': [{'type': 'Prepend', 'prepend': '▁'},"
            + "{'type': 'Replace', 'pattern': {'String': ' '}, 'content': '▁'}]}";
    private static final String METASPACE =
            "{'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'first', 'split': false}";
    private static final String DECODER = "{'type': 'Sequence', 'decoders': [{'type': 'Replace', 'pattern': {'String':"
            + "'▁'}, 'content': ' '}, {'type': 'ByteFallback'}, {'type': 'Fuse'}, {'type': 'Strip', 'content': ' ',"
            + "'start': 1, 'stop': 0}]}";
    private static final List<String> TEXTS = List.of("", " ", "the hat", " the hat", "a  hat\n", "é日🙂the",
            "\t\u0000x", "hat ", "the the the", "🙂🙂");

    @TempDir
    private Path folder;

    /// Ids 0 to 255 are the bytes, then `<unk>`, some letters and words.
    private SmallTokenizer tokenizer() {
        var tokenizer = new SmallTokenizer(folder);
        ObjectNode model = tokenizer.model().put("byte_fallback", true).put("fuse_unk", true).put("unk_token", "<unk>");
        ObjectNode vocab = model.putObject("vocab");
        for (int b = 0; b < 256; b++) {
            vocab.put("<0x%02X>".formatted(b), b);
        }
        for (String token : "<unk>,▁,t,h,e,a,th,the,▁the,at".split(",")) {
            vocab.put(token, vocab.size());
        }
        ((ArrayNode) model.get("merges")).add("t h").add("th e").add("▁ the").add("a t");
        tokenizer.root.putNull("pre_tokenizer").set("decoder", SmallTokenizer.json(DECODER));
        tokenizer.root.set("normalizer", SmallTokenizer.json(NORMALIZER));
        return tokenizer;
    }

    private SmallTokenizer metaspace(String preTokenizer) {
        var tokenizer = tokenizer();
        tokenizer.root.putNull("normalizer").set("pre_tokenizer", SmallTokenizer.json(preTokenizer));
        return tokenizer;
    }

    private static List<String> spelled(SmallTokenizer tokenizer, String text) {
        var names = tokenizer.model().get("vocab").properties().stream().map(entry -> entry.getKey()).toList();
        return Arrays.stream(tokenizer.open().encode(text)).mapToObj(names::get).toList();
    }

    @Test
    void charactersAreMergedAndOthersFallBackToBytes() {
        assertEquals(List.of("▁the", "▁", "h", "at", "▁", "<0xC3>", "<0xA9>"), spelled(tokenizer(), "the hat é"));
        assertEquals(List.of("▁the", "▁", "h", "at"), spelled(metaspace(METASPACE), "the hat"));
    }

    @Test
    void textComesBackAndSoItDoesPieceByPiece() {
        BpeTokenizer open = tokenizer().open();
        for (String text : TEXTS) {
            int[] ids = open.encode(text);
            assertEquals(text, open.decode(ids));
            assertEquals(text, streamed(open, ids));
        }
        var random = new Random(4);
        for (int round = 0; round < 500; round++) {
            int[] ids = random.ints(random.nextInt(12), 0, 266).toArray();
            assertEquals(open.decode(ids), streamed(open, ids));
        }
    }

    private static String streamed(BpeTokenizer tokenizer, int[] ids) {
        var decoder = new StreamDecoder(tokenizer);
        var text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.add(id));
        }
        return text.append(decoder.finish()).toString();
    }

    @Test
    void onlyTheFirstSpaceOfATextIsTakenAway() {
        BpeTokenizer open = tokenizer().open();
        int the = open.id("▁the").orElseThrow();
        int mark = open.id("▁").orElseThrow();
        assertEquals("the the", open.decode(the, the));
        assertEquals("  the", open.decode(mark, mark, the));
        var decoder = new StreamDecoder(open);
        assertEquals(List.of("the", " the", ""), List.of(decoder.add(the), decoder.add(the), decoder.finish()));
        assertEquals("the", decoder.add(the));
        assertEquals("", open.decode(0x20));
        assertArrayEquals(new byte[] {' '}, open.bytes(0x20));
    }

    @Test
    void aCharacterOfBytesIsHeldBackUntilItIsWhole() {
        BpeTokenizer open = tokenizer().open();
        var decoder = new StreamDecoder(open);
        assertEquals(List.of("", "", "", "", "🙂"),
                Arrays.stream(open.encode("🙂")).mapToObj(decoder::add).toList());
    }

    @Test
    void withoutAByteTheUnknownTokenStandsInAndNeighboursFuse() {
        var tokenizer = tokenizer();
        ((ObjectNode) tokenizer.model().get("vocab")).remove("<0xA9>");
        ((ObjectNode) tokenizer.model().get("vocab")).put("<other>", 0xA9);
        assertArrayEquals(new int[] {257, 256}, tokenizer.open().encode("éé"));
        tokenizer.model().put("fuse_unk", false);
        assertArrayEquals(new int[] {257, 256, 256}, tokenizer.open().encode("éé"));
        tokenizer.model().putNull("unk_token");
        assertArrayEquals(new int[] {257}, tokenizer.open().encode("éé"));
        tokenizer.model().put("byte_fallback", false).put("unk_token", "<unk>");
        assertArrayEquals(new int[] {257, 256, 261}, tokenizer.open().encode("🙂a"));
    }

    @Test
    void theSpaceBeforeATextIsPutWhereTheFileSays() {
        String always = METASPACE.replace("first", "always");
        assertEquals(List.of("▁", "a", "<s>", "▁", "a"), around(metaspace(always), "a<s>a"));
        assertEquals(List.of("▁", "a", "<s>", "a"), around(metaspace(METASPACE), "a<s>a"));
        assertEquals(List.of("<s>", "a"), around(metaspace(METASPACE), "<s>a"));
        assertEquals(List.of("a"), around(metaspace(METASPACE.replace("first", "never")), "a"));
        assertEquals(List.of("▁", "a", "<s>", "▁", "a"), around(tokenizer(), "a<s>a"));
    }

    private static List<String> around(SmallTokenizer tokenizer, String text) {
        tokenizer.added(266, "<s>", "{}");
        ((ObjectNode) tokenizer.model().get("vocab")).put("<s>", 266);
        return spelled(tokenizer, text);
    }

    @Test
    void aMetaspaceDecoderTakesTheMarksOfTheFirstTokenAway() {
        var tokenizer = metaspace(METASPACE);
        tokenizer.root.set("decoder", SmallTokenizer.json(METASPACE));
        BpeTokenizer open = tokenizer.open();
        int the = open.id("▁the").orElseThrow();
        assertEquals("the the", open.decode(the, the));
        assertEquals("the the", streamed(open, new int[] {the, the}));
        tokenizer.root.set("decoder", SmallTokenizer.json(METASPACE.replace("first", "never")));
        assertEquals(" the the", tokenizer.open().decode(the, the));
    }

    @Test
    void decodersInAnotherOrderAreRefused() {
        SmallTokenizer.refuses(folder, spoiled -> spoiled.root.setAll(tokenizer().root.deepCopy()
                .put("decoder", (String) null)), "field decoder: wanted an object, got nothing");
        refuses("{'type': 'Sequence', 'decoders': [{'type': 'Fuse'}, {'type': 'ByteFallback'}]}",
                "field decoder.decoders[1].type: wanted steps in the order of", "got ByteFallback behind Fuse");
        refuses("{'type': 'Strip', 'content': ' ', 'start': 1, 'stop': 0}", "wanted Fuse before it");
        refuses(DECODER.replace("'start': 1", "'start': 2"), "field decoder.decoders[3].start: wanted 0 or 1, got 2");
        refuses(DECODER.replace("'stop': 0", "'stop': 1"), "field decoder.decoders[3].stop: wanted 0, got 1");
        refuses(DECODER.replace("{'String':'▁'}", "{'Regex': '▁'}"), "pattern.Regex: wanted a String, got ▁");
        refuses("{'type': 'WordPiece'}", "field decoder.type: wanted one of [Replace, Metaspace,", "got WordPiece");
    }

    private void refuses(String decoder, String... parts) {
        SmallTokenizer.refuses(folder, spoiled -> {
            spoiled.root.setAll(tokenizer().root.deepCopy());
            spoiled.root.set("decoder", SmallTokenizer.json(decoder));
        }, parts);
    }

    /// The whole text is one word to these tokenizers.
    @Test
    void aBookIsOneWordAndTakesItsTime() throws IOException {
        String book = Files.readString(Path.of("demo-model", "thursday.txt"));
        BpeTokenizer open = tokenizer().open();
        int[] ids = CpuTime.within(Duration.ofSeconds(10), () -> open.encode(book), "a book");
        assertEquals(book, open.decode(ids));
        assertTrue(ids.length < book.length());
    }
}
