package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.function.Executable;

/// Safetensors files written by hand, right or wrong, and what is said about the wrong ones.
final class RawSafetensors {
    private RawSafetensors() {
    }

    static Path write(Path file, String header, int... data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return write(file, json.length, json, data);
    }

    static Path write(Path file, long headerLength, byte[] header, int... data) throws IOException {
        var bytes = ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(headerLength).put(header);
        for (int b : data) {
            bytes.put((byte) b);
        }
        return Files.write(file, bytes.array());
    }

    /// The claim that `action` is refused with a sentence that names `file` and holds all `parts`.
    static void refuses(Executable action, Path file, String... parts) {
        var e = assertThrows(MalformedModelException.class, action);
        assertEquals(file, e.file());
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), "wanted \"" + part + "\" in: " + e.getMessage());
        }
    }
}
