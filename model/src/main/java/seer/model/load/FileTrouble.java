package seer.model.load;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/// Why the operating system did not read or write a file, in words that stand behind its name.
public final class FileTrouble {
    private FileTrouble() {
    }

    static UncheckedIOException unwritable(Path file, IOException e) {
        Path parent = file.toAbsolutePath().getParent();
        boolean folder = parent != null && Files.isDirectory(parent);
        String reason = !(e instanceof NoSuchFileException) ? reason(e)
                : folder ? "its folder takes no files" : "its folder does not exist";
        return new UncheckedIOException(file + " cannot be written: " + reason, e);
    }

    /// Why a file could not be read, to stand behind its name.
    public static String reading(Path file, IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "wanted a file, got nothing: there is no such file";
            case CharacterCodingException _ -> "is not UTF-8 text";
            case IOException _ when Files.isDirectory(file) -> "wanted a file, got a folder";
            default -> "cannot be read: " + reason(e);
        };
    }

    /// The system's reason without the name of the file, or of Java's class for it.
    public static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "there is no such file or folder";
            case FileAlreadyExistsException _ -> "something of this name is there already";
            case DirectoryNotEmptyException _ -> "this folder is not empty";
            case AccessDeniedException _ -> "access is denied";
            case FileSystemLoopException _ -> "its links lead in a circle";
            case NotDirectoryException _ -> "what stands before its name is no folder";
            case EOFException _ -> "it ends too early (is it truncated?)";
            case FileSystemException system when system.getReason() != null -> switch (system.getReason()) {
                case "Is a directory" -> "it is a folder";
                case "Not a directory" -> "what stands before its name is no folder";
                default -> system.getReason();
            };
            case IOException _ when "Is a directory".equals(e.getMessage()) -> "it is a folder";
            case IOException _ when e.getMessage() != null -> e.getMessage();
            default -> e.toString();
        };
    }
}
