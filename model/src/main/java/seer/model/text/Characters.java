package seer.model.text;

/// The classes of characters that tokenizers speak of, by Unicode's general categories.
final class Characters {
    private static final int LETTERS = 1 << Character.UPPERCASE_LETTER | 1 << Character.LOWERCASE_LETTER
            | 1 << Character.TITLECASE_LETTER | 1 << Character.MODIFIER_LETTER | 1 << Character.OTHER_LETTER;
    private static final int NUMBERS = 1 << Character.DECIMAL_DIGIT_NUMBER | 1 << Character.LETTER_NUMBER
            | 1 << Character.OTHER_NUMBER;
    private static final int MARKS = 1 << Character.NON_SPACING_MARK | 1 << Character.ENCLOSING_MARK
            | 1 << Character.COMBINING_SPACING_MARK;
    private static final int PUNCTUATION = 1 << Character.CONNECTOR_PUNCTUATION | 1 << Character.DASH_PUNCTUATION
            | 1 << Character.START_PUNCTUATION | 1 << Character.END_PUNCTUATION
            | 1 << Character.INITIAL_QUOTE_PUNCTUATION | 1 << Character.FINAL_QUOTE_PUNCTUATION
            | 1 << Character.OTHER_PUNCTUATION;
    private static final int WORDS = MARKS | 1 << Character.DECIMAL_DIGIT_NUMBER
            | 1 << Character.CONNECTOR_PUNCTUATION;

    private Characters() {
    }

    private static boolean in(int categories, int c) {
        return (categories >> Character.getType(c) & 1) != 0;
    }

    /// `\p{L}`.
    static boolean isLetter(int c) {
        return in(LETTERS, c);
    }

    /// `\p{N}`: digits, and numbers such as `½` and `Ⅷ`.
    static boolean isNumber(int c) {
        return in(NUMBERS, c);
    }

    /// Unicode's White_Space, all of whose characters are single chars.
    static boolean isSpace(int c) {
        return Character.isSpaceChar(c) || c >= '\t' && c <= '\r' || c == 0x85;
    }

    /// What `\w` means in Unicode regular expressions.
    static boolean isWord(int c) {
        return in(WORDS, c) || Character.isAlphabetic(c) || c == 0x200C || c == 0x200D;
    }

    /// `\p{P}`, and what ASCII counts to it: `$` and `+` among others.
    static boolean isPunctuation(int c) {
        boolean ascii = c > ' ' && c < 0x7F && !Character.isLetterOrDigit(c);
        return ascii || in(PUNCTUATION, c);
    }

    /// Whether some other character is the same letter in another case.
    static boolean hasCase(int c) {
        return Character.toLowerCase(c) != c || Character.toUpperCase(c) != c || Character.toTitleCase(c) != c;
    }
}
