package seer.model.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Text to token ids and back. Implementations are immutable: any number of threads may share one.
public interface Tokenizer {
    /// The ids of a text in which special tokens, such as `<|endoftext|>`, are recognised. Nothing
    /// is put before or behind them.
    int[] encode(String text);

    /// The ids that a whole text begins with, such as that of `<s>`; often none.
    default int[] opening() {
        return new int[0];
    }

    /// The ids that a whole text ends with; mostly none.
    default int[] closing() {
        return new int[0];
    }

    /// The ids of a text in which special tokens are words like any other: for text from outside.
    int[] encodeOrdinary(String text);

    /// The ids of a whole text: `ids`, those of its parts one after the other, between opening and closing.
    default int[] whole(int[] ids) {
        return Stream.of(opening(), ids, closing()).flatMapToInt(IntStream::of).toArray();
    }

    /// The bytes that a token stands for, which need not be whole characters. None for an id of the
    /// model's vocabulary that no token has: models pad theirs to round numbers.
    byte[] bytes(int id);

    /// The bytes that a token stands for where a text begins: some tokenizers put a space before a text, and take it
    /// away there.
    default byte[] firstBytes(int id) {
        return bytes(id);
    }

    /// The id of a token given as the vocabulary spells it.
    OptionalInt id(String token);

    /// One more than the highest id of a token.
    int size();

    /// The text of some tokens, special ones included. Bytes that are not UTF-8, such as those of a
    /// character cut in half, become U+FFFD.
    default String decode(int... ids) {
        var bytes = new ByteArrayOutputStream();
        boolean begun = false;
        for (int id : ids) {
            bytes.writeBytes(begun ? bytes(id) : firstBytes(id));
            begun |= bytes(id).length > 0;
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
