package seer.model.load;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// What the operating system says about a file, as a sentence.
final class FileErrors {
    private FileErrors() {
    }

    static MalformedModelException unreadable(Path file, IOException e) {
        return new MalformedModelException(file, reason(file, e), e);
    }

    private static String reason(Path file, IOException e) {
        return switch (e) {
            case NoSuchFileException _ when Files.isSymbolicLink(file) ->
                    "wanted a file, got a link to one that is not there";
            case NoSuchFileException _ -> "wanted a file, got nothing: there is no such file";
            case IOException _ when Files.isDirectory(file) -> "wanted a file, got a folder";
            case IOException _ when file.getParent() != null && Files.isRegularFile(file.getParent()) ->
                    "wanted it in a folder, got " + FileKind.of(file.getParent()).orElse("a file") + " instead of one";
            case AccessDeniedException _ -> "wanted a file that may be read, got one without the permission to";
            case FileSystemException system when system.getReason() != null ->
                    "wanted a file that can be read, got an error of the system: " + system.getReason();
            case IOException other when other.getMessage() != null ->
                    "wanted a file that can be read, got an error of the system: " + other.getMessage();
            default -> "wanted a file that can be read, got an error of the system";
        };
    }

    /// Has a fault in mapped memory reported here. Compiled code goes on after one, and the JVM throws its error when
    /// the thread next comes back from native code, maybe far from where the file is known: this call goes there and
    /// back, in less than a tenth of a microsecond, and does nothing else.
    static void settle() {
        Thread.holdsLock(FileErrors.class);
    }

    /// What became of a file that was shortened, or whose disk failed, while it was mapped: touching the lost part
    /// ends in an [InternalError].
    static MalformedModelException lost(Path file, InternalError e) {
        if (!String.valueOf(e.getMessage()).contains("unsafe memory access")) {
            throw e;
        }
        return shortened(file, e);
    }

    /// The same where its length says so.
    static MalformedModelException shortened(Path file, Throwable cause) {
        return new MalformedModelException(file, "wanted it as long as when it was opened, got less: it was cut short "
                + "or replaced while it was in use, or the disk failed", cause);
    }
}
