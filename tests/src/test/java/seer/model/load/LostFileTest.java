package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static seer.model.load.RawSafetensors.refuses;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A weight file that is cut short while it is open. Windows does not let anyone do that.
@EnabledOnOs({OS.LINUX, OS.MAC})
class LostFileTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    private Path folder;

    private Path write(String name) {
        Path file = folder.resolve(name);
        new SafetensorsWriter().add("w", DType.F32, new float[SIZE], SIZE).write(file);
        return file;
    }

    private static void cut(Path file) throws IOException {
        try (var open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(8192);
        }
    }

    @Test
    void whatIsLostIsRefusedWhereItIsRead() throws IOException {
        Path file = write("a.safetensors");
        try (var open = SafetensorsFile.open(file)) {
            WeightTensor tensor = open.tensor("w");
            WeightTensor integers = new WeightTensor(file, "w", DType.I32, tensor.shape(), tensor.data());
            WeightTensor halves = new WeightTensor(file, "w", DType.BF16, tensor.shape(), tensor.data());
            cut(file);
            refuses(tensor::floats, file, "wanted it as long as when it was opened, got less");
            refuses(tensor::finiteFloats, file, "wanted it as long as when it was opened, got less");
            refuses(integers::ints, file, "wanted it as long as when it was opened, got less");
            refuses(halves::floats, file, "wanted it as long as when it was opened, got less");
        }
    }

    @Test
    void theChecksumIsRefusedToo() throws IOException {
        Path file = write("model.safetensors");
        try (var store = WeightStore.open(folder)) {
            cut(file);
            refuses(store::sha256, file, "wanted it as long as when it was opened, got less");
        }
    }

    @Test
    void otherErrorsOfTheJvmAreNotTakenForThat() {
        var e = new InternalError("something else");
        assertEquals(e, assertThrows(InternalError.class, () -> FileErrors.lost(folder, e)));
    }
}
