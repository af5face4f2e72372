package seer.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.BackendChoice;
import seer.model.backend.BackendUnavailableException;
import seer.model.load.DType;
import seer.support.Demo;
import seer.support.TinyGguf;
import seer.support.TinyModel;

/// Where executors compute: what `--backend` and `--precision` mean everywhere.
class PlaceTest {
    private static Place place(Path model, String backend, String precision) {
        return new Place(model.toString(), null, null, null, BackendChoice.Kind.of(backend), 0,
                BackendChoice.Precision.of(precision));
    }

    /// `auto` goes by the GPU that Spark assigned; a precision that only one side computes in decides for itself.
    @ParameterizedTest
    @CsvSource({"auto, auto, CPU, TORNADO", "auto, f32, CPU, TORNADO", "auto, bf16, TORNADO, TORNADO",
        "auto, int8, CPU, CPU", "cpu, auto, CPU, CPU", "cpu, int8, CPU, CPU", "tornado, bf16, TORNADO, TORNADO",
        "tornado, auto, TORNADO, TORNADO", "simulator, f32, SIMULATOR, SIMULATOR"})
    void executorsDecideAsCommandsDo(String backend, String precision, String without, String with) {
        var place = place(Demo.MODEL, backend, precision);
        assertEquals(without, place.choice(3, false).kind().name());
        assertEquals(with, place.choice(3, true).kind().name());
        assertEquals(3, place.choice(3, true).threads());
        var choice = new BackendChoice(BackendChoice.Kind.of(backend), BackendChoice.Precision.of(precision), 3);
        assertEquals(choice.decided(Optional.empty()), place.choice(3, true));
        assertEquals(choice.decided(Optional.of("no device")), place.choice(3, false));
    }

    @ParameterizedTest
    @CsvSource({"cpu, bf16, 'which computes in f32 or int8'", "tornado, int8, 'wanted cpu: only it computes so'",
        "simulator, int8, 'wanted cpu: only it computes so'"})
    void whatDoesNotGoTogetherIsOneSentence(String backend, String precision, String sentence) {
        assertEquals("precision " + precision + " with backend " + backend + ", " + sentence,
                assertThrows(IllegalArgumentException.class, () -> place(Demo.MODEL, backend, precision)).getMessage());
    }

    /// Nobody who asked for bf16 gets f32 of the cpu.
    @Test
    void halvesNeverFallBack() {
        assertEquals("backend tornado: only the simulator is on the class path, not TornadoVM; see docs/tornadovm.md",
                assertThrows(BackendUnavailableException.class, () -> OpenModel.open(place(Demo.MODEL, "auto", "bf16"),
                        "").close()).getMessage());
    }

    @Test
    void wholeNumbersLeaveAutoTheCpu(@TempDir Path folder) {
        Path file = TinyGguf.of(TinyModel.random("llama", 256, 512, 4, 4, 64, true), DType.Q4_0)
                .write(folder.resolve("tiny.gguf"));
        try (var open = OpenModel.open(place(file, "auto", "int8"), "")) {
            assertEquals("cpu", open.backend().info().backend());
            assertEquals("int8 where a layer's weights have 4 bits, else f32", open.backend().arithmetic());
        }
    }
}
