package seer.model.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// From the spelling of a token back to the bytes that it stands for.
sealed interface TokenDecoder {
    byte[] bytes(String token);

    /// The bytes at the beginning of a text, where a space may go that encoding has put there.
    byte[] firstBytes(String token);

    /// Every character is a byte.
    record Bytes() implements TokenDecoder {
        @Override
        public byte[] bytes(String token) {
            return ByteAlphabet.bytes(token);
        }

        @Override
        public byte[] firstBytes(String token) {
            return bytes(token);
        }
    }

    /// A text within a token, and what stands in its place in the decoded text.
    record Replacement(String from, String to) {
    }

    /// Every token is a text or, when it is written like `<0x0A>` and bytes are asked for, one byte.
    ///
    /// @param strip       a character that the decoded text does not begin with, once; or null
    /// @param stripMarker a text that the first token loses wherever it stands in it; or null
    record Text(List<Replacement> replacements, boolean byteFallback, String strip, String stripMarker)
            implements TokenDecoder {
        private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");

        @Override
        public byte[] bytes(String token) {
            String text = token;
            for (Replacement each : replacements) {
                text = text.replace(each.from, each.to);
            }
            var code = BYTE.matcher(text);
            if (byteFallback && code.matches()) {
                return new byte[] {(byte) Integer.parseInt(code.group(1), 16)};
            }
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] firstBytes(String token) {
            byte[] bytes = bytes(stripMarker == null ? token : token.replace(stripMarker, ""));
            byte[] lost = strip == null ? new byte[0] : strip.getBytes(StandardCharsets.UTF_8);
            boolean begins = lost.length > 0 && bytes.length >= lost.length
                    && Arrays.equals(bytes, 0, lost.length, lost, 0, lost.length);
            return begins ? Arrays.copyOfRange(bytes, lost.length, bytes.length) : bytes;
        }
    }
}
