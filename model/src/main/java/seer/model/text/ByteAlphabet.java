package seer.model.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The 256 characters that byte-level vocabularies spell bytes with.
///
/// Bytes that print in Latin-1 stand for themselves; the 68 others, in order, are U+0100 onwards: a
/// space is `Ġ`. So every token is a string of visible characters.
final class ByteAlphabet {
    private static final char[] CHARACTER = new char[256];
    private static final short[] BYTE = new short[256 + 68];

    static {
        Arrays.fill(BYTE, (short) -1);
        char next = 256;
        for (int b = 0; b < 256; b++) {
            boolean prints = b > ' ' && b <= '~' || b >= 0xA1 && b != 0xAD;
            CHARACTER[b] = prints ? (char) b : next++;
            BYTE[CHARACTER[b]] = (short) b;
        }
    }

    private ByteAlphabet() {
    }

    /// The character for a byte given as 0 to 255.
    static char character(int b) {
        return CHARACTER[b];
    }

    /// The spelling of some bytes.
    static String spell(byte[] bytes) {
        var characters = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            characters[i] = CHARACTER[bytes[i] & 0xFF];
        }
        return new String(characters);
    }

    /// The bytes that a token spells. One with other characters is not spelled but written out: it
    /// stands for its UTF-8, as for Hugging Face.
    static byte[] bytes(String token) {
        var bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = token.charAt(i);
            if (c >= BYTE.length || BYTE[c] < 0) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) BYTE[c];
        }
        return bytes;
    }
}
