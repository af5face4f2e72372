package seer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.gate.course.TrainingSequence;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// What heads are worth, and thresholds that go by it.
class HeadWeightsTest {
    @TempDir
    private Path folder;

    private static double mean(List<Double> values) {
        return Math.exp(values.stream().mapToDouble(Math::log).average().orElseThrow());
    }

    @Test
    void whatIsLostForWhatIsLeftOutIsTheWorth() {
        var weights = HeadWeights.of(new double[] {0.1, 0.2, 0.3}, new double[] {1, 1, 3}).values();
        assertEquals(2, weights.get(1) / weights.get(0), 1e-9);
        assertEquals(weights.get(0), weights.get(2), 1e-9);
        assertEquals(1, mean(weights), 1e-9);
    }

    /// A loss that is none, or a head that nothing was left out of, says little; nor does a loss of a hundred times.
    @Test
    void noHeadIsWorthMoreThanFourTimesTheMedianOrLessThanAQuarter() {
        var weights = HeadWeights.of(new double[] {-0.1, 0.2, 20, 0.2, 0.1}, new double[] {1, 1, 1, 1, 0}).values();
        assertEquals(4, weights.get(1) / weights.get(0), 1e-9);
        assertEquals(4, weights.get(2) / weights.get(1), 1e-9);
        assertEquals(weights.get(0), weights.get(4), 1e-9);
        assertEquals(List.of(1.0, 1.0), HeadWeights.of(new double[] {-1, 0}, new double[] {1, 1}).values());
    }

    @Test
    void thresholdsAreDividedByTheWorthAndKeepTheDensity() throws IOException {
        var written = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(written, backend);
                var session = model.session(500, 500)) {
            var gate = AttnGate.open(new TinyGate("Qavg_Kavg", 16, 16, false, "softmax").write(folder.resolve("g"),
                    model), model);
            var windows = new ArrayList<int[]>();
            var sequences = new ArrayList<TrainingSequence>();
            for (int seed = 1; seed < 3; seed++) {
                int[] tokens = new SplittableRandom(seed).ints(500, 1, 4096).toArray();
                windows.add(tokens);
                sequences.add(seed == 1 ? TrainingSequence.text(tokens) : new TrainingSequence(tokens, 480));
            }
            var shares = new ArrayList<Double>();
            var weights = HeadWeights.measure(gate, session, sequences, 4, 0.05, true, shares::add);
            assertEquals(8, weights.values().size());
            assertEquals(1, mean(weights.values()), 1e-9);
            assertEquals(1, shares.getLast(), 1e-9);
            assertTrue(weights.values().stream().distinct().count() > 3, weights.values().toString());
            var found = ThresholdSearch.run(gate, session, windows, 0.2, weights, true, share -> { });
            assertEquals(0.2, found.density(), 0.003);
            for (int head = 0; head < 8; head++) {
                assertEquals(found.thresholds().values().getFirst() * weights.values().getFirst(),
                        found.thresholds().values().get(head) * weights.values().get(head), 1e-9, "head " + head);
            }
        }
    }
}
