package seer.model.text;

import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jcodings.specific.UTF8Encoding;
import org.joni.Matcher;
import org.joni.Option;
import org.joni.Regex;
import org.joni.Syntax;
import org.joni.WarnCallback;
import org.joni.exception.JOniException;
import seer.model.load.MalformedModelException;
import seer.model.load.Utf8Text;

/// A regular expression of a tokenizer.json, which are Oniguruma's: they run on joni, which is Oniguruma in Java.
///
/// Java's own expressions read some patterns as others, overflow the stack on long matches, and do not stop. joni
/// keeps its stack on the heap and stops when told. What it reads otherwise than Oniguruma 6.9, as random patterns
/// have shown, [PatternDialect] translates or refuses.
///
/// The texts are UTF-8 there and Java's chars here, so that places are counted along.
final class OnigurumaPattern implements TextPattern {
    /// Oniguruma's own syntax: Ruby's, but `\s`, `\d`, `\w` and POSIX classes are Unicode's, and four hex digits
    /// behind `u` are known.
    private static final Syntax SYNTAX = new Syntax("ONIGURUMA", Syntax.RUBY.op, Syntax.TEST.op2, Syntax.RUBY.op3,
            Syntax.RUBY.behavior, Syntax.RUBY.options & ~Option.ASCII_RANGE, Syntax.RUBY.metaCharTable);
    /// Bytes of starting places that are tried at once: joni counts time within one of them, not from one to the next.
    private static final int WINDOW = 2048;

    /// Longest piece of a pattern that a complaint quotes.
    private static final int QUOTED = 200;

    private final Regex regex;
    private final String pattern;
    private final Function<String, MalformedModelException> complaint;

    private OnigurumaPattern(Regex regex, String pattern, Function<String, MalformedModelException> complaint) {
        this.regex = regex;
        this.pattern = pattern;
        this.complaint = complaint;
    }

    /// Compiles a pattern; `complaint` makes an exception of what is wrong with it, now or on some text later.
    ///
    /// The alternative that never matches keeps joni from looking for literal parts of the pattern first, which finds
    /// little in patterns that match everywhere, and does not return from compiling some.
    static OnigurumaPattern compile(String pattern, Function<String, MalformedModelException> complaint) {
        try {
            if (Utf8Text.hasHalf(pattern)) { // joni does not return from compiling it
                throw new IllegalArgumentException("half a character");
            }
            byte[] bytes = ("(?:" + PatternDialect.translate(pattern) + ")|(?!)").getBytes(StandardCharsets.UTF_8);
            return new OnigurumaPattern(new Regex(bytes, 0, bytes.length, Option.DONT_CAPTURE_GROUP,
                    UTF8Encoding.INSTANCE, SYNTAX, WarnCallback.NONE), pattern, complaint);
        } catch (IllegalArgumentException | JOniException e) {
            throw complaint.apply(e.getMessage() + " in " + brief(pattern));
        } catch (RuntimeException _) {
            throw complaint.apply("one that cannot be compiled: " + brief(pattern));
        }
    }

    /// An empty match right behind the one before is not a match, and no second one begins in the middle of a
    /// character.
    @Override
    public void find(Piece piece, Matches matches) {
        byte[] bytes = piece.text().getBytes(StandardCharsets.UTF_8);
        var places = new Places(piece.text(), bytes.length);
        Matcher matcher = regex.matcher(bytes, 0, bytes.length);
        int from = 0;
        int before = -1;
        while (from <= bytes.length && search(matcher, bytes, from, piece.limit())) {
            int start = matcher.getBegin();
            int end = matcher.getEnd();
            if (end == start && end == before) {
                from = boundary(bytes, from + 1);
                continue;
            }
            matches.accept(places.of(start), places.of(end));
            from = end;
            before = end;
        }
    }

    private boolean search(Matcher matcher, byte[] bytes, int from, WorkLimit limit) {
        for (int at = from;;) {
            int range = boundary(bytes, Math.min(bytes.length, at + WINDOW));
            long start = System.nanoTime();
            matcher.setTimeout(limit.left());
            int found = search(matcher, at, range);
            limit.spend(System.nanoTime() - start);
            if (found == Matcher.INTERRUPTED || limit.exceeded()) {
                throw complaint.apply("one that does not come to an end within " + limit + " on this text: "
                        + brief(pattern));
            }
            if (found >= 0 || range == bytes.length) {
                return found >= 0;
            }
            at = range;
        }
    }

    private int search(Matcher matcher, int from, int range) {
        try {
            return matcher.search(from, range, Option.NONE);
        } catch (RuntimeException _) {
            throw complaint.apply("one that fails on this text: " + brief(pattern));
        }
    }

    private static String brief(String pattern) {
        return pattern.length() <= QUOTED ? pattern : pattern.substring(0, QUOTED) + "...";
    }

    /// The first byte at or behind `at` that a character begins with.
    private static int boundary(byte[] bytes, int at) {
        int boundary = at;
        while (boundary < bytes.length && (bytes[boundary] & 0xC0) == 0x80) {
            boundary++;
        }
        return boundary;
    }

    /// Finds the places in a string of places in UTF-8, each at or behind the one asked for before.
    private static final class Places {
        private final String text;
        private final boolean same;
        private int bytes;
        private int chars;

        Places(String text, int length) {
            this.text = text;
            this.same = text.length() == length;
        }

        int of(int place) {
            if (same) {
                return place;
            }
            while (bytes < place) {
                char c = text.charAt(chars);
                bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isHighSurrogate(c) ? 4 : 3;
                chars += Character.isHighSurrogate(c) ? 2 : 1;
            }
            return chars;
        }
    }
}
