package seer.model.text;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/// The tokens of a tokenizer: by id and by spelling, and the bytes that each stands for.
final class Vocabulary {
    private static final byte[] NOTHING = {};

    private final Map<String, Integer> ids;
    private final byte[][] bytes;
    private final byte[][] firstBytes;

    /// `ids` holds every token's spelling, `added` those whose spelling is the plain text itself.
    Vocabulary(Map<String, Integer> ids, Set<String> added, TokenDecoder decoder) {
        this.ids = ids;
        int size = ids.values().stream().mapToInt(id -> id).max().orElse(-1) + 1;
        bytes = new byte[size][];
        firstBytes = new byte[size][];
        ids.forEach((token, id) -> {
            boolean plain = added.contains(token);
            bytes[id] = plain ? token.getBytes(StandardCharsets.UTF_8) : decoder.bytes(token);
            firstBytes[id] = plain ? bytes[id] : decoder.firstBytes(token);
        });
    }

    int size() {
        return bytes.length;
    }

    OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    byte[] bytes(int id) {
        return bytes(id, bytes);
    }

    byte[] firstBytes(int id) {
        return bytes(id, firstBytes);
    }

    private static byte[] bytes(int id, byte[][] all) {
        if (id < 0) {
            throw new IllegalArgumentException("token id: wanted at least 0, got " + id);
        }
        return id >= all.length || all[id] == null ? NOTHING : all[id].clone();
    }
}
