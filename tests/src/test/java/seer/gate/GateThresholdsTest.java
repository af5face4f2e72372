package seer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.attention.GateActivation;
import seer.model.attention.SelectionRule;
import seer.model.load.MalformedModelException;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// Thresholds of an adapter, by the length of what is read.
class GateThresholdsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"1, 0.08", "1000, 0.08", "2000, 0.04", "4000, 0.02", "8000, 0.01", "16000, 0.005", "32000, 0.0025"})
    void betweenLengthsLiesALineInTheLogarithms(int tokens, double wanted) {
        var thresholds = new GateThresholds(List.of(1000, 4000, 16000), List.of(0.08, 0.02, 0.005), true);
        assertEquals(wanted, thresholds.at(tokens).getFirst(), 1e-12);
    }

    @Test
    void everyLayerHasItsOwnLine() {
        var thresholds = new GateThresholds(List.of(1000, 4000), List.of(0.4, 0.5, 0.1, 0.5), true);
        var rules = thresholds.rules(2, GateActivation.SOFTMAX, 2000);
        assertEquals(0.2f, ((SelectionRule.Threshold) rules.get(0)).lowest(), 1e-6);
        assertEquals(0.5f, ((SelectionRule.Threshold) rules.get(1)).lowest(), 1e-6);
        assertEquals(thresholds, GateThresholds.of(List.of(1000, 4000), List.of(
                new GateThresholds(List.of(0.4, 0.5), true), new GateThresholds(List.of(0.1, 0.5), true))));
    }

    /// A line that rises, as none that was found does, ends below 1.
    @Test
    void noThresholdReachesOne() {
        var thresholds = new GateThresholds(List.of(100, 200), List.of(0.5, 0.9), true);
        assertTrue(thresholds.at(1_000_000).getFirst().floatValue() < 1);
        assertEquals(2, thresholds.rules(2, GateActivation.SOFTMAX, 1_000_000).size());
    }

    @Test
    void withoutLengthsAllPromptsAreAlike() {
        var thresholds = new GateThresholds(List.of(0.3), false);
        assertEquals(thresholds.at(1), thresholds.at(100_000));
    }

    static Stream<Arguments> broken() {
        return Stream.of(Arguments.of(List.of(100, 100), List.of(0.1, 0.2), "[100, 100]"),
                Arguments.of(List.of(0, 100), List.of(0.1, 0.2), "[0, 100]"),
                Arguments.of(List.of(100), List.of(0.1), "1"),
                Arguments.of(List.of(100, 200), List.of(0.1, 0.2, 0.3), "3"),
                Arguments.of(List.of(100, 200), List.of(0.1, 0.0), "0.0"),
                Arguments.of(List.of(), List.of(), "empty"));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void whatMakesNoSenseIsNamed(List<Integer> lengths, List<Double> values, String named) {
        var e = assertThrows(IllegalArgumentException.class, () -> new GateThresholds(lengths, values, true));
        assertTrue(e.getMessage().contains("seer_threshold") && e.getMessage().contains(named), e.getMessage());
    }

    @Test
    void theAdapterKeepsThemAndIsReadByLength() throws IOException {
        var written = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(written, backend)) {
            Path adapter = new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax").write(folder.resolve("g"), model);
            for (var values : List.of(List.of(0.1, 0.02), List.of(0.1, 0.2, 0.01, 0.02))) {
                var thresholds = new GateThresholds(List.of(100, 500), values, true);
                AttnGateWriter.calibrate(adapter, thresholds, new ObjectMapper().createObjectNode());
                assertEquals(thresholds, AttnGate.open(adapter, model).config().thresholds());
            }
            assertRefused(adapter, model, json -> json.putArray("seer_threshold_lengths").add(100).add(200).add(300),
                    "got 4");
            assertRefused(adapter, model, json -> json.remove("seer_thresholds"), "seer_thresholds beside it");
            assertRefused(adapter, model, json -> json.put("seer_threshold", 0.1).remove("seer_thresholds"), "both");
            AttnGateWriter.calibrate(adapter, new GateThresholds(List.of(0.5), true),
                    new ObjectMapper().createObjectNode());
            assertEquals(List.of(), AttnGate.open(adapter, model).config().thresholds().lengths());
        }
    }

    private static void assertRefused(Path adapter, LanguageModel model, Consumer<ObjectNode> change, String named)
            throws IOException {
        Path file = adapter.resolve("config.json");
        byte[] sound = Files.readAllBytes(file);
        var json = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        change.accept(json);
        Files.writeString(file, json.toString());
        var e = assertThrows(MalformedModelException.class, () -> AttnGate.open(adapter, model));
        assertTrue(e.getMessage().contains("seer_threshold") && e.getMessage().contains(named), e.getMessage());
        Files.write(file, sound);
    }
}
