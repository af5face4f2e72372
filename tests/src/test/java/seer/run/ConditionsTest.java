package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.load.JsonFile;
import seer.support.CommandRun;
import seer.support.Demo;

/// What is said to be forced is what the selectors of the run force: thresholds that were found without the first block
/// leave it open, whatever `--keep-first` says.
class ConditionsTest {
    private static final String FIRST = "the first block of each row";
    private static final String LEFT_OPEN = "gate:calibrated+rest";

    @TempDir
    private Path folder;

    private static String out(String line) {
        var run = CommandRun.of(line.split(" "));
        assertEquals(0, run.code(), run.err());
        return run.out();
    }

    private static JsonNode conditions(String line) throws IOException {
        return new ObjectMapper().readTree(out(line)).get("conditions");
    }

    @Test
    void thresholdsFoundWithoutTheFirstBlockLeaveItOpen() throws IOException {
        assertFalse(JsonFile.read(Demo.MODEL.resolve("gate/config.json")).requireBoolean("seer_keep_first"),
                "the shipped thresholds were found without");
        String text = " --text " + Demo.MODEL.resolve("thursday.txt");
        for (String line : new String[] {"prefill --tokens 128 --new-tokens 0 --no-warm-up" + text,
            "perplexity --window 128 --windows 1" + text}) {
            String gate = line + " --select gate";
            assertFalse(out(gate).contains(FIRST), gate);
            assertFalse(conditions(gate + " --json").get("keep_first").asBoolean(), gate);

            String both = gate + " --compare gate:density=0.5 --compare dense";
            String said = out(both);
            assertTrue(said.contains(FIRST + " (not with " + LEFT_OPEN + ")"), said);
            var held = conditions(both + " --json");
            assertEquals("[\"" + LEFT_OPEN + "\"]", held.get("without_first").toString());
            assertFalse(held.has("keep_first") || held.has("forced_share"), held.toString());
        }
    }

    @Test
    void theDemoSaysItOfEachOfItsSelectors() {
        String out = out("demo --tokens 600 --picture " + folder.resolve("masks.png"));
        assertTrue(out.contains(FIRST + " (not with " + LEFT_OPEN + ")"), out);
        assertTrue(out.contains(LEFT_OPEN + ": first token "), "summed up are the adapter's own thresholds: " + out);
    }

    @Test
    void anEvaluationNamesContendersByTheirLabels() throws IOException {
        Path file = folder.resolve("all");
        String line = "eval perplexity --lengths 128 --windows 1 --out " + file + " --select gate";
        assertFalse(out(line).contains(FIRST));
        String both = out(line + " --select gate:density=0.5");
        assertTrue(both.contains(FIRST + " (not with gate)"), both);
        var json = new ObjectMapper().readTree(Files.readString(Path.of(file + ".json"))).get("conditions");
        assertEquals("[\"gate\"]", json.get("without_first").toString());
    }
}
