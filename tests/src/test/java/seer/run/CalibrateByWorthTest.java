package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.support.Demo;

/// `seer calibrate --per worth` on the command line.
class CalibrateByWorthTest {
    private static final int HEADS = 32;

    @TempDir
    private Path folder;
    private Path text;
    private Path gate;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int seer(String... arguments) {
        return Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
    }

    private int calibrate(String... more) {
        return seer(arguments(more).toArray(String[]::new));
    }

    private List<String> arguments(String... more) {
        var arguments = new ArrayList<>(List.of("calibrate", "--backend", "cpu", "--gate", gate.toString(), "--text",
                text.toString(), "--length", "256", "--windows", "1", "--density", "0.6", "--per", "worth"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    @BeforeEach
    void copyGate() throws IOException {
        text = folder.resolve("text.txt");
        Files.writeString(text, Files.readString(Demo.MODEL.resolve("thursday.txt")).substring(0, 20_000));
        gate = Files.createDirectory(folder.resolve("gate"));
        for (String file : List.of("config.json", "attn_gate_weights.safetensors")) {
            Files.copy(Demo.GATE.resolve(file), gate.resolve(file));
        }
    }

    @Test
    void headsWeighedTogetherAreStoredAndUsedWithTheirCorrection() throws IOException {
        weighed(1);
    }

    @Test
    @Tag("slow")
    void headsWeighedOneByOneAreStoredAndUsedWithTheirCorrection() throws IOException {
        weighed(0);
    }

    private void weighed(int together) throws IOException {
        assertEquals(0, calibrate("--rounds", "1", "--prompts", "1", "--select", "gate+rest", "--no-keep-first",
                "--together", String.valueOf(together)), err.toString());
        assertEquals(2, out.toString().lines().filter(line -> line.startsWith("text 0.")).count(), out.toString());
        var json = new ObjectMapper().readTree(gate.resolve("config.json").toFile());
        Set<Double> different = new TreeSet<>();
        json.get("seer_thresholds").forEach(value -> different.add(value.asDouble()));
        assertEquals(HEADS, json.get("seer_thresholds").size());
        assertTrue(different.size() > 1, "heads differ: " + different);
        assertEquals("+rest", json.get("seer_correction").asText());
        var how = json.get("seer_calibration").get("worth");
        assertEquals(1, how.get("rounds").asInt());
        assertEquals("dense", how.get("aim").asText());
        assertEquals(together, how.path("together").asInt());
        assertFalse(how.has("ended_after"), how.toString());
        assertEquals(5, how.get("families").size());
        assertEquals(0.6, json.get("seer_calibration").get("density_reached").asDouble(), 0.01);
        assertEquals(0, seer("prefill", "--backend", "cpu", "--gate", gate.toString(), "--text", text.toString(),
                "--tokens", "600", "--new-tokens", "0", "--select", "gate", "--no-warm-up"), err.toString());
        assertTrue(out.toString().contains("gate:calibrated+rest"), out.toString());
    }

    /// As one that its device has no more memory for.
    @Test
    void aSearchThatEndsEarlyKeepsWhatItHadFound() throws IOException {
        var broken = new StringWriter() {
            private int rounds;

            @Override
            public void write(String line, int from, int length) {
                if (line.startsWith("text ") && ++rounds == 2) {
                    throw new IllegalStateException("no more memory");
                }
                super.write(line, from, length);
            }
        };
        assertNotEquals(0, Main.run(arguments("--rounds", "2", "--prompts", "0", "--together", "1", "--no-keep-first")
                .toArray(String[]::new), new PrintWriter(broken, true), new PrintWriter(err, true)));
        assertTrue(err.toString().contains("no more memory"), err.toString());
        assertTrue(broken.toString().contains("Ended early: the best so far is stored in "), broken.toString());
        var json = new ObjectMapper().readTree(gate.resolve("config.json").toFile());
        assertEquals(HEADS, json.get("seer_thresholds").size());
        assertEquals(0, json.get("seer_calibration").get("worth").get("ended_after").asInt(-1));
        assertEquals(0.6, json.get("seer_calibration").get("density_reached").asDouble(), 0.01);
    }

    @ParameterizedTest
    @CsvSource({"--rounds, -1, --rounds is -1", "--prompts, -1, --prompts is -1", "--answers, 1, --answers is 1.0",
        "--together, -1, --together is -1", "--dense-last-rows, -1, --dense-last-rows is -1",
        "--select, dense, '--select is dense, wanted gate, or gate with +rest'",
        "--select, gate:density=0.1+rest, wanted gate", "--select, gate+more, wanted gate"})
    void whatMakesNoSenseIsWrongUsage(String option, String value, String told) {
        assertEquals(2, calibrate(option, value), out.toString());
        assertTrue(err.toString().contains(told), err.toString());
    }
}
