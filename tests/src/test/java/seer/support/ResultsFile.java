package seer.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import seer.model.load.AtomicFile;

/// Measured results, kept in docs/results.md: each section is replaced whole by the check that measured it, the others
/// stay.
public final class ResultsFile {
    private static final Path FILE = Path.of("docs/results.md");

    private ResultsFile() { }

    /// Replaces what stands between the section's markers; blanks at the ends of lines go.
    ///
    /// @throws IOException if the file has no such section
    public static synchronized void replace(String section, String printed) throws IOException {
        String markdown = printed.lines().map(String::stripTrailing).collect(Collectors.joining("\n"));
        String begin = "<!-- begin " + section + " -->\n";
        String end = "<!-- end " + section + " -->";
        String text = Files.readString(FILE);
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(FILE + " has no section " + section + ", wanted the lines " + begin.strip() + " and "
                    + end);
        }
        String changed = text.substring(0, from + begin.length()) + markdown.strip() + "\n" + text.substring(to);
        AtomicFile.write(FILE, changed);
    }

    /// Replaces the row of a section's table that begins with this cell; without one it becomes the last.
    public static synchronized void row(String section, String name, String cells) throws IOException {
        String text = Files.readString(FILE);
        String begin = "<!-- begin " + section + " -->\n";
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf("<!-- end " + section + " -->");
        var lines = new ArrayList<>(text.substring(from, to).lines().toList());
        String start = "| " + name + " |";
        int at = IntStream.range(0, lines.size()).filter(i -> lines.get(i).startsWith(start)).findFirst().orElse(-1);
        String row = start + " " + cells + " |";
        if (at < 0) {
            lines.add(row);
        } else {
            lines.set(at, row);
        }
        replace(section, String.join("\n", lines));
    }
}
