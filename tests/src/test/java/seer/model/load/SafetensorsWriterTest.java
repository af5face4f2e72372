package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsReadBack() {
        var random = new Random(1);
        var wide = new float[7 * 20_011];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = Float.intBitsToFloat(random.nextInt());
        }
        var coarse = new float[] {1, -2, 0.5f};
        Path file = folder.resolve("gate.safetensors");
        new SafetensorsWriter().metadata("format", "pt").metadata("note", "ü \"quoted\"")
                .add("coarse", DType.BF16, coarse, 3)
                .add("wide", DType.F32, wide, 7, 20_011)
                .add("empty", DType.F32, new float[0], 0, 4)
                .add("scalar", DType.F32, new float[] {3})
                .write(file);
        try (var open = SafetensorsFile.open(file)) {
            assertEquals(Map.of("format", "pt", "note", "ü \"quoted\""), open.metadata());
            assertEquals(List.of(7, 20_011), open.tensor("wide").shape());
            assertArrayEquals(wide, open.tensor("wide").floats());
            assertEquals(DType.BF16, open.tensor("coarse").type());
            assertArrayEquals(coarse, open.tensor("coarse").floats());
            assertEquals(0, open.tensor("empty").size());
            assertArrayEquals(new float[] {3}, open.tensor("scalar").floats());
        }
    }

    @Test
    void roundingToBfloat16IsToNearestEven() {
        for (int upper = 0; upper < 1 << 16; upper++) {
            float exact = Float.intBitsToFloat(upper << 16);
            if (Float.isNaN(exact)) {
                assertTrue(Float.isNaN(Float.intBitsToFloat(SafetensorsWriter.bfloat16(exact) << 16)));
                continue;
            }
            assertEquals((short) upper, SafetensorsWriter.bfloat16(exact));
            if (Float.isInfinite(exact)) {
                continue;
            }
            assertEquals((short) upper, SafetensorsWriter.bfloat16(Float.intBitsToFloat(upper << 16 | 0x7FFF)));
            assertEquals((short) (upper + 1), SafetensorsWriter.bfloat16(Float.intBitsToFloat(upper << 16 | 0x8001)));
            assertEquals((short) (upper + (upper & 1)),
                    SafetensorsWriter.bfloat16(Float.intBitsToFloat(upper << 16 | 0x8000)));
        }
        assertTrue(Float.isNaN(Float.intBitsToFloat(
                SafetensorsWriter.bfloat16(Float.intBitsToFloat(0x7F800001)) << 16)));
    }

    @Test
    void wrongTensorsAreRefused() {
        var writer = new SafetensorsWriter().add("w", DType.F32, new float[2], 2);
        refuses(() -> writer.add("v", DType.F32, new float[5], 2, 3), "tensor v: wanted 6 values", "got 5");
        refuses(() -> writer.add("v", DType.F16, new float[1], 1), "tensor v: wanted type F32 or BF16, got F16");
        refuses(() -> writer.add("w", DType.F32, new float[2], 2), "tensor w: wanted each name once");
    }

    private static void refuses(Runnable action, String... parts) {
        var e = assertThrows(IllegalArgumentException.class, action::run);
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
    }

    @Test
    void theOldFileStaysWhenWritingBreaksOff() throws IOException {
        Path file = Files.writeString(folder.resolve("gate.safetensors"), "old");
        assertThrows(UncheckedIOException.class, () -> AtomicFile.write(file, channel -> {
            channel.write(ByteBuffer.allocate(1000));
            throw new IOException("disk full");
        }));
        assertEquals("old", Files.readString(file));
        assertEquals(List.of(file), files());
        assertThrows(IllegalStateException.class, () -> AtomicFile.write(file, _ -> {
            throw new IllegalStateException("a bug");
        }));
        assertEquals("old", Files.readString(file));
        assertEquals(List.of(file), files());
    }

    @Test
    void theOldFileStaysReadableUntilTheNewIsWhole() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "old");
        AtomicFile.write(file, channel -> {
            channel.write(ByteBuffer.wrap(new byte[] {'n', 'e', 'w'}));
            assertEquals("old", Files.readString(file));
            assertEquals(2, files().size());
        });
        assertEquals("new", Files.readString(file));
        assertEquals(List.of(file), files());
    }

    @Test
    void anOpenFileKeepsItsOldContents() {
        Path file = folder.resolve("w.safetensors");
        new SafetensorsWriter().add("w", DType.F32, new float[] {1}, 1).write(file);
        try (var open = SafetensorsFile.open(file)) {
            new SafetensorsWriter().add("v", DType.F32, new float[] {2, 3}, 2).write(file);
            assertArrayEquals(new float[] {1}, open.tensor("w").floats());
        }
        try (var open = SafetensorsFile.open(file)) {
            assertArrayEquals(new float[] {2, 3}, open.tensor("v").floats());
        }
    }

    @Test
    void aDraftLeftByACrashIsNeverReadAsWeights() throws IOException {
        new SafetensorsWriter().add("w", DType.F32, new float[] {1}, 1).write(folder.resolve("model.safetensors"));
        Files.write(folder.resolve(".model.safetensors.1234.tmp"), new byte[5]);
        try (var store = WeightStore.open(folder)) {
            assertEquals(1, store.parameterCount());
        }
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Path file = folder.resolve("gone").resolve("w.safetensors");
        var e = assertThrows(UncheckedIOException.class,
                () -> new SafetensorsWriter().add("w", DType.F32, new float[1], 1).write(file));
        assertTrue(e.getMessage().startsWith(file + " cannot be written"), e.getMessage());
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }
}
