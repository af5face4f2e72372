package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.load.MalformedModelException;

/// What a tokenizer.json must not be, and what is said then.
class TokenizerFileTest {
    @TempDir
    private Path folder;

    private void refuses(Consumer<SmallTokenizer> spoil, String... parts) {
        SmallTokenizer.refuses(folder, spoil, parts);
    }

    private void refusesModel(Consumer<ObjectNode> spoil, String... parts) {
        refuses(tokenizer -> spoil.accept(tokenizer.model()), parts);
    }

    @Test
    void theUnspoiledFileIsRead() {
        assertEquals(List.of("a", "b"), new SmallTokenizer(folder).cut("ab"));
    }

    @Test
    void noFileAndBrokenJson() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        var gone = assertThrows(MalformedModelException.class, () -> BpeTokenizer.open(file));
        assertTrue(gone.getMessage().contains("there is no such file"), gone.getMessage());
        Files.writeString(file, "{\n\"model\": }");
        var broken = assertThrows(MalformedModelException.class, () -> BpeTokenizer.open(file));
        assertTrue(broken.getMessage().startsWith(file + ": broken JSON at line 2:10"), broken.getMessage());
    }

    @Test
    void modelsThatAreNotByteLevelPairs() {
        refuses(tokenizer -> tokenizer.root.remove("model"), "field model: wanted an object, got nothing");
        refusesModel(model -> model.put("type", "Unigram"), "field model.type: wanted BPE, got Unigram");
        refusesModel(model -> model.put("dropout", 0.1), "field model.dropout: wanted none", "got 0.1");
        refusesModel(model -> model.put("byte_fallback", "yes"), "model.byte_fallback: wanted true or false");
        refusesModel(model -> model.put("new_setting", 1), "field model.new_setting: wanted no field but [type,");
        refusesModel(model -> model.put("continuing_subword_prefix", "##"),
                "model.continuing_subword_prefix: wanted none", "got ##");
        refusesModel(model -> model.put("end_of_word_suffix", "</w>"), "model.end_of_word_suffix", "got </w>");
        refusesModel(model -> model.put("unk_token", "<unk>"), "model.unk_token: wanted tokens of the vocabulary",
                "\"<unk>\", which is not in it");
        refusesModel(model -> model.put("ignore_merges", "yes"),
                "model.ignore_merges: wanted true or false, got \"yes\"");
    }

    @Test
    void whatWouldChangeATextsLengthIsRefused() {
        refuses(tokenizer -> tokenizer.root.set("truncation", SmallTokenizer.json("{'max_length': 512}")),
                "field truncation: wanted null: a text is read whole or refused, got {\"max_length\":512}");
        refuses(tokenizer -> tokenizer.root.set("padding", SmallTokenizer.json("{'strategy': {'Fixed': 128}}")),
                "field padding: wanted null, or what leaves a single text as it is, got {\"Fixed\":128}");
        refuses(tokenizer -> tokenizer.root.set("padding",
                SmallTokenizer.json("{'strategy': 'BatchLongest', 'pad_to_multiple_of': 8}")), "field padding: wanted");
        var padded = new SmallTokenizer(folder);
        padded.root.set("padding", SmallTokenizer.json("{'strategy': 'BatchLongest', 'pad_id': 0}"));
        assertEquals(List.of("a"), padded.cut("a"));
    }

    @Test
    void aByteLevelDecoderMayStandInASequence() {
        var tokenizer = new SmallTokenizer(folder);
        tokenizer.root.set("decoder", SmallTokenizer.json(
                "{'type': 'Sequence', 'decoders': [{'type': 'ByteLevel'}, {'type': 'Fuse'}]}"));
        assertEquals(List.of("a", " "), tokenizer.cut("a "));
        refuses(spoiled -> spoiled.root.set("decoder", SmallTokenizer.json("{'type': 'Sequence', 'decoders': ["
                + "{'type': 'ByteLevel'}, {'type': 'Strip'}]}")), "field decoder.decoders[1].type: wanted ByteLevel");
    }

    @Test
    void partsThatAreNotKnown() {
        refuses(tokenizer -> tokenizer.root.put("version", "2.0"), "field version: wanted 1.0, got 2.0");
        refuses(tokenizer -> tokenizer.root.put("added_rules", 1), "field added_rules: wanted no field but [version,");
        refuses(tokenizer -> tokenizer.added(256, "<s>", "{'priority': 1}"),
                "added_tokens[0].priority: wanted no field");
        refuses(tokenizer -> tokenizer.preTokenizers("{'type': 'Digits', 'base': 2}", SmallTokenizer.BYTE_LEVEL),
                "pretokenizers[0].base: wanted no field but [type, individual_digits], got 2");
        refusesModel(model -> model.put("type", "WordPiece"), "field model.type: wanted BPE, got WordPiece");
        refusesModel(model -> model.put("type", "WordLevel"), "field model.type: wanted BPE, got WordLevel");
    }

    @Test
    void idsHaveHolesButNoAbysses() {
        var sparse = new SmallTokenizer(folder).added(100_000, "<s>", "{}");
        assertEquals(100_001, sparse.open().size());
        refusesModel(model -> ((ObjectNode) model.get("vocab")).put("zz", Integer.MAX_VALUE),
                "model.vocab[\"zz\"]: wanted an id of at most 16777215, got 2147483647");
        refuses(tokenizer -> tokenizer.added(1 << 24, "<s>", "{}"),
                "added_tokens[0].id: wanted an id of at most 16777215, got 16777216");
    }

    @Test
    void brokenVocabularies() {
        refusesModel(model -> model.remove("vocab"), "field model.vocab: wanted an object, got nothing");
        refusesModel(model -> model.putArray("vocab"), "field model.vocab: wanted an object, got []");
        refusesModel(model -> ((ObjectNode) model.get("vocab")).put("zz", "1"),
                "field model.vocab[\"zz\"]: wanted an integer, got \"1\"");
        refusesModel(model -> ((ObjectNode) model.get("vocab")).put("zz", -1),
                "model.vocab[\"zz\"]: wanted an id of at least 0, got -1");
        refusesModel(model -> ((ObjectNode) model.get("vocab")).put("zz", 300).put("yy", 300),
                "wanted an id of its own, got 300, which");
    }

    @Test
    void brokenMerges() {
        refusesModel(model -> model.remove("merges"), "field model.merges: wanted a list, got nothing");
        refusesModel(model -> model.put("merges", 3), "field model.merges: wanted a list, got 3");
        refuses(tokenizer -> tokenizer.merge("a", "b").merges().add("abc"),
                "field model.merges[1]: wanted two tokens", "got \"abc\"");
        refuses(tokenizer -> tokenizer.merges().add("a b c"), "merges[0]: wanted two tokens", "got \"a b c\"");
        refuses(tokenizer -> tokenizer.merges().addArray().add("a"), "merges[0]: wanted two tokens", "got [\"a\"]");
        refuses(tokenizer -> tokenizer.merges().addArray().add("a").add(3), "merges[0]", "got [\"a\",3]");
        refuses(tokenizer -> tokenizer.merges().add(7), "merges[0]: wanted two tokens", "got 7");
        refuses(tokenizer -> tokenizer.merges().add("a zz"),
                "merges[0]: wanted tokens of the vocabulary, got \"zz\", which is not in it");
        refuses(tokenizer -> tokenizer.merges().add("a b"), "got \"ab\", which is not in it");
    }

    @Test
    void brokenAddedTokens() {
        refuses(tokenizer -> tokenizer.added(256, "", "{}"), "field added_tokens[0].content: wanted some text");
        refuses(tokenizer -> tokenizer.added(7, "<s>", "{}"), "added_tokens[0].id: wanted an id of its own, got 7");
        refuses(tokenizer -> tokenizer.added(256, "<s>", "{}").added(257, "<s>", "{}"),
                "added_tokens[1].id: wanted 256", "got 257");
        refuses(tokenizer -> tokenizer.added(256, "<s>", "{'lstrip': 1}"),
                "added_tokens[0].lstrip: wanted true or false, got 1");
        refuses(tokenizer -> tokenizer.added(256, "<s>", "{'id': null}"), "added_tokens[0].id: wanted an integer");
        refuses(tokenizer -> tokenizer.root.putArray("added_tokens").add("<s>"),
                "field added_tokens[0]: wanted a list of objects, got \"<s>\"");
    }

    @Test
    void unknownNormalizersAndDecoders() {
        refuses(tokenizer -> tokenizer.root.putObject("normalizer").put("type", "Precompiled"),
                "field normalizer.type: wanted null or one of [NFD, NFC, NFKD, NFKC, Lowercase, ", "got Precompiled");
        refuses(tokenizer -> tokenizer.root.putObject("decoder").put("type", "Metaspace"),
                "field decoder.type: wanted ByteLevel, got Metaspace");
    }

    @Test
    void unknownPreTokenizers() {
        refuses(tokenizer -> tokenizer.root.putNull("pre_tokenizer"), "field pre_tokenizer: wanted an object");
        refuses(tokenizer -> tokenizer.preTokenizers("{'type': 'BertPreTokenizer'}", SmallTokenizer.BYTE_LEVEL),
                "field pre_tokenizer.pretokenizers[0].type: wanted one of Sequence, Digits, ByteLevel, Split, ",
                "got BertPreTokenizer");
        refuses(tokenizer -> tokenizer.preTokenizers("{'kind': 'Digits'}"),
                "pre_tokenizer.pretokenizers[0].type: wanted a string, got nothing");
        refuses(tokenizer -> tokenizer.preTokenizers("{'type': 'Digits', 'individual_digits': 'no'}"),
                "pretokenizers[0].individual_digits: wanted true or false, got \"no\"");
    }

    @Test
    void spellingInBytesComesLast() {
        refuses(tokenizer -> tokenizer.preTokenizers("{'type': 'Digits'}"),
                "field pre_tokenizer: wanted ByteLevel as the last step and only there, got [Digits]");
        refuses(tokenizer -> tokenizer.preTokenizers(SmallTokenizer.BYTE_LEVEL, "{'type': 'Digits'}"),
                "wanted ByteLevel as the last step and only there, got [ByteLevel, Digits]");
        refuses(SmallTokenizer::preTokenizers, "field pre_tokenizer: wanted ByteLevel as the last step, got no steps");
    }

    @Test
    void brokenSplits() {
        refuses(tokenizer -> tokenizer.pattern("(a", "Isolated", false),
                "field pre_tokenizer.pretokenizers[0].pattern.Regex: wanted a regular expression, got Unclosed group",
                "(a");
        refuses(tokenizer -> tokenizer.pattern("a", "Sometimes", false),
                "pretokenizers[0].behavior: wanted one of Removed, Isolated", "got Sometimes");
        refuses(tokenizer -> tokenizer.preTokenizers("{'type': 'Split', 'behavior': 'Isolated'}"),
                "pretokenizers[0].pattern: wanted an object, got nothing");
        refuses(tokenizer -> tokenizer.preTokenizers("{'type': 'Split', 'behavior': 'Isolated', 'pattern': {}}"),
                "pretokenizers[0].pattern.Regex: wanted a string, got nothing");
    }
}
