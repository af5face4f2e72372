package seer.model.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import seer.support.CpuTime;

class DemoTokenizerTest {
    private static final Path DATA = Path.of("tests/src/test/resources/demo");
    private static final String THURSDAY = "thursday.txt";

    private static BpeTokenizer tokenizer;

    @BeforeAll
    static void open() {
        tokenizer = BpeTokenizer.open(Path.of("demo-model", "tokenizer.json"));
    }

    @TestFactory
    Stream<DynamicTest> everyCaseIsExact() throws IOException {
        var mapper = new JsonMapper();
        return mapper.readTree(DATA.resolve("tokenizer_cases.json").toFile()).valueStream()
                .map(each -> DynamicTest.dynamicTest(each.get("text").textValue(), () -> {
                    int[] ids = mapper.convertValue(each.get("ids"), int[].class);
                    assertArrayEquals(ids, tokenizer.encode(each.get("text").textValue()));
                    assertEquals(each.get("text").textValue(), tokenizer.decode(ids));
                }));
    }

    /// Ids that Hugging Face's tokenizers 0.23.2 gives.
    @Test
    void moreTextsAreExact() {
        assertArrayEquals(new int[] {41, 7, 3602, 288, 433, 221, 17, 18, 19, 20, 21, 604, 308, 1424, 1973, 199, 199, 47,
            43, 31, 221, 1613, 278, 198, 2364, 202, 199, 221, 496, 88},
                tokenizer.encode("I'LL pay 12345 dollars...\n\nOK?  Yes\tno\r\n \u00a0x"));
        assertArrayEquals(new int[] {78, 65, 128, 108, 358, 272, 2022, 137, 224, 221, 163, 246, 99, 163, 251, 106, 165,
            104, 253, 221, 127, 122, 159, 228, 101, 150, 97, 221, 173, 254, 248, 225, 392, 7, 130, 124},
                tokenizer.encode("naïve cafe\u0301 日本語 ½Ⅷ٣ 🙂 it'ſ"));
    }

    @Test
    void booksHaveTheirKnownLengths() throws IOException {
        assertEquals(110_708, tokenizer.encode(Files.readString(Path.of("demo-model", THURSDAY))).length);
        assertEquals(16_417, tokenizer.encode(Files.readString(DATA.resolve("emma-excerpt.txt"))).length);
    }

    static Stream<String> nastyTexts() {
        return Stream.of("", " ", "\0", "\0\0a\0", "\r\n\r\n \r\n", "\t\t x \t", "🙂🙂🏽👨‍👩‍👧",
                "e\u0301\u0327\u0308 a\u0301", "\uFEFFbom", "\u00a0\u2003\u3000\u2028\u0085",
                "ﷺ \u202Ereversed\u202C", "𝒳𐍈𝟘", "\u00ad\u200b\u200d",
                "'s''ll'D it's", "x".repeat(5000), "日".repeat(3000), " ".repeat(777) + "x", "a\n".repeat(500),
                "0123456789".repeat(50), "<|endoftext|><|endoftext|>", "<|endoftext", "\uFFFD\uFFFE\uFFFF");
    }

    @TestFactory
    Stream<DynamicTest> decodingGivesTheSameBytesBack() {
        return nastyTexts().map(text -> DynamicTest.dynamicTest(name(text), () -> {
            assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), bytes(tokenizer.encode(text)));
            assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
            assertEquals(text, tokenizer.decode(tokenizer.encodeOrdinary(text)));
        }));
    }

    private static String name(String text) {
        return text.length() + " chars: " + text.substring(0, Math.min(12, text.length())).replaceAll("\\p{C}", "?");
    }

    private static byte[] bytes(int[] ids) {
        var bytes = new ByteArrayOutputStream();
        Arrays.stream(ids).mapToObj(tokenizer::bytes).forEach(bytes::writeBytes);
        return bytes.toByteArray();
    }

    @Test
    void anyTextComesBack() {
        var random = new Random(11);
        for (int round = 0; round < 2000; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(40); i >= 0; i--) {
                int c = switch (random.nextInt(4)) {
                    case 0 -> random.nextInt(0x80);
                    case 1 -> random.nextInt(0x3000);
                    case 2 -> random.nextInt(0x110000);
                    default -> " \n\t'aeё".codePointAt(random.nextInt(7));
                };
                text.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? ' ' : c);
            }
            assertEquals(text.toString(), tokenizer.decode(tokenizer.encode(text.toString())), "round " + round);
        }
    }

    /// They are no text: no UTF-8 stands for them.
    @Test
    void unpairedSurrogatesAreReadAsReplacementCharacters() {
        for (String text : List.of("\uD83D", "\uDE42", "a\uD83D b", "\uDE42\uD83D", "\uD83D\uD83D\uDE42", "x\uDE42")) {
            String readable = text.replaceAll("[\\uD800-\\uDFFF]", "\uFFFD");
            assertArrayEquals(tokenizer.encode(readable), tokenizer.encode(text));
            assertEquals(readable, tokenizer.decode(tokenizer.encode(text)));
        }
    }

    @Test
    void specialTokensAreRecognisedOnRequest() {
        assertArrayEquals(new int[] {0}, tokenizer.encode("<|endoftext|>"));
        int[] ordinary = tokenizer.encodeOrdinary("<|endoftext|>");
        assertTrue(ordinary.length > 1 && Arrays.stream(ordinary).noneMatch(id -> id == 0));
        assertEquals(OptionalInt.of(0), tokenizer.id("<|endoftext|>"));
        assertEquals(OptionalInt.empty(), tokenizer.id("<|pad|>"));
    }

    @Test
    void idsBeyondTheVocabularyAreNoText() {
        assertEquals(4096, tokenizer.size());
        assertEquals(0, tokenizer.bytes(4096).length);
        assertThrows(IllegalArgumentException.class, () -> tokenizer.bytes(-1));
    }

    @Test
    void aTokensBytesCannotBeChangedFromOutside() {
        byte[] bytes = tokenizer.bytes(40);
        bytes[0] = 'x';
        assertEquals("H", tokenizer.decode(40));
    }

    @Test
    void streamingGivesWhatDecodingGives() {
        nastyTexts().forEach(text -> assertEquals(text, stream(tokenizer.encode(text))));
        var random = new Random(12);
        for (int round = 0; round < 2000; round++) {
            int[] ids = random.ints(random.nextInt(30), 0, round % 2 == 0 ? 261 : 4096).toArray();
            assertEquals(tokenizer.decode(ids), stream(ids), "round " + round);
        }
    }

    private static String stream(int[] ids) {
        var decoder = new StreamDecoder(tokenizer);
        var text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.add(id));
        }
        return text.append(decoder.finish()).toString();
    }

    @Test
    void aCharacterIsHeldBackUntilItIsWhole() {
        int[] ids = tokenizer.encode("🙂");
        assertEquals(4, ids.length);
        var decoder = new StreamDecoder(tokenizer);
        assertEquals(List.of("", "", "", "🙂"), Arrays.stream(ids).mapToObj(decoder::add).toList());
        assertEquals("", decoder.finish());
        decoder.add(ids[0]);
        assertEquals("\uFFFD", decoder.finish());
        assertEquals("H", decoder.add(40));
    }

    @Test
    void halfAMegabyteTakesWellUnderASecond() throws IOException {
        String book = Files.readString(Path.of("demo-model", THURSDAY));
        String text = (book + book).substring(0, 500_000);
        tokenizer.encode(book);
        CpuTime.within(Duration.ofMillis(900), () -> tokenizer.encode(text), "half a megabyte");
    }

    @Test
    void hugeWordsAreNotQuadratic() {
        for (String part : List.of("a", "thequick", " ", "é", "<", "\n", "1", "ab", "🙂")) {
            String word = part.repeat(400_000 / part.length());
            int[] ids = CpuTime.within(Duration.ofSeconds(3), () -> tokenizer.encode(word), part);
            assertEquals(word, tokenizer.decode(ids));
        }
    }

    @Test
    void manyThreadsShareOneTokenizer() throws IOException {
        String text = Files.readString(DATA.resolve("emma-excerpt.txt"));
        int[] alone = tokenizer.encode(text);
        assertTrue(Stream.generate(() -> text).limit(8).parallel()
                .allMatch(each -> Arrays.equals(alone, tokenizer.encode(each))));
    }
}
