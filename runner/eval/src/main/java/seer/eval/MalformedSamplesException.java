package seer.eval;

import java.nio.file.Path;

/// A file of samples that does not hold what it must, or samples of something else: one sentence naming the file,
/// the line, what was wanted and what was found.
public final class MalformedSamplesException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    MalformedSamplesException(Path file, String reason) {
        super(file + ": " + reason);
    }
}
