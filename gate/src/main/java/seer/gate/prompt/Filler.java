package seer.gate.prompt;

import java.util.SplittableRandom;
import seer.model.text.Tokenizer;

/// An encoded text that facts are hidden in; where it is shorter than what is asked of it, it begins anew.
///
/// @param anywhere whether an excerpt begins at a random token rather than at the first
record Filler(Tokenizer tokenizer, int[] tokens, boolean anywhere) {
    private static final int CONTINUATION = 0b1000_0000;
    private static final int CONTINUATION_MASK = 0b1100_0000;

    /// `count` tokens in a row.
    int[] excerpt(int count, SplittableRandom random) {
        int starts = tokens.length > count ? tokens.length - count + 1 : tokens.length;
        int from = anywhere ? random.nextInt(starts) : 0;
        var part = new int[count];
        for (int i = 0; i < count; i++) {
            part[i] = tokens[(from + i) % tokens.length];
        }
        return part;
    }

    /// The first place from `at` on where something may be put into `part`: not inside a character, which byte-level
    /// tokens may cut.
    int seam(int[] part, int at) {
        int place = at;
        while (place < part.length && continues(part[place])) {
            place++;
        }
        return place;
    }

    private boolean continues(int token) {
        byte[] bytes = tokenizer.bytes(token);
        return bytes.length > 0 && (bytes[0] & CONTINUATION_MASK) == CONTINUATION;
    }
}
