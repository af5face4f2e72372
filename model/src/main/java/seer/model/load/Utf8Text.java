package seer.model.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/// Text in UTF-8: bytes that are none are refused with their place, never replaced.
public final class Utf8Text {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private Utf8Text() {
    }

    /// The text of a file, without the byte order mark that some editors put in front.
    ///
    /// @throws MalformedModelException if there is no such file or it is not UTF-8
    public static String read(Path file) {
        return read(file, wrong -> new MalformedModelException(file, wrong));
    }

    /// The same with other exceptions than [MalformedModelException].
    ///
    /// @param complaint makes the exception of what is wrong, which belongs behind the file's name
    public static String read(Path file, Function<String, RuntimeException> complaint) {
        try {
            String text = decode(Files.readAllBytes(file), complaint);
            return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        } catch (IOException e) {
            throw complaint.apply(FileTrouble.reading(file, e));
        }
    }

    /// Whether `bytes` are text.
    public static boolean is(byte[] bytes) {
        return Utf8.firstBad(bytes) < 0;
    }

    /// The text that `bytes` are.
    ///
    /// @param complaint makes the exception of what is wrong
    public static String decode(byte[] bytes, Function<String, RuntimeException> complaint) {
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length); // no character has fewer bytes than UTF-16 units
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var result = decoder.decode(in, out, true);
        if (result.isError()) {
            String broken = out.flip().toString();
            throw complaint.apply(String.format("is not UTF-8 text: line %d, byte %d of the file, 0x%02X%s",
                    1 + broken.chars().filter(c -> c == '\n').count(), in.position(), bytes[in.position()],
                    isHalf(bytes, in.position()) ? ", half a character" : ""));
        }
        return out.flip().toString();
    }

    private static boolean isHalf(byte[] bytes, int at) {
        return bytes[at] == (byte) 0xED && at + 1 < bytes.length && (bytes[at + 1] & 0xE0) == 0xA0;
    }

    private static boolean isHalf(int character) {
        return character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    }

    /// Whether a text has half a character, which UTF-8 has no bytes for.
    public static boolean hasHalf(String text) {
        return text.codePoints().anyMatch(Utf8Text::isHalf);
    }

    /// The bytes of a text. Half a character, which UTF-8 has no bytes for and Java replaces, has those that it would
    /// have: [#decode] refuses them.
    public static byte[] encode(String text) {
        if (!hasHalf(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        var bytes = new ByteArrayOutputStream();
        text.codePoints().forEach(character -> {
            bytes.writeBytes(isHalf(character)
                    ? new byte[] {(byte) (0xE0 | character >> 12), (byte) (0x80 | character >> 6 & 0x3F),
                        (byte) (0x80 | character & 0x3F)}
                    : Character.toString(character).getBytes(StandardCharsets.UTF_8));
        });
        return bytes.toByteArray();
    }
}
