package seer.model.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A place in a pattern that is being translated, and how its escapes of single characters are read.
final class PatternCursor {
    private static final Pattern HEX = Pattern.compile("\\\\(?:x\\{([0-9A-Fa-f]{1,6})}|x([0-7][0-9A-Fa-f])"
            + "|u([0-9A-Fa-f]{4}))");

    private final String pattern;
    private int at;

    PatternCursor(String pattern) {
        this.pattern = pattern;
    }

    boolean more() {
        return at < pattern.length();
    }

    int peek() {
        return pattern.codePointAt(at);
    }

    /// The character here, which is passed.
    int next() {
        int c = peek();
        at += Character.charCount(c);
        return c;
    }

    void skip(int chars) {
        at += chars;
    }

    void skipPast(char end) {
        int found = pattern.indexOf(end, at);
        if (found < 0) {
            throw new IllegalArgumentException("Unclosed group");
        }
        at = found + 1;
    }

    boolean startsWith(String text) {
        return pattern.startsWith(text, at);
    }

    /// What stands here, if it is of this form, and is then passed; else null.
    Matcher match(Pattern form) {
        Matcher matcher = form.matcher(pattern).region(at, pattern.length());
        if (!matcher.lookingAt()) {
            return null;
        }
        at = matcher.end();
        return matcher;
    }

    /// The next few characters, for a complaint.
    String rest(int most) {
        return pattern.substring(at, Math.min(pattern.length(), at + most));
    }

    /// The character behind a backslash that stands here.
    char afterBackslash() {
        if (at + 1 == pattern.length()) {
            throw new IllegalArgumentException("a backslash at the end");
        }
        return pattern.charAt(at + 1);
    }

    /// The character that an escape here stands for, such as `\.`, and `\x{e9}`; -1 when it stands for
    /// something else, and is not passed.
    int escapedCode() {
        char c = afterBackslash();
        if (c > ' ' && c < 0x7F && !Character.isLetterOrDigit(c) || c == ' ') {
            at += 2;
            return c;
        }
        Matcher hex = match(HEX);
        if (hex == null) {
            return -1;
        }
        String digits = hex.group(1) != null ? hex.group(1) : hex.group(2) != null ? hex.group(2) : hex.group(3);
        int code = Integer.parseInt(digits, 16);
        if (code > Character.MAX_CODE_POINT || code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE) {
            throw new IllegalArgumentException("no character " + hex.group());
        }
        return code;
    }

    /// A character written so that it means nothing but itself.
    static String code(int c) {
        return Character.isLetterOrDigit(c) && c < 0x80 ? Character.toString(c) : "\\x{%x}".formatted(c);
    }
}
