package seer.model.text;

import java.util.Map;
import java.util.OptionalInt;

/// The tokens of a tokenizer: by id, by spelling, and by single byte.
final class Vocabulary {
    private static final byte[] NOTHING = {};

    private final Map<String, Integer> ids;
    private final byte[][] bytes;
    private final int[] ofByte = new int[256];

    /// `ids` holds every token's spelling, `added` the few whose spelling is the plain text itself.
    /// A byte without a token of its own becomes `unknown`, or nothing where that is -1.
    Vocabulary(Map<String, Integer> ids, Map<String, byte[]> added, int unknown) {
        this.ids = ids;
        int size = 0;
        for (int id : ids.values()) {
            size = Math.max(size, id + 1);
        }
        bytes = new byte[size][];
        ids.forEach((token, id) -> {
            byte[] plain = added.get(token);
            bytes[id] = plain == null ? ByteAlphabet.bytes(token) : plain;
        });
        for (int b = 0; b < 256; b++) {
            ofByte[b] = ids.getOrDefault(String.valueOf(ByteAlphabet.character(b)), unknown);
        }
    }

    int size() {
        return bytes.length;
    }

    OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /// The token for a byte given as 0 to 255, or -1.
    int idOfByte(int b) {
        return ofByte[b];
    }

    byte[] bytes(int id) {
        if (id < 0) {
            throw new IllegalArgumentException("token id: wanted at least 0, got " + id);
        }
        return id >= bytes.length || bytes[id] == null ? NOTHING : bytes[id].clone();
    }
}
