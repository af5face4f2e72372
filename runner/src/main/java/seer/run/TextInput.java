package seer.run;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads the text of a prompt from a file or standard input, as UTF-8.
final class TextInput {
    private TextInput() { }

    static String read(Path file) throws IOException {
        boolean standard = file.toString().equals("-");
        String name = standard ? "standard input" : file.toString();
        byte[] bytes = standard ? System.in.readAllBytes() : Files.readAllBytes(file);
        if (bytes.length == 0) {
            throw new IllegalArgumentException(name + " is empty, wanted a text");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(name + " is not UTF-8 text", e);
        }
    }
}
