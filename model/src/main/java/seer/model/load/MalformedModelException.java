package seer.model.load;

import java.nio.file.Path;

/// A file of a model or of gates that does not hold what it must: one sentence naming the file, the
/// field, what was wanted and what was found.
public final class MalformedModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    public MalformedModelException(Path file, String reason) {
        super(file + ": " + reason);
        this.file = file;
    }

    public MalformedModelException(Path file, String reason, Throwable cause) {
        super(file + ": " + reason, cause);
        this.file = file;
    }

    /// The offending file.
    public Path file() {
        return file;
    }
}
