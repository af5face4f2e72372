package seer.model.backend.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.GateActivation;
import seer.model.attention.SelectionRule;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.NotFiniteException;
import seer.model.backend.Tensor;
import seer.support.Conformance;

/// NaN, infinities and numbers that are too large: the processor and the task graphs find the same ones.
@Conformance
class BrokenNumbersTest {
    private static Both both;

    @BeforeAll
    static void open() {
        both = new Both();
    }

    @AfterAll
    static void close() {
        both.close();
    }

    @ParameterizedTest
    @CsvSource({"1, 7, 0, 6, NaN", "5, 33, 4, 32, 2e16", "5, 33, 4, 0, -2e16", "600, 40, 599, 39, Infinity",
        "600, 40, 300, 17, -Infinity", "600, 40, -1, 0, 0", "1, 16, -1, 0, 0"})
    void theFirstBrokenRowIsFound(int rows, int width, int row, int column, float value) {
        for (Backend backend : List.of(both.cpu, both.tornado)) {
            var x = new float[(rows + 3) * width];
            Arrays.fill(x, Backend.LARGEST); // the largest that is sound
            Arrays.fill(x, rows * width, x.length, Float.NaN); // rows that are not in use
            if (row >= 0) {
                x[row * width + column] = value;
            }
            try (Arena arena = backend.arena("the test", 0)) {
                Tensor stream = arena.upload(x, rows + 3, width);
                assertEquals(row, backend.firstBroken(stream, rows), backend.info().backend());
                assertEquals(-1, backend.firstBroken(stream, Math.max(row, 0)));
            }
        }
    }

    /// Row 21 of head 2 is the first that depends on the score.
    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void noChoiceIsMadeFromABrokenScore(float broken) {
        for (SelectionRule rule : List.of(new SelectionRule.TopBlocks(0.3),
                new SelectionRule.Threshold(0.05f, GateActivation.SOFTMAX),
                new SelectionRule.Threshold(List.of(0.6f, 0.5f, 0.4f, 0.7f), GateActivation.SIGMOID))) {
            for (Backend backend : List.of(both.cpu, both.tornado)) {
                try (Arena arena = backend.arena("the test", 0)) {
                    noChoiceIsMade(arena, broken, rule);
                }
            }
        }
    }

    private static void noChoiceIsMade(Arena arena, float broken, SelectionRule rule) {
        Backend backend = arena.backend();
        var in = new Both.Inputs(arena, 1);
        float[] queries = in.values(4 * 25 * 8, 1);
        queries[(2 * 25 + 16) * 8 + 3] = broken; // row 5 + 16 of head 2
        Tensor q = arena.upload(queries, 4, 25, 8);
        Tensor k = in.tensor(2, 30, 8);
        var e = assertThrows(NotFiniteException.class, () -> backend.select(q, k, 5, 25, 30, 64, 1, rule,
                new ForcedBlocks(2, true), arena).kept(), backend.info().backend());
        String sentence = "head 2, query block 21: a block's score is NaN or infinite, wanted a finite number";
        assertEquals(sentence, e.getMessage());
        BlockMask dense = backend.select(q, k, 5, 25, 30, 64, 1, rule, new ForcedBlocks(30, true), arena);
        assertEquals(dense.causal(), dense.kept(), "rows that keep everything ask for no score");
        if (backend == both.tornado) {
            BlockMask closed = backend.select(q, k, 5, 25, 30, 64, 1, rule, new ForcedBlocks(2, true), arena);
            closed.close();
            e = assertThrows(NotFiniteException.class, () -> backend.kept(List.of(dense, closed)));
            assertEquals(sentence, e.getMessage(), "counted with others, when its lists are gone");
        }
    }
}
