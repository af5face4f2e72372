package seer.eval;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import seer.model.load.AtomicFile;

/// A picture as a PNG file. Needs java.desktop.
public final class PngFile {
    private PngFile() { }

    /// Replaces or creates `file`.
    public static void write(Path file, BufferedImage image) {
        AtomicFile.write(file, bytes(image));
    }

    /// Encoded in memory: Image I/O would otherwise keep a copy in java.io.tmpdir, which need not be writable.
    private static byte[] bytes(BufferedImage image) {
        var bytes = new ByteArrayOutputStream();
        try (var stream = new MemoryCacheImageOutputStream(bytes)) {
            if (!ImageIO.write(image, "png", stream)) {
                throw new IllegalStateException("this JDK has no PNG writer");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a picture does not become PNG: " + e.getMessage(), e);
        }
        return bytes.toByteArray();
    }
}
