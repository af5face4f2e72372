package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static seer.model.load.RawSafetensors.refuses;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
    @TempDir
    private Path folder;

    private void malformed(String header, int dataSize, String... parts) throws IOException {
        Path file = RawSafetensors.write(folder.resolve("model.safetensors"), header, new int[dataSize]);
        refuses(() -> SafetensorsFile.open(file), file, parts);
    }

    @Test
    void aFileIsReadBack() throws IOException {
        Path file = RawSafetensors.write(folder.resolve("a.safetensors"), """
                {"__metadata__": {"format": "pt"},
                 "b": {"dtype": "U8", "shape": [3], "data_offsets": [4, 7]},
                 "a": {"dtype": "I16", "shape": [2, 1], "data_offsets": [0, 4]},
                 "none": {"dtype": "F32", "shape": [0, 5], "data_offsets": [4, 4]}}""",
                1, 0, 0xFE, 0xFF, 7, 8, 255);
        try (var open = SafetensorsFile.open(file)) {
            assertEquals(Set.of("a", "b", "none"), open.names());
            assertEquals(Map.of("format", "pt"), open.metadata());
            assertEquals(List.of(2, 1), open.tensor("a").shape());
            assertArrayEquals(new int[] {1, -2}, open.tensor("a").ints());
            assertArrayEquals(new int[] {7, 8, 255}, open.tensor("b").ints());
            assertEquals(0, open.tensor("none").floats().length);
            assertEquals(5, open.parameterCount());
        }
    }

    @Test
    void aScalarHasNoShapeAndOneElement() throws IOException {
        Path file = RawSafetensors.write(folder.resolve("a.safetensors"),
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [], \"data_offsets\": [0, 4]}}", 0, 0, 0x80, 0x3F);
        try (var open = SafetensorsFile.open(file)) {
            assertArrayEquals(new float[] {1}, open.tensor("a").floats());
        }
    }

    @Test
    void aTensorOutlivedByItsFileFailsInsteadOfCrashing() throws IOException {
        Path file = RawSafetensors.write(folder.resolve("a.safetensors"),
                "{\"a\": {\"dtype\": \"U8\", \"shape\": [1], \"data_offsets\": [0, 1]}}", 9);
        var open = SafetensorsFile.open(file);
        WeightTensor tensor = open.tensor("a");
        open.close();
        open.close();
        assertThrows(IllegalStateException.class, tensor::ints);
    }

    @Test
    void namesAreToldWholeButForThoseThatNobodyGives() throws IOException {
        for (int length : new int[] {150, 3000}) {
            String name = "x".repeat(length - 7) + ".weight";
            Path file = RawSafetensors.write(folder.resolve("a.safetensors"),
                    "{\"" + name + "\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 8]}}", new int[8]);
            refuses(() -> SafetensorsFile.open(file), file, "tensor " + (length == 150 ? name : "x".repeat(200) + "...")
                    + ", data_offsets: wanted 4");
        }
    }

    @Test
    void noFileAtAll() {
        Path file = folder.resolve("gone.safetensors");
        refuses(() -> SafetensorsFile.open(file), file, "wanted a file", "there is no such file");
        refuses(() -> SafetensorsFile.open(folder), folder, "wanted a file, got a folder");
    }

    @Test
    void shorterThanTheHeaderLength() throws IOException {
        Path file = Files.write(folder.resolve("a.safetensors"), new byte[7]);
        refuses(() -> SafetensorsFile.open(file), file, "header length", "wanted a file of at least 8 bytes", "got 7");
    }

    @Test
    void headerBeyondTheFile() throws IOException {
        Path file = RawSafetensors.write(folder.resolve("a.safetensors"), 500, "{}".getBytes());
        refuses(() -> SafetensorsFile.open(file), file, "header length", "wanted at most 2 bytes", "got 500");
    }

    @Test
    void absurdHeaderLengths() throws IOException {
        Path negative = RawSafetensors.write(folder.resolve("a.safetensors"), -1, "{}".getBytes());
        refuses(() -> SafetensorsFile.open(negative), negative, "header length", "got 18446744073709551615");
        Path huge = RawSafetensors.write(folder.resolve("b.safetensors"), 100_000_001, "{}".getBytes());
        try (var file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(120_000_000);
        }
        refuses(() -> SafetensorsFile.open(huge), huge, "wanted at most 100000000 bytes", "got 100000001");
    }

    @Test
    void headerThatIsNotJson() throws IOException {
        malformed("{\"a\": nonsense}", 0, "header is not JSON at byte 1", "nonsense");
        malformed("{\"a\": {", 0, "header is not JSON at byte 15", "wanted more, got the end of the file");
        malformed("[1, 2]", 0, "wanted a JSON object, got [1,2]");
        malformed("", 0, "wanted a JSON object, got nothing");
        malformed("{} {}", 0, "header is not JSON");
        malformed("\0\0\0{", 0, "header is not JSON");
    }

    @Test
    void oneNameTwice() throws IOException {
        String a = "\"a\": {\"dtype\": \"U8\", \"shape\": [0], \"data_offsets\": [0, 0]}";
        malformed("{" + a + "," + a + "}", 0, "header is not JSON at byte",
                "wanted every name once, got \"a\" a second time");
    }

    @Test
    void entryThatIsNoTensor() throws IOException {
        malformed("{\"a\": 3}", 0, "field a: wanted an object, got 3");
        malformed("{\"a\": {\"shape\": [0], \"data_offsets\": [0, 0]}}", 0,
                "field a.dtype: wanted a string, got nothing");
        malformed("{\"a\": {\"dtype\": \"U8\", \"data_offsets\": [0, 0]}}", 0, "a.shape: wanted a list of integers");
        malformed("{\"a\": {\"dtype\": \"U8\", \"shape\": [0]}}", 0, "a.data_offsets", "got nothing");
        malformed("{\"__metadata__\": {\"format\": 3}}", 0, "__metadata__[\"format\"]: wanted a string, got 3");
    }

    private void tensor(String dtype, String shape, String offsets, int dataSize, String... parts) throws IOException {
        malformed("{\"w\": {\"dtype\": \"%s\", \"shape\": %s, \"data_offsets\": %s}}"
                .formatted(dtype, shape, offsets), dataSize, parts);
    }

    @Test
    void unknownType() throws IOException {
        tensor("Q4", "[1]", "[0, 1]", 1, "field w.dtype: wanted one of [F32, F16, BF16", "got Q4");
    }

    @Test
    void impossibleShapes() throws IOException {
        tensor("U8", "[-1]", "[0, 1]", 1, "field w.shape: wanted extents from 0 to 2147483647, got [-1]");
        tensor("U8", "[3000000000]", "[0, 1]", 1, "w.shape", "got [3000000000]");
        tensor("F32", "[2000000000, 2000000000, 8]", "[0, 1]", 1, "w.shape: wanted a size that 64 bits hold");
        tensor("U8", "[1.5]", "[0, 1]", 1, "w.shape: wanted a list of 64-bit integers, got [1.5]");
        tensor("U8", "[99999999999999999999]", "[0, 1]", 1, "w.shape: wanted a list of 64-bit integers");
        tensor("U8", "7", "[0, 1]", 1, "w.shape: wanted a list of integers, got 7");
    }

    @Test
    void impossibleOffsets() throws IOException {
        tensor("U8", "[4]", "[0, 4]", 3, "w.data_offsets: wanted an end of at most 3", "got [0, 4]", "truncated");
        tensor("U8", "[1]", "[1, 0]", 1, "w.data_offsets: wanted 0 <= begin <= end, got [1, 0]");
        tensor("U8", "[1]", "[-1, 0]", 1, "w.data_offsets: wanted 0 <= begin <= end, got [-1, 0]");
        tensor("U8", "[1]", "[0]", 1, "w.data_offsets: wanted two integers, got [0]");
        tensor("U8", "[1]", "[0, 9223372036854775808]", 1, "w.data_offsets: wanted a list of 64-bit integers");
    }

    @Test
    void sizeThatIsNotShapeTimesType() throws IOException {
        tensor("F32", "[2, 3]", "[0, 20]", 20, "tensor w, data_offsets: wanted 24 bytes for F32 [2, 3], got 20");
    }

    @Test
    void overlapsAndHoles() throws IOException {
        String two = "{\"a\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [0, 4]},"
                + "\"b\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [%d, %d]}}";
        malformed(two.formatted(3, 7), 7, "tensor b, data_offsets: wanted a begin of 4, where tensor a ends, got 3");
        malformed(two.formatted(0, 4), 4, "tensor b, data_offsets", "they overlap");
        malformed(two.formatted(6, 10), 10, "got bytes 4 to 6, before tensor b, in none");
        malformed(two.formatted(4, 8), 9, "got bytes 8 to 9, before the end of the file, in none");
    }

    @Test
    void aMissingTensorIsNamedWithItsNearest() throws IOException {
        Path file = RawSafetensors.write(folder.resolve("a.safetensors"), """
                {"model.layers.0.mlp.up_proj.weight": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]},
                 "model.norm.weight": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}}""");
        try (var open = SafetensorsFile.open(file)) {
            refuses(() -> open.tensor("model.layers.7.mlp.up_proj.weight"), file,
                    "tensor model.layers.7.mlp.up_proj.weight", "the nearest is model.layers.0.mlp.up_proj.weight");
            refuses(() -> open.tensor("zzz"), file, "tensor zzz: wanted it here, got 2 others");
        }
    }

    @Test
    void aWrongShapeIsNamed() throws IOException {
        Path file = RawSafetensors.write(folder.resolve("a.safetensors"),
                "{\"a\": {\"dtype\": \"U8\", \"shape\": [2], \"data_offsets\": [0, 2]}}", 1, 2);
        try (var open = SafetensorsFile.open(file)) {
            refuses(() -> open.tensor("a").require(2, 1), file, "tensor a", "[2]", "wanted [2, 1]");
            refuses(() -> open.tensor("a").floats(), file, "tensor a has dtype U8, wanted F32, F16 or BF16");
        }
    }

    @Test
    void truncatingARealFileAnywhereIsNoticed() throws IOException {
        byte[] whole = Files.readAllBytes(Path.of("demo-model", "gate", "attn_gate_weights.safetensors"));
        for (int length : new int[] {0, 3, 8, 9, 500, 1039, 1040, 5000, whole.length / 2, whole.length - 1}) {
            Path file = Files.write(folder.resolve("cut.safetensors"), Arrays.copyOf(whole, length));
            refuses(() -> SafetensorsFile.open(file), file, "wanted", "got");
        }
    }
}
