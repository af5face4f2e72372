package seer.warp.compiler;

import java.util.Arrays;
import java.util.Comparator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The variables that a generated function declares, in an order of their own.
///
/// TornadoVM keeps them in maps by a hash that a JVM draws anew: the same kernel had another text in some processes and
/// not in others, and so NVRTC, which remembers programs by their text, compiled them all again.
final class Declarations {
    /// ` type name, name; ` on lines of their own, behind the brace that opens a function.
    private static final String LINE = " +[a-z][a-z0-9_ ]* \\w+(?:, \\w+)*; ?\\R";
    private static final Pattern BLOCK = Pattern.compile("(?m)(?<=^\\{\\n)(?:" + LINE + ")+");
    private static final Pattern PARTS = Pattern.compile("( +[a-z][a-z0-9_ ]* )(\\w+(?:, \\w+)*);.*");
    /// `i_9` before `i_10`.
    private static final Comparator<String> BY_NUMBER =
            Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

    private Declarations() { }

    /// The same program with its declarations in order.
    static String ordered(String text) {
        return BLOCK.matcher(text).replaceAll(block -> Matcher.quoteReplacement(lines(block)));
    }

    private static String lines(MatchResult block) {
        return block.group().lines().map(Declarations::line).sorted().collect(Collectors.joining("\n", "", "\n"));
    }

    private static String line(String line) {
        var parts = PARTS.matcher(line);
        if (!parts.matches()) {
            throw new IllegalStateException("a declaration reads \"" + line + "\", wanted a type and names");
        }
        return parts.group(1) + Arrays.stream(parts.group(2).split(", ")).sorted(BY_NUMBER)
                .collect(Collectors.joining(", ")) + ";";
    }
}
