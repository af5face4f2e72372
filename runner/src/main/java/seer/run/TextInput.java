package seer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import seer.model.load.FileTrouble;
import seer.model.load.Utf8Text;

/// Reads the text of a prompt from a file or standard input, as UTF-8.
final class TextInput {
    private TextInput() { }

    static String read(Path file) {
        boolean standard = file.toString().equals("-");
        String name = standard ? "standard input" : file.toString();
        byte[] bytes = standard ? standardInput() : bytes(file);
        if (bytes.length == 0) {
            throw new IllegalArgumentException(name + " is empty, wanted a text");
        }
        return Utf8Text.decode(bytes, wrong -> new IllegalArgumentException(name + " " + wrong));
    }

    private static byte[] standardInput() {
        try {
            return System.in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalArgumentException("standard input: " + FileTrouble.reason(e), e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": " + FileTrouble.reading(file, e), e);
        }
    }
}
