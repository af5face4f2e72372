package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How text is changed before it is cut; the expected texts are what Hugging Face's tokenizers 0.23.2 gives.
class TextNormalizerTest {
    @TempDir
    private Path folder;

    private String normalized(String normalizer, String text) {
        var tokenizer = new SmallTokenizer(folder);
        tokenizer.root.set("normalizer", SmallTokenizer.json(normalizer));
        BpeTokenizer open = tokenizer.open();
        return open.decode(open.encode(text));
    }

    private void refuses(String normalizer, String... parts) {
        SmallTokenizer.refuses(folder, tokenizer -> tokenizer.root.set("normalizer", SmallTokenizer.json(normalizer)),
                parts);
    }

    @Test
    void aSequenceOfNothingChangesNothing() {
        assertEquals(" E\u0301ﬁ ", normalized("{'type': 'Sequence', 'normalizers': []}", " E\u0301ﬁ "));
    }

    @Test
    void stepsFollowEachOther() {
        assertEquals("xa_b", normalized("{'type': 'Sequence', 'normalizers': [{'type': 'Strip', 'strip_left': true,"
                + "'strip_right': true}, {'type': 'Replace', 'pattern': {'String': ' '}, 'content': '_'},"
                + "{'type': 'Prepend', 'prepend': 'x'}]}", " \u3000a b\n"));
        assertEquals("xa", normalized("{'type': 'Sequence', 'normalizers': [{'type': 'Sequence', 'normalizers': ["
                + "{'type': 'Lowercase'}]}, {'type': 'Prepend', 'prepend': 'x'}]}", "A"));
    }

    @Test
    void formsAreUnicodes() {
        assertEquals("éﬁ", normalized("{'type': 'NFC'}", "e\u0301ﬁ"));
        assertEquals("éfi", normalized("{'type': 'NFKC'}", "e\u0301ﬁ"));
        assertEquals("e\u0301ﬁ", normalized("{'type': 'NFD'}", "éﬁ"));
    }

    @Test
    void lowercaseGoesCharacterByCharacter() {
        assertEquals("οσ i\u0307ß𐐨", normalized("{'type': 'Lowercase'}", "ΟΣ İß𐐀"));
    }

    @Test
    void stripTakesWhiteSpaceAtTheEndsItIsTold() {
        assertEquals("a ", normalized("{'type': 'Strip', 'strip_left': true, 'strip_right': false}", "\u0085 a "));
        assertEquals(" a", normalized("{'type': 'Strip', 'strip_left': false, 'strip_right': true}", " a\t"));
        assertEquals("", normalized("{'type': 'Strip', 'strip_left': true, 'strip_right': true}", " \t"));
    }

    @Test
    void replacementsAreTextsNotTemplates() {
        assertEquals("$1-b", normalized("{'type': 'Replace', 'pattern': {'Regex': 'a+'}, 'content': '$1-'}", "aab"));
        assertEquals("b", normalized("{'type': 'Replace', 'pattern': {'String': '.'}, 'content': ''}", ".b."));
        assertEquals("", normalized("{'type': 'Prepend', 'prepend': 'x'}", ""));
    }

    @Test
    void otherNormalizersAreRefused() {
        refuses("{'type': 'BertNormalizer'}", "field normalizer.type: wanted null or one of [NFD,",
                "got BertNormalizer");
        refuses("{'type': 'Sequence'}", "field normalizer.normalizers: wanted a list of objects, got nothing");
        refuses("{'type': 'NFC', 'strict': true}", "field normalizer.strict: wanted no field but [type], got true");
        refuses("{'type': 'Sequence', 'normalizers': [{'type': 'Nmt'}]}", "field normalizer.normalizers[0].type");
        refuses("{'type': 'Replace', 'pattern': {'Regex': '(a'}, 'content': ''}",
                "field normalizer.pattern.Regex: wanted a regular expression, got Unclosed group in (a");
        refuses("{'type': 'Strip', 'strip_left': true}", "field normalizer.strip_right: wanted true or false");
    }
}
