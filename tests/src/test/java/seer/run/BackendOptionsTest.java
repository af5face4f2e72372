package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import seer.support.CommandRun;
import seer.support.Demo;
import seer.support.TinyModel;
import seer.support.WatchedRanges;

/// `--backend` and `seer devices` in a JVM without TornadoVM: here the simulator is on the class path.
class BackendOptionsTest {
    private static final String STORY = Demo.MODEL.resolve("thursday.txt").toString();
    private static final String OBSTACLE = "only the simulator is on the class path, not TornadoVM";

    private static CommandRun seer(String... arguments) {
        return CommandRun.of(arguments);
    }

    private static CommandRun perplexity(String backend) {
        return seer("perplexity", "--text", STORY, "--window", "20", "--windows", "1", "--select", "dense",
                "--backend", backend);
    }

    @Command
    private static final class Holder {
        @Mixin private BackendOptions options;
    }

    /// A training opens its backend in fp32 where nobody says otherwise, a prefill in what suits the model.
    @Test
    void otherProcessesAreToldThePrecisionOfThisOne() {
        for (var each : Map.of("auto", List.of("auto", "f32"), "bf16", List.of("bf16", "bf16"), "f32",
                List.of("f32", "f32"), "int8", List.of("int8", "int8")).entrySet()) {
            var holder = new Holder();
            new CommandLine(holder).parseArgs("--precision", each.getKey());
            assertEquals(each.getValue(), Stream.of(true, false)
                    .map(halves -> holder.options.place(Path.of("m"), null, null, halves).precision()).toList());
        }
    }

    @Test
    void autoSaysInOneLineWhatItChoseAndWhy() {
        var run = seer("perplexity", "--text", STORY, "--window", "20", "--windows", "1", "--select", "dense");
        assertEquals(0, run.code(), run.err());
        assertEquals("seer: backend auto: cpu, as " + OBSTACLE + ".", run.err().strip());
        assertTrue(run.out().contains("backend cpu on "), run.out());
    }

    @Test
    void autoGivesTheLaunchersReasonWhereThereIsOne() {
        System.setProperty(BackendOptions.REASON, "no TornadoVM is set up");
        try {
            assertEquals("seer: backend auto: cpu, as no TornadoVM is set up.", perplexity("auto").err().strip());
        } finally {
            System.clearProperty(BackendOptions.REASON);
        }
    }

    @Test
    void autoSaysNothingWhereNobodySetTornadoVmUp() {
        System.setProperty(BackendOptions.REASON, "no TornadoVM is set up");
        System.setProperty(BackendOptions.UNSET, "true");
        try {
            var run = perplexity("auto");
            assertEquals("", run.err());
            assertTrue(run.out().contains("backend cpu on "), run.out());
        } finally {
            System.clearProperty(BackendOptions.REASON);
            System.clearProperty(BackendOptions.UNSET);
        }
    }

    @Test
    void cpuSaysNothing() {
        var run = perplexity("cpu");
        assertEquals(0, run.code());
        assertEquals("", run.err());
    }

    @Test
    void tornadoNeverFallsBack() {
        var run = perplexity("tornado");
        assertEquals(1, run.code());
        assertEquals("seer: backend tornado: " + OBSTACLE + "; see docs/tornadovm.md", run.err().strip());
        assertEquals("", run.out());
    }

    @Test
    void halvesNeverFallBackEither() {
        var run = seer("perplexity", "--text", STORY, "--precision", "bf16");
        assertEquals(1, run.code());
        assertEquals("seer: backend tornado: " + OBSTACLE + "; --precision bf16 wants a device with tensor cores, see "
                + "docs/tornadovm.md", run.err().strip());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "perplexity --text demo-model/thursday.txt --backend tornado | with --backend tornado, wanted cpu",
        "perplexity --text demo-model/thursday.txt --backend simulator | with --backend simulator, wanted cpu",
        "bench --backend cpu | here, wanted auto, f32 or bf16", "bench attention --tokens 8 | here, wanted auto",
        "train-gate --text demo-model/thursday.txt --out x | here, wanted auto"})
    void wholeNumbersAreForReadingOnTheCpu(String line, String sentence) {
        var run = seer((line + " --precision int8").split(" "));
        assertEquals(2, run.code(), run.err());
        assertTrue(run.err().startsWith("seer: --precision int8 " + sentence), run.err());
    }

    @Test
    void wholeNumbersAreForOneProcess() {
        var run = seer(("eval perplexity --text demo-model/thursday.txt --lengths 64 --devices 0 --precision int8")
                .split(" "));
        assertEquals(2, run.code(), run.err());
        assertTrue(run.err().startsWith("seer: --devices with --precision int8, in which the cpu alone"), run.err());
    }

    @Test
    void theBenchRefusesTheSimulator() {
        var run = seer("bench", "--backend", "simulator");
        assertEquals(2, run.code());
        assertTrue(run.err().startsWith("seer: bench does not run on the simulator"), run.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "CPU", ""})
    void otherNamesAreRefused(String name) {
        var run = perplexity(name);
        assertEquals(2, run.code());
        assertTrue(run.err().contains("one of auto, cpu, tornado, simulator"), run.err());
    }

    @Test
    void devicesSaysWhyThereIsNoneAndListsWhatComputesAnyway() {
        var run = seer("devices");
        assertEquals(0, run.code(), run.err());
        assertEquals("No device through TornadoVM: " + OBSTACLE + ".", run.out().lines().findFirst().orElse(""));
        assertTrue(run.out().lines().anyMatch(line -> line.matches(" *cpu .* this one *")), run.out());
        assertTrue(run.out().lines().anyMatch(line -> line.strip().startsWith("simulator")), run.out());
    }

    @Test
    void devicesAsJsonMarksTheDefault() throws IOException {
        var json = new ObjectMapper().readTree(seer("devices", "--json").out());
        assertEquals(OBSTACLE, json.get("obstacle").asText());
        assertEquals("cpu", json.get("devices").get(0).get("backend").asText());
        assertTrue(json.get("devices").get(0).get("default").asBoolean());
        assertEquals("simulator", json.get("devices").get(1).get("backend").asText());
    }

    @Test
    void devicesListsTheKernelsToChooseFrom() throws IOException {
        var run = seer("devices", "--rungs");
        assertEquals(0, run.code(), run.err());
        for (String line : List.of(" *product +few .*", " *attention +tiled .*", " *attention +blocked .*",
                " *attention +naive .*", " *gate vectors +fused .*", " *selection +threshold .*")) {
            assertTrue(run.out().lines().anyMatch(each -> each.matches(line)), line + " in " + run.out());
        }
        var json = new ObjectMapper().readTree(seer("devices", "--json", "--rungs").out());
        assertEquals("embedding", json.get("rungs").get(0).get("operation").asText());
        assertTrue(json.get("rungs").get(1).get("local_bytes").asInt() > 0);
        assertFalse(json.get("rungs").get(0).has("obstacle")); // no device is known
        assertFalse(new ObjectMapper().readTree(seer("devices", "--json").out()).has("rungs"));
    }

    /// A figure names the kernels that gave it, where there were several.
    @Test
    void resultsNameTheKernelsThatWereTaken(@TempDir Path folder) throws IOException {
        var watched = new WatchedRanges();
        watched.open();
        try {
            String model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model")).toString();
            String[] arguments = {"prefill", "--backend", "simulator", "--model", model, "--text", STORY, "--tokens",
                "20", "--new-tokens", "1", "--no-warm-up", "--select", "dense"};
            var table = seer(arguments);
            assertEquals(0, table.code(), table.err());
            assertTrue(table.out().contains("kernels: attention tiled; embedding f32; product "),
                    table.out());
            var run = seer(Stream.concat(Stream.of(arguments), Stream.of("--json")).toArray(String[]::new));
            var kernels = new ObjectMapper().readTree(run.out()).get("machine").get("kernels");
            assertEquals("tiled", kernels.get("attention").asText());
            assertEquals("few, tiled", kernels.get("product").asText());
        } finally {
            watched.close();
        }
    }
}
