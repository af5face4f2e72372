package seer.model.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// What the operating system says about a file, as a sentence.
final class FileErrors {
    private FileErrors() {
    }

    static MalformedModelException unreadable(Path file, IOException e) {
        String reason = switch (e) {
            case NoSuchFileException _ -> "wanted a file, got nothing: there is no such file";
            case IOException _ when Files.isDirectory(file) -> "wanted a file, got a folder";
            default -> "cannot be read: " + e;
        };
        return new MalformedModelException(file, reason, e);
    }
}
