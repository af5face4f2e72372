package seer.model.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/// The tokens of a tokenizer: by id and by spelling, and the bytes that each stands for.
final class Vocabulary {
    private static final byte[] NOTHING = {};

    private final ByteStrings spellings; // in their order
    private final int[] ids;             // of them
    private final ByteStrings bytes;
    private final ByteStrings firstBytes;

    /// `ids` holds every token's spelling, `added` those whose spelling is the plain text itself.
    Vocabulary(Map<String, Integer> ids, Set<String> added, TokenDecoder decoder) {
        int size = ids.values().stream().mapToInt(id -> id).max().orElse(-1) + 1;
        var each = new byte[size][];
        var first = new byte[size][];
        ids.forEach((token, id) -> {
            boolean plain = added.contains(token);
            each[id] = plain ? token.getBytes(StandardCharsets.UTF_8) : decoder.bytes(token);
            first[id] = plain ? each[id] : decoder.firstBytes(token);
        });
        bytes = new ByteStrings(each);
        var others = new ByteStrings(first);
        firstBytes = others.sameAs(bytes) ? bytes : others;
        record Entry(byte[] spelling, int id) { }
        var entries = ids.entrySet().stream().map(token -> new Entry(spelled(token.getKey()), token.getValue()))
                .sorted((a, b) -> Arrays.compareUnsigned(a.spelling(), b.spelling())).toList();
        spellings = new ByteStrings(entries.stream().map(Entry::spelling).toArray(byte[][]::new));
        this.ids = entries.stream().mapToInt(Entry::id).toArray();
    }

    /// Two bytes for each character, so that spellings which no UTF-8 has stay apart too.
    private static byte[] spelled(String token) {
        var bytes = new byte[2 * token.length()];
        for (int i = 0; i < token.length(); i++) {
            bytes[2 * i] = (byte) (token.charAt(i) >> Byte.SIZE);
            bytes[2 * i + 1] = (byte) token.charAt(i);
        }
        return bytes;
    }

    int size() {
        return bytes.count();
    }

    OptionalInt id(String token) {
        byte[] wanted = spelled(token);
        int low = 0;
        int high = ids.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = spellings.compare(middle, wanted);
            if (order == 0) {
                return OptionalInt.of(ids[middle]);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return OptionalInt.empty();
    }

    byte[] bytes(int id) {
        return bytes(id, bytes);
    }

    byte[] firstBytes(int id) {
        return bytes(id, firstBytes);
    }

    private static byte[] bytes(int id, ByteStrings all) {
        if (id < 0) {
            throw new IllegalArgumentException("token id: wanted at least 0, got " + id);
        }
        return id >= all.count() ? NOTHING : all.get(id);
    }
}
