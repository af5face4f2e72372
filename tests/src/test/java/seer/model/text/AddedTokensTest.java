package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddedTokensTest {
    @TempDir
    private Path folder;

    @Test
    void theLongestTokenWins() {
        var tokenizer = new SmallTokenizer(folder).added(256, "<a>", "{}").added(257, "<a><b>", "{}").open();
        assertArrayEquals(new int[] {257, 256, 'x', 256}, tokenizer.encode("<a><b><a>x<a>"));
        assertArrayEquals(new int[] {256, '<', 'b'}, tokenizer.encode("<a><b"));
    }

    @Test
    void tokensBeyondTheAlphabetKeepTheirText() {
        var tokenizer = new SmallTokenizer(folder).added(256, "two words", "{}").added(400, "｜é｜", "{}").open();
        assertEquals(401, tokenizer.size());
        assertEquals("two words｜é｜", tokenizer.decode(tokenizer.encode("two words｜é｜")));
        assertArrayEquals(new int[] {256, 400}, tokenizer.encode("two words｜é｜"));
        assertEquals(0, tokenizer.bytes(300).length);
    }

    @Test
    void onlySpecialTokensBecomeOrdinaryText() {
        var tokenizer = new SmallTokenizer(folder).added(256, "<s>", "{}")
                .added(257, "<t>", "{'special': false}").open();
        assertArrayEquals(new int[] {256, 257}, tokenizer.encode("<s><t>"));
        assertArrayEquals(new int[] {'<', 's', '>', 257}, tokenizer.encodeOrdinary("<s><t>"));
    }

    @Test
    void strippingSwallowsWhiteSpace() {
        var tokenizer = new SmallTokenizer(folder).added(256, "<l>", "{'lstrip': true}")
                .added(257, "<r>", "{'rstrip': true}").open();
        assertArrayEquals(new int[] {'a', 256, ' ', 'b'}, tokenizer.encode("a \u3000\n<l> b"));
        assertArrayEquals(new int[] {'a', ' ', 257, 'b'}, tokenizer.encode("a <r> \t\u0085b"));
        assertArrayEquals(new int[] {257, 256}, tokenizer.encode("<r>   <l>"));
    }

    @Test
    void aSingleWordStandsAlone() {
        var tokenizer = new SmallTokenizer(folder).added(256, "ab", "{'single_word': true}").open();
        assertArrayEquals(new int[] {256, ' ', 256, '.'}, tokenizer.encode("ab ab."));
        assertEquals("xab ab_ éab ab\u0301".length() + 2, tokenizer.encode("xab ab_ éab ab\u0301").length);
    }

    @Test
    void normalizedTokensAreFoundAfterNormalizing() {
        var small = new SmallTokenizer(folder).added(256, "éß", "{'normalized': true}")
                .added(257, "üß", "{'normalized': false}");
        small.root.putObject("normalizer").put("type", "NFC");
        var tokenizer = small.open();
        assertArrayEquals(new int[] {256, 256}, tokenizer.encode("e\u0301ßéß"));
        assertArrayEquals(new int[] {257, 0xC3, 0xBC, 0xC3, 0x9F}, tokenizer.encode("üßu\u0308ß"));
    }

    @Test
    void normalizingComposesText() {
        var small = new SmallTokenizer(folder);
        small.root.putObject("normalizer").put("type", "NFC");
        assertEquals(List.of("a"), small.cut("a"));
        assertEquals("é", small.open().decode(small.open().encode("e\u0301")));
    }
}
