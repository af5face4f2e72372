package seer.kernels.attention;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.support.Conformance;

/// What lists leave out, by the means of its blocks, against the reference.
@Conformance
class RestKernelsTest {

    @ParameterizedTest
    @CsvSource({"1, 0, 1, 1, 16, 64", "65, 0, 2, 1, 16, 64", "150, 0, 4, 2, 16, 8", "5, 60, 1, 1, 7, 5",
        "70, 128, 2, 2, 64, 64", "130, 128, 1, 1, 16, 128", "9, 400, 1, 1, 160, 16", "20, 48, 7, 1, 80, 24"})
    void anySize(int rows, int offset, int H, int G, int D, int B) {
        new RestProblem(rows, offset, H, G, D, B).checkFloats();
    }

    /// More means than a piece holds.
    @ParameterizedTest
    @CsvSource({"3, 2080, 1, 1, 64, 8", "2, 1200, 1, 1, 8, 4"})
    void manyBlocks(int rows, int offset, int H, int G, int D, int B) {
        new RestProblem(rows, offset, H, G, D, B).checkFloats();
    }

    /// Scores far above and far below those of the listed blocks: the means are all, or nothing.
    @ParameterizedTest
    @ValueSource(floats = {8, -8})
    void farScores(float towards) {
        var problem = new AttentionProblem(40, 64, 1, 1, 16, 16);
        Arrays.fill(problem.q, 1);
        for (int i = 0; i < 4 * 16 * 16; i++) {
            problem.k[i] = towards;
        }
        new RestProblem(problem).checkFloats();
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"257, 512, 2, 1, 128, 64", "1000, 96, 1, 1, 16, 8"})
    void longPrompts(int rows, int offset, int H, int G, int D, int B) {
        new RestProblem(rows, offset, H, G, D, B).checkFloats();
    }
}
