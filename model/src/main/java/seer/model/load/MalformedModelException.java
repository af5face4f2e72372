package seer.model.load;

import java.nio.file.Path;

/// A file of a model or of gates that does not hold what it must: one sentence naming the file, the
/// field, what was wanted and what was found.
public final class MalformedModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    public MalformedModelException(Path file, String reason) {
        super(oneLine(file + ": " + reason));
        this.file = file;
    }

    public MalformedModelException(Path file, String reason, Throwable cause) {
        super(oneLine(file + ": " + reason), cause);
        this.file = file;
    }

    /// The offending file.
    public Path file() {
        return file;
    }

    /// What a file holds may stand in the sentence; its line feeds and other controls are written out, so that a
    /// sentence stays a line and a terminal is not told what to do.
    private static String oneLine(String text) {
        if (text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        var line = new StringBuilder();
        text.chars().forEach(c -> {
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (Character.isISOControl(c)) {
                        line.append("\\u%04x".formatted(c));
                    } else {
                        line.append((char) c);
                    }
                }
            }
        });
        return line.toString();
    }
}
