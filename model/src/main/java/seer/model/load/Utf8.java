package seer.model.load;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/// Where bytes stop being text in UTF-8.
final class Utf8 {
    private Utf8() {
    }

    /// The first byte that is not part of UTF-8 text, or -1. A zero byte is none either: text in UTF-16 is full of
    /// them.
    static int firstWrong(byte[] bytes) {
        return first(bytes, firstBad(bytes));
    }

    /// The first byte that is not part of UTF-8 text in which zeros may stand, or -1.
    static int firstBad(byte[] bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(Math.clamp(bytes.length, 2, 8192));
        while (true) {
            var result = decoder.decode(in, out, true);
            if (result.isError()) {
                return in.position();
            }
            if (result.isUnderflow()) {
                return -1;
            }
            out.clear();
        }
    }

    private static int first(byte[] bytes, int wrong) {
        int end = wrong < 0 ? bytes.length : wrong;
        for (int i = 0; i < end; i++) {
            if (bytes[i] == 0) {
                return i;
            }
        }
        return wrong;
    }
}
