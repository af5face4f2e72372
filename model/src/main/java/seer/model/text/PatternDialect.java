package seer.model.text;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Translates a pattern of Oniguruma's dialect for joni, or says what in it is not supported.
///
/// Both read most patterns alike. Where they do not, the pattern is written in another way: groups do not capture,
/// since nothing refers to them; letters under `(?i)` become classes, [PatternClass]. What has no such way is
/// refused: back references, recursion, callouts, conditions, absent operators, text segments, control codes, the
/// option `x`. So is what would make a giant of a short pattern.
final class PatternDialect {
    private static final int LONGEST = 10_000;
    private static final int DEEPEST = 100;
    /// Most places that a pattern may have once its repetitions are written out.
    private static final int LARGEST = 100_000;
    private static final Pattern INTERVAL = Pattern.compile("\\{(?!,?})(\\d*),?(\\d*)}");
    private static final Pattern NAME = Pattern.compile("<[A-Za-z_]\\w*>");
    private static final Pattern OPTIONS = Pattern.compile("([im]*)(?:-([im]*))?([:)])");
    /// Escapes that mean the same to both: classes, anchors, controls.
    private static final String ESCAPES = "dDsSwWhHRAzZbBntrfvae";
    /// Letters that are one letter to `(?i)`: `ß` is `ss` there, and so on.
    private static final Pattern LIGATURES = Pattern.compile("ss|st|ff|fi|fl");

    /// A group that is open: whether case counted before it, how many places stand before it, how deep it is, and
    /// where it begins in the translation.
    private record Group(boolean ignoreCase, long places, int depth, int start) {
    }

    private final PatternCursor cursor;
    private final StringBuilder out = new StringBuilder();
    private final Deque<Group> groups = new ArrayDeque<>();
    private boolean ignoreCase;
    /// Groups within each other; an option such as `(?i)` is one too, up to the end of the group that it stands in.
    private int depth;
    /// Repetitions of the last part.
    private int repetitions;
    /// Places of the sequence under way, and of its last part.
    private long places;
    private long last;
    /// The letter before, while case does not count.
    private char letter;

    private PatternDialect(String pattern) {
        cursor = new PatternCursor(pattern);
    }

    /// The same pattern for joni.
    ///
    /// @throws IllegalArgumentException naming what is not supported
    static String translate(String pattern) {
        if (pattern.length() > LONGEST) {
            throw new IllegalArgumentException("one of more than " + LONGEST + " characters");
        }
        return new PatternDialect(pattern).translate();
    }

    private String translate() {
        while (cursor.more()) {
            char before = letter;
            letter = 0;
            repetitions = "*+?{".indexOf(cursor.peek()) < 0 ? 0 : repetitions + 1;
            switch (cursor.peek()) {
                case '\\' -> escape();
                case '[' -> {
                    new PatternClass(cursor, out, ignoreCase).translate();
                    place();
                }
                case '(' -> open();
                case ')' -> close();
                case '{' -> interval();
                case '*', '+', '?', '|', '^', '$' -> out.append((char) cursor.next());
                case '.' -> {
                    out.append((char) cursor.next());
                    place();
                }
                default -> literal(cursor.next(), before);
            }
            if (places > LARGEST) {
                throw new IllegalArgumentException("one of more than " + LARGEST + " places, written out,");
            }
            if (Math.max(depth, repetitions) > DEEPEST) {
                throw new IllegalArgumentException("one of more than " + DEEPEST + " groups within each other,");
            }
        }
        if (!groups.isEmpty()) {
            throw new IllegalArgumentException("Unclosed group");
        }
        return out.toString();
    }

    private void place() {
        last = 1;
        places++;
    }

    private static IllegalArgumentException unsupported(String what) {
        return new IllegalArgumentException(what + ", which is not supported,");
    }

    // -- characters --

    private void literal(int c, char before) {
        place();
        if (!ignoreCase) {
            out.append(PatternCursor.code(c));
            return;
        }
        out.append('[').append(PatternClass.anyCase(c)).append(']');
        if (c < 0x80 && Character.isLetter(c)) {
            letter = (char) Character.toLowerCase(c);
            if (before != 0 && LIGATURES.matcher("" + before + letter).matches()) {
                throw unsupported("the letters " + before + letter + " under (?i)");
            }
        }
    }

    private void escape() {
        int code = cursor.escapedCode();
        if (code >= 0) {
            literal(code, (char) 0);
            return;
        }
        char c = cursor.afterBackslash();
        if (c == 'p' || c == 'P') {
            cursor.skip(2);
            out.append(PatternClass.property(cursor, c == 'P', ignoreCase));
        } else if (ESCAPES.indexOf(c) >= 0) {
            cursor.skip(2);
            out.append('\\').append(c);
        } else {
            throw unsupported(c >= '1' && c <= '9' ? "a back reference \\" + c : "\\" + c);
        }
        place();
    }

    // -- repetition --

    private void interval() {
        Matcher interval = cursor.match(INTERVAL);
        if (interval == null) {
            literal(cursor.next(), (char) 0);
            return;
        }
        long least = count(interval.group(1), 0);
        long most = count(interval.group(2), least);
        if (most < least) {
            throw unsupported(interval.group());
        }
        out.append(interval.group());
        places += last * (Math.max(1, most) - 1);
        last *= Math.max(1, most);
    }

    private static long count(String digits, long otherwise) {
        return digits.isEmpty() ? otherwise : digits.length() > 6 ? LARGEST + 1 : Integer.parseInt(digits);
    }

    // -- groups --

    private void open() {
        cursor.skip(1);
        if (cursor.startsWith("*")) {
            throw unsupported("a callout (*");
        }
        if (!cursor.startsWith("?")) {
            enter("(?:");
            return;
        }
        cursor.skip(1);
        for (String plain : new String[] {":", "=", "!", ">", "<=", "<!"}) {
            if (cursor.startsWith(plain)) {
                cursor.skip(plain.length());
                enter("(?" + plain);
                return;
            }
        }
        if (cursor.startsWith("#")) {
            cursor.skipPast(')');
        } else if (cursor.match(NAME) != null) {
            enter("(?:");
        } else {
            options();
        }
    }

    private void options() {
        Matcher options = cursor.match(OPTIONS);
        if (options == null) {
            throw unsupported("(?" + cursor.rest(1));
        }
        String on = options.group(1);
        String off = options.group(2) == null ? "" : options.group(2);
        boolean ignore = (ignoreCase || on.contains("i")) && !off.contains("i");
        String written = "(?" + (on.contains("m") ? "m" : "") + "-i" + (off.contains("m") ? "m" : "");
        if (options.group(3).equals(":")) {
            enter(written + ":");
        } else {
            out.append(written).append(')');
            depth++;
        }
        ignoreCase = ignore;
    }

    private void enter(String opening) {
        out.append(opening);
        groups.push(new Group(ignoreCase, places, depth, out.length()));
        depth++;
        last = 0;
    }

    private void close() {
        if (groups.isEmpty()) {
            throw new IllegalArgumentException("Unmatched closing )");
        }
        cursor.skip(1);
        Group group = groups.pop();
        if (out.length() == group.start) {
            throw unsupported("a group of nothing");
        }
        out.append(')');
        ignoreCase = group.ignoreCase;
        depth = group.depth;
        last = places - group.places;
    }
}
