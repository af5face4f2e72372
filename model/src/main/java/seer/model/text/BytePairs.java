package seer.model.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// The model of byte-pair encoding: a word becomes the tokens of its symbols, and the merges make longer ones of them.
///
/// The symbols are the word's bytes, each spelled by a character, or its characters as they are. A symbol without a
/// token becomes, where that is asked for, the tokens of its UTF-8 bytes, such as `<0xC3>`, `<0xA9>`; else the unknown
/// token; else nothing.
final class BytePairs {
    private static final int NONE = -1;

    private final Map<String, Integer> ids; // of whole words; null where words are not taken whole
    private final Merges merges;
    private final Settings settings;
    /// The symbols that are tokens, by code point; those of ASCII and Latin-1 by their place.
    private final Map<Integer, Integer> symbols = new HashMap<>();
    private final int[] firstSymbols = new int[512];
    private final int[] byteTokens = new int[256];

    /// @param bytes        whether words are spelled in bytes
    /// @param ignoreMerges a word that is a token is taken whole, whether or not merges lead to it
    /// @param byteFallback whether symbols without a token are spelled by tokens like `<0x0A>`
    /// @param unknown      the token of symbols that have none, or -1
    /// @param fuseUnknown  whether neighbours among them become one such token
    record Settings(boolean bytes, boolean ignoreMerges, boolean byteFallback, int unknown, boolean fuseUnknown) {
    }

    BytePairs(Map<String, Integer> ids, Merges merges, Settings settings) {
        this.ids = settings.ignoreMerges ? ids : null;
        this.merges = merges;
        this.settings = settings;
        Arrays.fill(firstSymbols, NONE);
        ids.forEach((token, id) -> {
            if (!token.isEmpty() && token.codePointCount(0, token.length()) == 1) {
                int symbol = token.codePointAt(0);
                symbols.put(symbol, id);
                if (symbol < firstSymbols.length) {
                    firstSymbols[symbol] = id;
                }
            }
        });
        for (int b = 0; b < byteTokens.length; b++) {
            byteTokens[b] = ids.getOrDefault("<0x%02X>".formatted(b), NONE);
        }
    }

    /// The tokens of a word.
    int[] tokens(String word) {
        String spelled = settings.bytes ? ByteAlphabet.spell(word.getBytes(StandardCharsets.UTF_8)) : word;
        if (settings.ignoreMerges) {
            Integer whole = ids.get(spelled);
            if (whole != null) {
                return new int[] {whole};
            }
        }
        var tokens = new IntList();
        int unknown = NONE; // one that waits for more to fuse with
        for (int at = 0; at < spelled.length();) {
            int symbol = spelled.codePointAt(at);
            at += Character.charCount(symbol);
            int id = symbol < firstSymbols.length ? firstSymbols[symbol] : symbols.getOrDefault(symbol, NONE);
            if (id != NONE) {
                flush(unknown, tokens);
                unknown = NONE;
                tokens.accept(id);
            } else if (!fallBack(symbol, tokens) && settings.unknown != NONE) {
                if (!settings.fuseUnknown) {
                    flush(unknown, tokens);
                }
                unknown = settings.unknown;
            }
        }
        flush(unknown, tokens);
        return merges.apply(tokens.toArray());
    }

    private static void flush(int unknown, IntList tokens) {
        if (unknown != NONE) {
            tokens.accept(unknown);
        }
    }

    /// Adds the tokens of a symbol's bytes, if it has them all.
    private boolean fallBack(int symbol, IntList tokens) {
        if (!settings.byteFallback) {
            return false;
        }
        byte[] bytes = Character.toString(symbol).getBytes(StandardCharsets.UTF_8);
        for (byte b : bytes) {
            if (byteTokens[b & 0xFF] == NONE) {
                return false;
            }
        }
        for (byte b : bytes) {
            tokens.accept(byteTokens[b & 0xFF]);
        }
        return true;
    }
}
