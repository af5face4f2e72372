package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.eval.Fingerprint;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.load.DType;
import seer.support.CommandRun;
import seer.support.Demo;
import seer.support.TinyGguf;
import seer.support.TinyModel;

/// What is computed with `--precision int8` says so, and is near what it is without.
class WholeNumbersInResultsTest {
    private static final String SAID = "int8 where a layer's weights have 4 bits, else f32";
    private static final String LINE = "perplexity --select dense --window 300 --windows 1 --text "
            + Demo.MODEL.resolve("thursday.txt") + " --model ";

    @TempDir
    private static Path folder;
    private static Path model;

    @BeforeAll
    static void write() {
        model = TinyGguf.of(TinyModel.random("llama", 256, 512, 4, 4, 64, true), DType.Q4_1)
                .write(folder.resolve("tiny.gguf"));
    }

    private static CommandRun seer(String line) {
        var run = CommandRun.of(line.split(" "));
        assertEquals(0, run.code(), run.err());
        return run;
    }

    private static JsonNode result(String options) throws IOException {
        return new ObjectMapper().readTree(seer(LINE + model + " --json --backend cpu" + options).out());
    }

    @Test
    void resultsNameThePrecisionAndAreNearThoseWithoutIt() throws IOException {
        var exact = result("");
        var rounded = result(" --precision int8");
        assertFalse(exact.get("machine").get("detail").asText().contains("int8"));
        assertTrue(rounded.get("machine").get("detail").asText().endsWith(", " + SAID));
        double wanted = exact.get("rows").get(0).get("perplexity").asDouble();
        double got = rounded.get("rows").get(0).get("perplexity").asDouble();
        assertNotEquals(wanted, got);
        assertEquals(1, got / wanted, 0.02);
    }

    @Test
    void autoTakesTheCpuAndSaysWhy() {
        var run = seer(LINE + model + " --precision int8");
        assertTrue(run.err().startsWith("seer: backend auto: cpu, as only it computes in int8."), run.err());
        assertTrue(run.out().contains(SAID), run.out());
    }

    /// An evaluation that was cut off goes on with what it finds under its fingerprint.
    @Test
    void samplesOfAnotherPrecisionAreNotTakenUp() throws IOException {
        try (var exact = Backends.cpu(1); var floats = LanguageModel.open(model, exact);
                var rounding = Backends.cpuInt8(1); var rounded = LanguageModel.open(model, rounding)) {
            Path none = folder.resolve("none");
            assertEquals(Fingerprint.of(floats, none, exact.info()), Fingerprint.of(floats, none, exact.info()));
            assertNotEquals(Fingerprint.of(floats, none, exact.info()),
                    Fingerprint.of(rounded, none, rounding.info()));
        }
    }

    @Test
    void aModelOfOtherWeightsIsRefused() {
        var run = CommandRun.of((LINE + Demo.MODEL + " --backend cpu --precision int8").split(" "));
        assertEquals(1, run.code());
        assertTrue(run.err().contains("wanted some of 4 bits, Q4_0, Q4_1 or Q4_K"), run.err());
    }

    /// Embedding and head are never multiplied so.
    @Test
    void aModelWithFourBitsOutsideOfItsLayersAloneIsRefused() {
        Path other = TinyGguf.of(TinyModel.random("llama", 256, 512, 4, 4, 64, false), name ->
                name.contains("layers") ? DType.Q8_0 : DType.Q4_0).write(folder.resolve("other.gguf"));
        var run = CommandRun.of((LINE + other + " --backend cpu --precision int8").split(" "));
        assertEquals(1, run.code());
        assertEquals("seer: precision int8 with " + other + ", whose layers' weights are F32, Q8_0: wanted some of "
                + "4 bits, Q4_0, Q4_1 or Q4_K", run.err().strip());
        String about = seer("info " + other).out();
        assertTrue(about.contains(" of them cache"), about);
        assertFalse(about.contains("in int8"), about);
    }
}
