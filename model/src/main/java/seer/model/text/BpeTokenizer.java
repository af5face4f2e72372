package seer.model.text;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/// Byte-pair encoding, as tokenizer.json describes it: byte-level, as GPT-2, Llama 3 and Qwen2 have it, or of
/// characters with bytes to fall back on, as SentencePiece and with it Llama 2 and Mistral have it.
///
/// ```text
/// text -> added tokens cut out -> normalised -> words (PreTokenizer) -> symbols -> merged (BytePairs) -> ids
/// ```
///
/// Decoding what was encoded gives the same text back, byte for byte, except where the tokenizer's
/// own settings change text: a normaliser, a prefix space, tokens that swallow white space, bytes
/// that have no token. An unpaired surrogate, which no UTF-8 has, is read as U+FFFD.
public final class BpeTokenizer implements Tokenizer {
    /// Words remembered during one call: 65,536 of them cover a book.
    private static final int REMEMBERED = 1 << 16;

    private final Vocabulary vocabulary;
    private final BytePairs pairs;
    private final PreTokenizer preTokenizer;
    private final AddedTokens rawTokens;
    private final AddedTokens normalizedTokens;
    private final TextNormalizer normalizer;
    private final Surroundings surroundings;

    BpeTokenizer(Vocabulary vocabulary, BytePairs pairs, PreTokenizer preTokenizer, AddedTokens rawTokens,
                 AddedTokens normalizedTokens, TextNormalizer normalizer, Surroundings surroundings) {
        this.vocabulary = vocabulary;
        this.pairs = pairs;
        this.preTokenizer = preTokenizer;
        this.rawTokens = rawTokens;
        this.normalizedTokens = normalizedTokens;
        this.normalizer = normalizer;
        this.surroundings = surroundings;
    }

    /// Reads a tokenizer.json, and from a tokenizer_config.json beside it whether a text begins or ends with a token.
    public static BpeTokenizer open(Path file) {
        return new TokenizerFile(file).tokenizer();
    }

    @Override
    public int[] encode(String text) {
        return encode(text, true);
    }

    @Override
    public int[] encodeOrdinary(String text) {
        return encode(text, false);
    }

    private int[] encode(String text, boolean special) {
        var ids = new IntList();
        var words = new HashMap<String, int[]>();
        String readable = wellFormed(text);
        var whole = new Piece(readable, true, WorkLimit.of(readable.length()));
        rawTokens.split(whole, special, raw -> normalizedTokens.split(normalizer.apply(raw), special,
                plain -> preTokenizer.split(plain, word -> ids.addAll(word(word.text(), words))), ids), ids);
        return ids.toArray();
    }

    private int[] word(String word, Map<String, int[]> words) {
        int[] known = words.get(word);
        if (known != null) {
            return known;
        }
        int[] ids = pairs.tokens(word);
        if (words.size() < REMEMBERED) {
            words.put(word, ids);
        }
        return ids;
    }

    private static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            if (!Character.isSurrogate(text.charAt(i))) {
                continue;
            }
            if (Character.isSupplementaryCodePoint(text.codePointAt(i))) {
                i++;
                continue;
            }
            repaired = repaired == null ? new StringBuilder(text) : repaired;
            repaired.setCharAt(i, '\uFFFD');
        }
        return repaired == null ? text : repaired.toString();
    }

    @Override
    public int[] opening() {
        return surroundings.opening().clone();
    }

    @Override
    public int[] closing() {
        return surroundings.closing().clone();
    }

    @Override
    public byte[] bytes(int id) {
        return vocabulary.bytes(id);
    }

    @Override
    public byte[] firstBytes(int id) {
        return vocabulary.firstBytes(id);
    }

    @Override
    public OptionalInt id(String token) {
        return vocabulary.id(token);
    }

    @Override
    public int size() {
        return vocabulary.size();
    }
}
