package seer.model.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/// Byte-level byte-pair encoding, as tokenizer.json describes it.
///
/// ```text
/// text -> added tokens cut out -> normalised -> words (PreTokenizer) -> bytes -> merged (Merges) -> ids
/// ```
///
/// Decoding what was encoded gives the same text back, byte for byte, except where the tokenizer's
/// own settings change text: a normaliser, a prefix space, tokens that swallow white space, bytes
/// that have no token. An unpaired surrogate, which no UTF-8 has, is read as U+FFFD.
public final class BpeTokenizer implements Tokenizer {
    /// Words remembered during one call: 65,536 of them cover a book.
    private static final int REMEMBERED = 1 << 16;

    private final Vocabulary vocabulary;
    private final Merges merges;
    private final PreTokenizer preTokenizer;
    private final AddedTokens rawTokens;
    private final AddedTokens normalizedTokens;
    private final Optional<Normalizer.Form> normalizer;
    private final boolean ignoreMerges;

    /// `ignoreMerges`: a word that is a token is taken whole, whether or not merges lead to it.
    BpeTokenizer(Vocabulary vocabulary, Merges merges, PreTokenizer preTokenizer, AddedTokens rawTokens,
                 AddedTokens normalizedTokens, Optional<Normalizer.Form> normalizer, boolean ignoreMerges) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.preTokenizer = preTokenizer;
        this.rawTokens = rawTokens;
        this.normalizedTokens = normalizedTokens;
        this.normalizer = normalizer;
        this.ignoreMerges = ignoreMerges;
    }

    /// Reads a tokenizer.json.
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
        rawTokens.split(wellFormed(text), special, raw -> {
            String normalized = normalizer.map(form -> Normalizer.normalize(raw, form)).orElse(raw);
            normalizedTokens.split(normalized, special,
                    plain -> preTokenizer.split(plain, word -> ids.addAll(word(word, words))), ids);
        }, ids);
        return ids.toArray();
    }

    private int[] word(String word, Map<String, int[]> words) {
        int[] known = words.get(word);
        if (known != null) {
            return known;
        }
        int[] ids = merge(word.getBytes(StandardCharsets.UTF_8));
        if (words.size() < REMEMBERED) {
            words.put(word, ids);
        }
        return ids;
    }

    private int[] merge(byte[] word) {
        if (ignoreMerges) {
            OptionalInt whole = vocabulary.id(ByteAlphabet.spell(word));
            if (whole.isPresent()) {
                return new int[] {whole.getAsInt()};
            }
        }
        int[] ids = IntStream.range(0, word.length)
                .map(i -> vocabulary.idOfByte(word[i] & 0xFF))
                .filter(id -> id >= 0)
                .toArray();
        return merges.apply(ids);
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
    public byte[] bytes(int id) {
        return vocabulary.bytes(id);
    }

    @Override
    public OptionalInt id(String token) {
        return vocabulary.id(token);
    }

    @Override
    public int size() {
        return vocabulary.size();
    }

    /// Ids in the making.
    private static final class IntList implements IntConsumer {
        private int[] values = new int[64];
        private int size;

        @Override
        public void accept(int value) {
            reserve(1);
            values[size++] = value;
        }

        void addAll(int[] more) {
            reserve(more.length);
            System.arraycopy(more, 0, values, size, more.length);
            size += more.length;
        }

        private void reserve(int more) {
            if (size + more > values.length) {
                values = Arrays.copyOf(values, Math.max(2 * values.length, size + more));
            }
        }

        int[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }
}
