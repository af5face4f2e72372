package seer.gate.rival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.NotFiniteException;

/// Ways of choosing on the host end on a score that is not finite, as those on the backend do.
class RivalNotFiniteTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void aRowWithoutSenseHasNoSoftmax(float broken) {
        assertThrows(NotFiniteException.class, () -> Softmax.inPlace(new float[] {1, broken, 2}, 0, 3));
        float[] hidden = {1, Float.NEGATIVE_INFINITY, 1, broken};
        Softmax.inPlace(hidden, 0, 3);
        assertEquals(0.5f, hidden[0]);
        assertEquals(0, hidden[1]);
    }

    @Test
    void nothingAtAllHasNoSoftmaxEither() {
        var hidden = new float[3];
        Arrays.fill(hidden, Float.NEGATIVE_INFINITY);
        assertThrows(NotFiniteException.class, () -> Softmax.inPlace(hidden, 0, 3));
    }

    /// Scores of every rule: the fewest of a mass, those above a threshold, the largest.
    @Test
    void noRuleChoosesByBrokenScores() {
        Reading.model(folder);
        int[] prompt = new int[200];
        Arrays.setAll(prompt, i -> i + 1);
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(folder, backend);
                var session = model.session(200)) {
            for (RowChoice choice : new RowChoice[] {new RowChoice.Top(0.4), new RowChoice.Above(0.1),
                new RowChoice.Mass(0.5)}) {
                var e = assertThrows(NotFiniteException.class, () -> session.prefill(
                        PrefillRequest.of(prompt, new Broken(choice))));
                assertEquals("broken, layer 0, head 3, query block 5: a block's score is NaN or infinite, wanted a "
                        + "finite number; keys and values of the model in " + folder + " are finite, so look at the "
                        + "weights of the gates", e.getMessage());
            }
        }
    }

    private record Broken(RowChoice choice) implements BlockSelector {
        @Override
        public String label() {
            return "broken";
        }

        @Override
        public int block() {
            return 32;
        }

        @Override
        public Run begin(Prompt prompt) {
            return new ScoredRun(view -> {
                var maps = new float[4][7 * 7];
                maps[3][5 * 7 + 2] = Float.NaN;
                maps[1][0 * 7 + 2] = Float.NaN; // beyond the diagonal nobody looks
                return maps;
            }, 32, choice, ForcedBlocks.NONE);
        }
    }
}
