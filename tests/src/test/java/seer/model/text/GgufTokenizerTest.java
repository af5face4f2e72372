package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.load.GgufFile;
import seer.model.load.MalformedModelException;
import seer.support.Demo;
import seer.support.GgufWriter;
import seer.support.TinyGguf;

/// The tokenizers inside GGUF files against tokenizer.json files that say the same.
class GgufTokenizerTest {
    private static final String TEXT = "Hello  World's 1234567 étÉ日本語\n\n <|endoftext|>x \tThe end's Here ";
    private static final String PREFIX = "tokenizer.ggml.";

    @TempDir
    private Path folder;

    private BpeTokenizer read(GgufWriter writer) {
        try (var file = GgufFile.open(writer.write(folder.resolve("tokenizer.gguf")))) {
            return GgufTokenizer.read(file.metadata());
        }
    }

    private void refuses(GgufWriter writer, String... parts) {
        var e = assertThrows(MalformedModelException.class, () -> read(writer));
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), "wanted \"" + part + "\" in: " + e.getMessage());
        }
    }

    private static GgufWriter demo() {
        var writer = new GgufWriter();
        TinyGguf.tokenizer(writer);
        return writer;
    }

    @Test
    void theDemoModelsTokenizerIsTheSameInBothForms() {
        var wanted = BpeTokenizer.open(Demo.MODEL.resolve("tokenizer.json"));
        var got = read(demo());
        assertEquals(wanted.size(), got.size());
        for (String text : List.of(TEXT, "", " ", "\u0004\u0006\u0013", "a\ud800b")) {
            assertArrayEquals(wanted.encode(text), got.encode(text), text);
            assertArrayEquals(wanted.encodeOrdinary(text), got.encodeOrdinary(text), text);
        }
        for (int id = 0; id < wanted.size(); id++) {
            assertArrayEquals(wanted.bytes(id), got.bytes(id));
        }
        assertArrayEquals(new int[0], got.opening());
    }

    /// The patterns of the models' tokenizer.json files.
    private static final Map<String, String> PATTERNS = Map.of("llama-bpe", """
            (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\
             ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+""", "tekken", """
            [^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|\
            [^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\
            \\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+""");

    private static ObjectNode cut(String pre) {
        ObjectNode bytes = SmallTokenizer.json("{'type': 'ByteLevel', 'add_prefix_space': false}");
        if (!PATTERNS.containsKey(pre)) {
            return bytes;
        }
        ObjectNode split = SmallTokenizer.json("{'type': 'Split', 'behavior': 'Isolated', 'invert': false}");
        split.putObject("pattern").put("Regex", PATTERNS.get(pre));
        ObjectNode both = SmallTokenizer.json("{'type': 'Sequence'}");
        both.putArray("pretokenizers").add(split).add(bytes.put("use_regex", false));
        return both;
    }

    /// Vocabularies of single bytes and some merges.
    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-bpe", "tekken"})
    void everyPreTokenizerCutsAsItsModelDoes(String pre) {
        var random = new Random(5);
        var tokens = new ArrayList<String>();
        IntStream.range(0, 256).forEach(b -> tokens.add(String.valueOf(ByteAlphabet.character(b))));
        var merges = new ArrayList<String>();
        while (tokens.size() < 2000) {
            String left = tokens.get(random.nextInt(tokens.size()));
            String right = tokens.get(random.nextInt(128));
            if (!tokens.contains(left + right)) {
                tokens.add(left + right);
                merges.add(left + " " + right);
            }
        }
        var small = new SmallTokenizer(folder);
        ObjectNode vocab = small.model().putObject("vocab");
        tokens.forEach(token -> vocab.put(token, vocab.size()));
        ArrayNode list = small.model().putArray("merges");
        merges.forEach(list::add);
        small.model().put("ignore_merges", !pre.equals("gpt-2"));
        small.root.set("pre_tokenizer", cut(pre));
        small.root.set("decoder", SmallTokenizer.json("{'type': 'ByteLevel'}"));
        small.root.putNull("normalizer");
        small.root.putArray("added_tokens");
        var wanted = small.open();
        var got = read(new GgufWriter().put(PREFIX + "model", "gpt2").put(PREFIX + "pre", pre)
                .put(PREFIX + "bos_token_id", 7).strings(PREFIX + "tokens", tokens)
                .strings(PREFIX + "merges", merges));
        assertArrayEquals(wanted.encode(TEXT), got.encode(TEXT));
        for (int round = 0; round < 50; round++) {
            var text = new StringBuilder();
            random.ints(40, 0, 300).forEach(c -> text.append(c < 200 ? "aA1 '\n,/sé".charAt(c % 10) : (char) c));
            assertArrayEquals(wanted.encode(text.toString()), got.encode(text.toString()), text.toString());
        }
        assertArrayEquals(pre.equals("gpt-2") ? new int[0] : new int[] {7}, got.opening());
    }

    @Test
    void qwenTextsAreComposedFirst() {
        var tokenizer = read(demo().put(PREFIX + "pre", "qwen2"));
        assertArrayEquals(tokenizer.encode("\u00e9 12"), tokenizer.encode("e\u0301 12"));
        assertEquals(2, Arrays.stream(tokenizer.encode("12")).count());
    }

    // -- SentencePiece --

    private static GgufWriter sentencePiece() {
        var tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        IntStream.range(0, 256).forEach(b -> tokens.add("<0x%02X>".formatted(b)));
        var types = new ArrayList<>(List.of(2, 3, 3));
        IntStream.range(0, 256).forEach(_ -> types.add(6));
        var scores = new ArrayList<>(java.util.Collections.nCopies(259, 0f));
        // Scores as training gives them: merges by age, characters behind.
        List<String> pieces = List.of("th", "▁a", "the", "▁the", "at", "▁th", "ha", "hat", "▁", "t", "h", "e", "a");
        for (int i = 0; i < pieces.size(); i++) {
            tokens.add(pieces.get(i));
            types.add(1);
            scores.add((float) -i);
        }
        var numbers = new float[scores.size()];
        IntStream.range(0, numbers.length).forEach(i -> numbers[i] = scores.get(i));
        return new GgufWriter().put(PREFIX + "model", "llama").strings(PREFIX + "tokens", tokens)
                .ints(PREFIX + "token_type", types.stream().mapToInt(i -> i).toArray())
                .floats(PREFIX + "scores", numbers).put(PREFIX + "bos_token_id", 1)
                .put(PREFIX + "unknown_token_id", 0);
    }

    private static List<String> spelled(BpeTokenizer tokenizer, String text) {
        return Arrays.stream(tokenizer.encode(text)).mapToObj(id -> new String(tokenizer.bytes(id),
                java.nio.charset.StandardCharsets.ISO_8859_1)).toList();
    }

    @Test
    void scoresSayWhatMergesFirst() {
        var tokenizer = read(sentencePiece());
        assertEquals(List.of(" the", " ", "hat"), spelled(tokenizer, "the hat"));
        assertEquals(List.of(" the", " a", "t"), spelled(tokenizer, "the at"));
        assertArrayEquals(new int[] {1}, tokenizer.opening());
        assertArrayEquals(new int[] {1}, tokenizer.encode("<s>"));
        for (String text : List.of("", "the hat é🙂\n", "  a ", "hat<s>the")) {
            assertEquals(text, tokenizer.decode(tokenizer.encodeOrdinary(text)));
        }
        assertEquals(List.of("the"), spelled(read(sentencePiece().put(PREFIX + "add_space_prefix", false)), "the"));
    }

    // -- what is refused --

    @Test
    void whatDoesNotFitIsRefusedByKey() {
        refuses(new GgufWriter(), "key tokenizer.ggml.model: wanted a text, got nothing");
        refuses(demo().put(PREFIX + "model", "t5"), "key tokenizer.ggml.model: wanted gpt2 or llama, got t5");
        refuses(demo().put(PREFIX + "pre", "default"), "tokenizer.ggml.pre: wanted gpt-2, smollm", "got default");
        refuses(demo().without(PREFIX + "pre"), "tokenizer.ggml.pre: wanted gpt-2, smollm", "got nothing");
        refuses(demo().ints(PREFIX + "token_type", 1, 1), "token_type: wanted 4096 types");
        refuses(demo().strings(PREFIX + "merges", List.of("a b c")), "merges[0]: wanted two tokens");
        refuses(demo().strings(PREFIX + "merges", List.of("a qqq")), "merges[0]: wanted tokens of the vocabulary");
        refuses(demo().put(PREFIX + "add_bos_token", true), "bos_token_id: wanted a whole number, got nothing");
        refuses(demo().put(PREFIX + "add_bos_token", true).put(PREFIX + "bos_token_id", 4096), "0 to 4095, got 4096");
        refuses(demo().put(PREFIX + "add_space_prefix", true), "add_space_prefix: wanted false");
        refuses(demo().without(PREFIX + "token_type").strings(PREFIX + "tokens", List.of("a", "a")),
                "tokens[1]: wanted each token once");
        refuses(sentencePiece().floats(PREFIX + "scores", 1f), "scores: wanted 272 scores");
        var bad = new float[272];
        bad[9] = Float.NaN;
        refuses(sentencePiece().floats(PREFIX + "scores", bad), "scores[9]: wanted a finite number");
        refuses(sentencePiece().put(PREFIX + "remove_extra_whitespaces", true), "remove_extra_whitespaces");
    }
}
