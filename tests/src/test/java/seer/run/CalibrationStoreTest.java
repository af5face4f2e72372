package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.gate.AttnGateWriter;
import seer.gate.GateThresholds;
import seer.gate.ThresholdSearch;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.support.Demo;

/// What a calibration of several lengths leaves in the adapter before it has come to its end.
class CalibrationStoreTest {
    private static final List<Integer> LENGTHS = List.of(256, 512, 1024);

    @TempDir
    private Path folder;

    private List<Double> stored(String key) throws IOException {
        var values = new ArrayList<Double>();
        new ObjectMapper().readTree(folder.resolve("config.json").toFile()).get(key)
                .forEach(value -> values.add(value.asDouble()));
        return values;
    }

    private static ThresholdSearch found(double threshold) {
        return new ThresholdSearch(new GateThresholds(List.of(threshold), true), 0.1, 1);
    }

    private void store(GateThresholds before, ThresholdSearch... found) throws IOException {
        for (String file : List.of("config.json", "attn_gate_weights.safetensors")) {
            Files.copy(Demo.GATE.resolve(file), folder.resolve(file));
        }
        var how = JsonNodeFactory.instance.objectNode();
        AttnGateWriter.calibrate(folder, before, how);
        try (var bench = new Workbench(Backends.cpu(), LanguageModel.open(Demo.MODEL, Backends.cpu()), folder)) {
            new CalibrationStore(bench, LENGTHS).write(List.of(found), how);
        }
    }

    @Test
    void lengthsThatAreStillToComeKeepTheThresholdsThatTheyHad() throws IOException {
        store(new GateThresholds(LENGTHS, List.of(0.3, 0.2, 0.1), true), found(0.05));
        assertEquals(List.of(256.0, 512.0, 1024.0), stored("seer_threshold_lengths"));
        assertEquals(List.of(0.05, 0.2, 0.1), stored("seer_thresholds").stream()
                .map(value -> Math.round(value * 1e6) / 1e6).toList());
    }

    @Test
    void whereThereWereThresholdsOfAnotherKindWhatIsFoundStandsAlone() throws IOException {
        store(new GateThresholds(List.of(0.3, 0.2, 0.1, 0.4, 0.5, 0.6, 0.7, 0.8), true), found(0.06), found(0.05));
        assertEquals(List.of(256.0, 512.0), stored("seer_threshold_lengths"));
        assertEquals(List.of(0.06, 0.05), stored("seer_thresholds"));
    }
}
