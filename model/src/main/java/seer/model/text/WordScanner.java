package seer.model.text;

import java.util.Map;
import java.util.Optional;

/// The patterns of GPT-2, Llama 3 and Qwen2 by hand: one pass over the text without going back.
///
/// Nearly all models of the families that are read use one of them, and encoding with the general engine takes twice as
/// long. Tests hold it against [OnigurumaPattern].
final class WordScanner implements TextPattern {
    /// Words with a space before them, numbers, other characters; white space less its last.
    static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    /// Words with any other character before them, numbers by three digits, line ends of their own.
    static final String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    /// The same, each digit for itself.
    static final String QWEN2 = LLAMA3.replace("{1,3}", "");

    private enum Kind { OTHER, LETTER, NUMBER, SPACE }

    private static final Kind[] ASCII = new Kind[128];
    /// Digits taken together where numbers stand alone; 0: all, with a space before them, as GPT-2 does.
    private static final Map<String, Integer> DIGITS = Map.of(GPT2, 0, LLAMA3, 3, QWEN2, 1);

    static {
        for (int c = 0; c < ASCII.length; c++) {
            ASCII[c] = slowKind(c);
        }
    }

    private final int digits;

    private WordScanner(int digits) {
        this.digits = digits;
    }

    /// The scanner for a pattern, if it is one of the three.
    static Optional<TextPattern> of(String pattern) {
        return Optional.ofNullable(DIGITS.get(pattern)).map(WordScanner::new);
    }

    @Override
    public void find(Piece piece, Matches matches) {
        String text = piece.text();
        for (int at = 0; at < text.length();) {
            int end = digits == 0 ? likeGpt2(text, at) : likeLlama3(text, at);
            matches.accept(at, end);
            at = end;
        }
    }

    private static int likeGpt2(String text, int at) {
        int end = contraction(text, at, false);
        if (end > at) {
            return end;
        }
        int first = text.charAt(at) == ' ' && at + 1 < text.length() ? at + 1 : at;
        Kind kind = kind(text, first);
        return kind == Kind.SPACE ? space(text, at) : run(text, first, kind, text.length());
    }

    private int likeLlama3(String text, int at) {
        int end = contraction(text, at, true);
        if (end > at) {
            return end;
        }
        int c = text.codePointAt(at);
        Kind kind = kind(text, at);
        int next = at + Character.charCount(c);
        Kind after = next < text.length() ? kind(text, next) : Kind.SPACE;
        if (kind == Kind.LETTER) {
            return run(text, at, Kind.LETTER, text.length());
        }
        if (after == Kind.LETTER && kind != Kind.NUMBER && !isLineEnd(c)) {
            return run(text, next, Kind.LETTER, text.length());
        }
        if (kind == Kind.NUMBER) {
            return run(text, at, Kind.NUMBER, digits);
        }
        if (kind == Kind.OTHER || c == ' ' && after == Kind.OTHER) {
            end = run(text, kind == Kind.OTHER ? at : next, Kind.OTHER, text.length());
            while (end < text.length() && isLineEnd(text.charAt(end))) {
                end++;
            }
            return end;
        }
        int all = run(text, at, Kind.SPACE, text.length());
        int line = all;
        while (line > at && !isLineEnd(text.charAt(line - 1))) {
            line--;
        }
        return line > at ? line : space(text, at);
    }

    /// The end of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d`, or `at`. In Unicode `ſ` is an `s` of another case.
    private static int contraction(String text, int at, boolean anyCase) {
        if (text.charAt(at) != '\'' || at + 1 == text.length()) {
            return at;
        }
        int one = letter(text, at + 1, anyCase);
        int two = at + 2 < text.length() ? letter(text, at + 2, anyCase) : 0;
        return switch (one) {
            case 's', 't', 'm', 'd' -> at + 2;
            case 'r', 'v' -> two == 'e' ? at + 3 : at;
            case 'l' -> two == 'l' ? at + 3 : at;
            default -> at;
        };
    }

    private static int letter(String text, int at, boolean anyCase) {
        char c = text.charAt(at);
        return !anyCase ? c : c == 'ſ' ? 's' : c < 0x80 ? Character.toLowerCase(c) : c;
    }

    /// The end of white space: before a word it leaves the last character to it, unless there is no other.
    private static int space(String text, int at) {
        int end = run(text, at, Kind.SPACE, text.length());
        return end < text.length() && end > at + 1 ? end - 1 : end;
    }

    /// The end of at most so many characters of a kind.
    private static int run(String text, int at, Kind kind, int most) {
        int end = at;
        for (int count = 0; count < most && end < text.length() && kind(text, end) == kind; count++) {
            end += Character.isHighSurrogate(text.charAt(end)) ? 2 : 1;
        }
        return end;
    }

    private static boolean isLineEnd(int c) {
        return c == '\n' || c == '\r';
    }

    private static Kind kind(String text, int at) {
        char c = text.charAt(at);
        return c < ASCII.length ? ASCII[c] : slowKind(text.codePointAt(at));
    }

    private static Kind slowKind(int c) {
        return Characters.isLetter(c) ? Kind.LETTER : Characters.isNumber(c) ? Kind.NUMBER
                : Characters.isSpace(c) ? Kind.SPACE : Kind.OTHER;
    }
}
