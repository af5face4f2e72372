package seer.warp.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The variables that a generated function declares, in an order of their own.
///
/// TornadoVM keeps them in maps by a hash that a JVM draws anew: the same kernel had another text in some processes and
/// not in others, and so NVRTC, which remembers programs by their text, compiled them all again.
final class Declarations {
    /// ` type name, name; ` on a line of its own. Kernels have thousands of names, so no group is repeated: Java's
    /// expressions take the stack for that.
    private static final Pattern DECLARATION = Pattern.compile("( +[a-z][\\w ]* )([\\w, ]+); ?");
    /// `i_9` before `i_10`.
    private static final Comparator<String> BY_NUMBER =
            Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

    private Declarations() { }

    /// The same program with its declarations, which stand behind the brace that opens a function, in order.
    static String ordered(String text) {
        var out = new StringBuilder();
        var declared = new ArrayList<String>();
        boolean within = false;
        for (String line : text.lines().toList()) {
            var parts = DECLARATION.matcher(line);
            if (within && parts.matches()) {
                declared.add(parts.group(1) + names(parts.group(2)) + ";\n");
            } else {
                take(declared, out);
                out.append(line).append('\n');
                within = line.equals("{");
            }
        }
        take(declared, out);
        return out.toString();
    }

    private static String names(String list) {
        return Arrays.stream(list.split(", ")).sorted(BY_NUMBER).collect(Collectors.joining(", "));
    }

    private static void take(List<String> declared, StringBuilder out) {
        Collections.sort(declared);
        declared.forEach(out::append);
        declared.clear();
    }
}
