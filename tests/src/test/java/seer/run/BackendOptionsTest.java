package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.support.Demo;

/// `--backend` and `seer devices` in a JVM without TornadoVM: here the simulator is on the class path.
class BackendOptionsTest {
    private static final String STORY = Demo.MODEL.resolve("thursday.txt").toString();
    private static final String OBSTACLE = "only the simulator is on the class path, not TornadoVM";

    private record Run(int code, String out, String err) { }

    private static Run seer(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
        return new Run(code, out.toString(), err.toString());
    }

    private static Run perplexity(String backend) {
        return seer("perplexity", "--text", STORY, "--window", "20", "--windows", "1", "--select", "dense",
                "--backend", backend);
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
}
