package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static seer.model.text.SmallTokenizer.LLAMA_3;
import static seer.model.text.SmallTokenizer.QWEN_2;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.load.MalformedModelException;

/// How the pre-tokenizers cut; the expected words are what Hugging Face's tokenizers 0.23.2 gives.
class SplitTest {
    @TempDir
    private Path folder;

    private static List<String> words(PreTokenizer preTokenizer, String text) {
        var words = new ArrayList<String>();
        preTokenizer.split(new Piece(text, true, WorkLimit.of(text.length())), word -> words.add(word.text()));
        return words;
    }

    /// The words of the scanner, where there is one for the pattern, and of the engine: the same.
    private static List<String> words(String regex, String text) {
        var engine = words(isolated(OnigurumaPattern.compile(regex, SplitTest::wrong)), text);
        WordScanner.of(regex).ifPresent(scanner -> assertEquals(engine, words(isolated(scanner), text)));
        return engine;
    }

    private static PreTokenizer isolated(TextPattern pattern) {
        return new PreTokenizer.Split(new Cutter(pattern, Cutter.Behavior.ISOLATED, false));
    }

    private static MalformedModelException wrong(String got) {
        return new MalformedModelException(Path.of("tokenizer.json"), got);
    }

    @Test
    void llama3CutsNumbersInThreesAndQwenDigitByDigit() {
        String text = "I'LL pay 12345 dollars...\n\nOK?  Yes\tno\r\n \u00a0x";
        assertEquals(List.of("I", "'LL", " pay", " ", "123", "45", " dollars", "...\n\n", "OK", "?", " ", " Yes",
                "\tno", "\r\n", " ", "\u00a0x"), words(LLAMA_3, text));
        assertEquals(List.of("x", " ", "1", "2", "3"), words(QWEN_2, "x 123"));
    }

    @Test
    void classesAreUnicode() {
        assertEquals(List.of("naïve", " cafe", "\u0301", " 日本語", " ", "½Ⅷ٣", " 🙂", " it", "'ſ"),
                words(LLAMA_3, "naïve cafe\u0301 日本語 ½Ⅷ٣ 🙂 it'ſ"));
        assertEquals(List.of("x", "\u2003\u0085", "\u3000y"), words(LLAMA_3, "x\u2003\u0085\u3000y"));
        assertEquals(List.of("ab", "漢字", "かな", "漢"), words("\\p{Han}+", "ab漢字かな漢"));
        assertEquals(List.of("ab", "漢 ", "c"), words("\\p{^Latin}+", "ab漢 c"));
        assertEquals(List.of("\\p{Han}"), words("\\\\p\\{Han\\}", "\\p{Han}"));
    }

    @Test
    void onlyALineFeedEndsALine() {
        assertEquals(List.of("a\rb\u2028c", "\n", "d"), words("^.+$", "a\rb\u2028c\nd"));
    }

    @Test
    void aWholeTokenizerInLlama3sShape() {
        var llama = new SmallTokenizer(folder).pattern(LLAMA_3, "Isolated", false)
                .merge("1", "2").merge("12", "3").merge("3", "4").merge("34", "5").merge("4", "5")
                .merge("h", "e").merge(" ", "he").merge("\n", "\n").merge(".", "\n\n");
        llama.model().put("ignore_merges", true);
        llama.added(300, "<|begin_of_text|>", "{}").added(301, "<|eot_id|>", "{}");
        assertEquals(List.of("<|begin_of_text|>", "he", " he", " ", "123", "45", ".\n\n", "<|eot_id|>"),
                llama.cut("<|begin_of_text|>he he 12345.\n\n<|eot_id|>"));
    }

    @Test
    void mergesNeverCrossWords() {
        var tokenizer = new SmallTokenizer(folder).pattern(QWEN_2, "Isolated", false).merge("a", "1").merge("a", "b");
        assertEquals(List.of("ab", "a", "1"), tokenizer.cut("aba1"));
    }

    private static List<String> behave(Cutter.Behavior behavior, boolean invert) {
        return words(new PreTokenizer.Split(new Cutter(OnigurumaPattern.compile("-", SplitTest::wrong), behavior,
                invert)), "--a-bc--d");
    }

    @Test
    void everyBehavior() {
        assertEquals(List.of("a", "bc", "d"), behave(Cutter.Behavior.REMOVED, false));
        assertEquals(List.of("-", "-", "a", "-", "bc", "-", "-", "d"), behave(Cutter.Behavior.ISOLATED, false));
        assertEquals(List.of("-", "-", "a-", "bc-", "-", "d"),
                behave(Cutter.Behavior.MERGED_WITH_PREVIOUS, false));
        assertEquals(List.of("-", "-a", "-bc", "-", "-d"), behave(Cutter.Behavior.MERGED_WITH_NEXT, false));
        assertEquals(List.of("--", "a", "-", "bc", "--", "d"), behave(Cutter.Behavior.CONTIGUOUS, false));
    }

    @Test
    void invertedTheMatchesAreTheWords() {
        assertEquals(List.of("-", "-", "-", "-", "-"), behave(Cutter.Behavior.REMOVED, true));
        assertEquals(List.of("-", "-a", "-bc", "-", "-d"), behave(Cutter.Behavior.MERGED_WITH_PREVIOUS, true));
        assertEquals(List.of("-", "-", "a-", "bc-", "-", "d"), behave(Cutter.Behavior.MERGED_WITH_NEXT, true));
    }

    @Test
    void noTextAtAllIsFoundBetweenAllCharacters() {
        var tokenizer = new SmallTokenizer(folder).merge("a", "b");
        tokenizer.preTokenizers("{'type': 'Split', 'pattern': {'String': ''}, 'behavior': 'Isolated'}",
                SmallTokenizer.BYTE_LEVEL);
        assertEquals(List.of("a", "b", "a"), tokenizer.cut("aba"));
    }

    @Test
    void aStringPatternIsTakenLiterally() {
        var tokenizer = new SmallTokenizer(folder).merge("a", ".").merge(".", "b");
        tokenizer.preTokenizers("{'type': 'Split', 'pattern': {'String': '.'}, 'behavior': 'Isolated'}",
                SmallTokenizer.BYTE_LEVEL);
        assertEquals(List.of("a", ".", "b"), tokenizer.cut("a.b"));
    }

    @Test
    void digitsStandAloneOrInRuns() {
        assertEquals(List.of("a", "1", "½", "b ", "٣"), words(new PreTokenizer.Digits(true), "a1½b ٣"));
        assertEquals(List.of("a", "12½", "b ", "٣"), words(new PreTokenizer.Digits(false), "a12½b ٣"));
    }

    @Test
    void byteLevelCutsAsGpt2Does() {
        assertEquals(List.of("it", "'s", " 12", "ab", " ", " c", "'", "LL", "!?", "\n "),
                words(new PreTokenizer.ByteLevel(false, true), "it's 12ab  c'LL!?\n "));
        assertEquals(List.of("it's 12"), words(new PreTokenizer.ByteLevel(false, false), "it's 12"));
        assertEquals(List.of(" it"), words(new PreTokenizer.ByteLevel(true, true), "it"));
        assertEquals(List.of(" it"), words(new PreTokenizer.ByteLevel(true, true), " it"));
    }

    @Test
    void anEmptyMatchKeepsItsNeighboursApart() {
        var before = OnigurumaPattern.compile("(?=b)", SplitTest::wrong);
        assertEquals(List.of("a", "ba", "b", "b"), words("(?=b)", "ababb"));
        assertEquals(List.of("a", "ba", "b", "b"), words(new PreTokenizer.Split(new Cutter(before,
                Cutter.Behavior.CONTIGUOUS, false)), "ababb"));
        assertEquals(List.of("x", "aa", "é", "🙂"), words("a*", "xaaé🙂"));
    }

    @Test
    void punctuationIsCutOutInEveryWay() {
        String text = "a-b, c$;d。";
        assertEquals(List.of("a", "-", "b", ",", " c", "$", ";", "d", "。"),
                words(new PreTokenizer.Punctuation(Cutter.Behavior.ISOLATED), text));
        assertEquals(List.of("a", "b", " c", "d"), words(new PreTokenizer.Punctuation(Cutter.Behavior.REMOVED), text));
        assertEquals(List.of("a", "-", "b", ",", " c", "$;", "d", "。"),
                words(new PreTokenizer.Punctuation(Cutter.Behavior.CONTIGUOUS), text));
        assertEquals(List.of("a-", "b,", " c$", ";", "d。"),
                words(new PreTokenizer.Punctuation(Cutter.Behavior.MERGED_WITH_PREVIOUS), text));
        assertEquals(List.of("a", "-b", ", c", "$", ";d", "。"),
                words(new PreTokenizer.Punctuation(Cutter.Behavior.MERGED_WITH_NEXT), text));
    }

    @Test
    void whiteSpaceIsTakenOut() {
        assertEquals(List.of("Hi", ",", "it", "'", "s", "...", "é_1"),
                words(new PreTokenizer.Whitespace(), " Hi, it's\u00a0\n... é_1 "));
        assertEquals(List.of("Hi,", "it's", "...", "é_1"),
                words(new PreTokenizer.WhitespaceSplit(), " Hi, it's\u00a0\n... é_1 "));
        assertEquals(List.of("a", " b"), words(new PreTokenizer.CharDelimiterSplit('-'), "-a-- b"));
    }

    @Test
    void metaspaceWritesSpacesAsMarks() {
        var always = PreTokenizer.Metaspace.Prepend.ALWAYS;
        var never = PreTokenizer.Metaspace.Prepend.NEVER;
        assertEquals(List.of("▁a", "▁", "▁b"), words(new PreTokenizer.Metaspace("▁", always, true), "a  b"));
        assertEquals(List.of("▁a▁▁b"), words(new PreTokenizer.Metaspace("▁", always, false), " a  b"));
        assertEquals(List.of("a", "▁b"), words(new PreTokenizer.Metaspace("▁", never, true), "a b"));
    }

    @Test
    void nothingHasNoWords() {
        assertEquals(List.of(), words(LLAMA_3, ""));
    }
}
