package seer.model.text;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Translates a character class in brackets, or a property, as [PatternDialect] does the rest of a pattern.
///
/// Under `(?i)` the other cases of its letters are put beside them. Refused are complements within a negated class
/// within another, of which joni makes another set than Oniguruma; and under `(?i)` classes made of classes,
/// properties of case, and letters beyond ASCII, some of which are several letters in another case.
final class PatternClass {
    private static final int DEEPEST = 20;
    private static final String SETS = "dDsSwWhH";
    private static final String COMPLEMENTS = "DSWH";
    private static final String CONTROLS = "ntrfvaeb";
    private static final int[] CONTROL_CODES = {'\n', '\t', '\r', '\f', 0x0B, 0x07, 0x1B, '\b'};
    private static final Pattern POSIX = Pattern.compile("\\[:(\\^?)([a-z]+):]");
    private static final Set<String> POSIX_NAMES = Set.of("alpha", "digit", "space", "upper", "lower", "alnum", "word",
            "xdigit", "cntrl", "graph", "print", "blank", "ascii");
    private static final Pattern PROPERTY = Pattern.compile("\\{(\\^?)(\\w+)}");
    private static final Set<String> CATEGORIES = Set.of("L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N",
            "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs",
            "Zl", "Zp", "Cc", "Cf", "Co", "Alpha", "Alnum", "Digit", "Space", "Upper", "Lower", "Word", "XDigit",
            "Blank", "Any");
    private static final Set<String> CASES = Set.of("Lu", "Ll", "Lt", "Upper", "Lower", "upper", "lower");

    private final PatternCursor cursor;
    private final StringBuilder out;
    private final boolean ignoreCase;

    PatternClass(PatternCursor cursor, StringBuilder out, boolean ignoreCase) {
        this.cursor = cursor;
        this.out = out;
        this.ignoreCase = ignoreCase;
    }

    /// Translates the class that the cursor stands at.
    void translate() {
        translate(0, false);
    }

    private void translate(int depth, boolean within) {
        if (ignoreCase && depth > 0) {
            throw unsupported("a class within another under (?i)");
        }
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("one of more than " + DEEPEST + " classes within each other,");
        }
        out.append('[');
        cursor.skip(1);
        boolean strict = within;
        if (cursor.startsWith("^")) {
            out.append('^');
            cursor.skip(1);
            strict |= depth > 0;
        }
        boolean empty = true;
        while (!cursor.startsWith("]")) {
            if (!cursor.more()) {
                throw new IllegalArgumentException("Unclosed character class");
            }
            if (!cursor.startsWith("&&")) {
                item(depth, strict);
                empty = false;
            } else if (empty || ignoreCase) {
                throw unsupported(empty ? "a class without characters" : "&& under (?i)");
            } else {
                out.append("&&");
                cursor.skip(2);
                empty = true;
            }
        }
        if (empty) {
            throw unsupported("a class without characters");
        }
        out.append(']');
        cursor.skip(1);
    }

    private static IllegalArgumentException unsupported(String what) {
        return new IllegalArgumentException(what + ", which is not supported,");
    }

    private void item(int depth, boolean strict) {
        if (cursor.startsWith("[:")) {
            posix(strict);
        } else if (cursor.startsWith("[")) {
            translate(depth + 1, strict);
        } else if (!set(strict)) {
            range(code());
        }
    }

    private void posix(boolean strict) {
        Matcher name = cursor.match(POSIX);
        if (name == null) {
            throw unsupported("[: without :]");
        }
        boolean complement = !name.group(1).isEmpty();
        boolean punctuation = name.group(2).equals("punct") && !complement;
        if (!punctuation && !POSIX_NAMES.contains(name.group(2)) || ignoreCase && CASES.contains(name.group(2))) {
            throw unsupported(name.group());
        }
        check(name.group(), complement, strict);
        out.append(punctuation ? "\\p{P}\\p{S}" : name.group());
    }

    /// Translates `\d`, `\p{L}` and the like, if one stands here.
    private boolean set(boolean strict) {
        if (!cursor.startsWith("\\")) {
            return false;
        }
        char c = cursor.afterBackslash();
        if (c == 'p' || c == 'P') {
            cursor.skip(2);
            String property = property(cursor, c == 'P', ignoreCase);
            check(property, property.contains("^"), strict);
            out.append(property);
            return true;
        }
        if (SETS.indexOf(c) < 0) {
            return false;
        }
        cursor.skip(2);
        check("\\" + c, COMPLEMENTS.indexOf(c) >= 0, strict);
        out.append('\\').append(c);
        return true;
    }

    private static void check(String what, boolean complement, boolean strict) {
        if (complement && strict) {
            throw unsupported(what + " within a negated class within another");
        }
    }

    /// Translates a character, or all from it to another.
    private void range(int from) {
        boolean range = cursor.startsWith("-") && !cursor.startsWith("-]") && !cursor.startsWith("-&&")
                && !cursor.startsWith("-[");
        if (!range) {
            append(from, from);
            return;
        }
        cursor.skip(1);
        if (!cursor.more()) {
            throw new IllegalArgumentException("Unclosed character class");
        }
        int to = code();
        if (to < from) {
            throw unsupported("an empty range");
        }
        append(from, to);
    }

    private void append(int from, int to) {
        out.append(hex(from));
        if (to > from) {
            out.append('-').append(hex(to));
        }
        for (int c = from; ignoreCase && c <= to; c++) {
            out.append(otherCases(c));
        }
    }

    /// The single character that stands here.
    private int code() {
        if (!cursor.startsWith("\\")) {
            return cursor.next();
        }
        int code = cursor.escapedCode();
        if (code >= 0) {
            return code;
        }
        char c = cursor.afterBackslash();
        if (CONTROLS.indexOf(c) < 0) {
            throw unsupported("\\" + c + " in a class");
        }
        cursor.skip(2);
        return CONTROL_CODES[CONTROLS.indexOf(c)];
    }

    private static String hex(int c) {
        return "\\x{%x}".formatted(c);
    }

    /// A character in all its cases, for joni's brackets.
    static String anyCase(int c) {
        return hex(c) + otherCases(c);
    }

    private static String otherCases(int c) {
        if (c < 0x80) {
            // The long s and the Kelvin sign.
            String more = (c | 0x20) == 's' ? hex(0x17F) : (c | 0x20) == 'k' ? hex(0x212A) : "";
            return Character.isLetter(c) ? hex(c ^ 0x20) + more : "";
        }
        boolean plain = Character.getType(c) == Character.OTHER_LETTER || !Character.isLetter(c)
                && Character.getType(c) != Character.NON_SPACING_MARK;
        if (!plain || Characters.hasCase(c)) {
            throw unsupported(Character.toString(c) + " under (?i)");
        }
        return "";
    }

    /// Translates the property whose name the cursor stands at.
    static String property(PatternCursor cursor, boolean complement, boolean ignoreCase) {
        Matcher name = cursor.match(PROPERTY);
        if (name == null) {
            throw unsupported("\\p without a name in braces");
        }
        String property = name.group(2);
        if (!CATEGORIES.contains(property) && !isScript(property) || ignoreCase && CASES.contains(property)) {
            throw unsupported("the property " + property + (ignoreCase ? " under (?i)" : ""));
        }
        return "\\p{" + (complement == name.group(1).isEmpty() ? "^" : "") + property + "}";
    }

    private static boolean isScript(String name) {
        try {
            return Character.UnicodeScript.forName(name) != Character.UnicodeScript.UNKNOWN;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
