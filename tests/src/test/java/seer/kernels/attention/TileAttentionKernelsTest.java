package seer.kernels.attention;

import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.support.Conformance;
import seer.support.OnTensorCores;

/// Attention on tensor cores against the reference, of inputs that are rounded to bf16.
@Conformance
@OnTensorCores
class TileAttentionKernelsTest {

    @ParameterizedTest
    @CsvSource({"1, 64", "63, 64", "64, 128", "65, 128", "200, 64"})
    void anyNumberOfTokens(int rows, int D) {
        new TileAttentionProblem(rows, 0, 1, 1, D, 64).checkAll();
    }

    @ParameterizedTest
    @CsvSource({"8, 2, 64", "4, 4, 128", "7, 1, 64"})
    void anyHeads(int H, int G, int D) {
        new TileAttentionProblem(9, 0, H, G, D, 64).checkAll();
    }

    /// The queries of a block of 128 are two groups, and the last block counts for the first of them as far as it is
    /// seen.
    @ParameterizedTest
    @CsvSource({"65, 0, 64", "150, 0, 64", "1, 128, 128"})
    void blocksOf128(int rows, int offset, int D) {
        new TileAttentionProblem(rows, offset, 2, 1, D, 128).checkAll();
    }

    @ParameterizedTest
    @CsvSource({"1, 64, 64", "66, 128, 128", "66, 192, 64", "2, 512, 64"})
    void chunksThatFollowEarlierTokens(int rows, int offset, int D) {
        new TileAttentionProblem(rows, offset, 2, 1, D, 64).checkAll();
    }

    @ParameterizedTest
    @ValueSource(strings = {"wgmma", "mma"})
    void logSumExpsAreWrittenOnlyIfWanted(String rung) {
        new TileAttentionProblem(10, 0, 2, 1, 64, 64).check(rung, true, false);
        new TileAttentionProblem(10, 0, 2, 1, 64, 64).check(rung, false, false);
    }

    /// Scores up to 300 either way, where e^s exceeds fp32.
    @Test
    void farScores() {
        adversarial(problem -> {
            for (int i = 0; i < problem.q.length; i++) {
                problem.q[i] = 10 * Math.signum(problem.q[i]);
            }
        });
    }

    /// One key that every query looks at, and scores of all others far below it.
    @Test
    void attentionSinks() {
        adversarial(problem -> {
            Arrays.fill(problem.q, 4);
            Arrays.fill(problem.k, -1);
            for (int d = 0; d < problem.D; d++) {
                problem.k[d] = 4;
            }
        });
    }

    @Test
    void constantRows() {
        adversarial(problem -> Arrays.fill(problem.q, 0));
    }

    /// Each key above, or below, all before it: the running maximum moves with every block, or never.
    @ParameterizedTest
    @ValueSource(floats = {1, -1})
    void risingAndFallingScores(float direction) {
        adversarial(problem -> {
            Arrays.fill(problem.q, 1);
            for (int i = 0; i < problem.k.length; i++) {
                problem.k[i] = direction * (i / problem.D) / 8;
            }
        });
    }

    /// No query keeps its diagonal block, and some keep none: those get 0.
    @ParameterizedTest
    @ValueSource(ints = {64, 128})
    void rowsWithoutTheDiagonal(int B) {
        adversarial(problem -> {
            int N = (problem.offset + problem.rows + problem.B - 1) / problem.B;
            for (int row = 0; row < problem.H * N; row++) {
                Arrays.fill(problem.keep, row * N, row * N + N, false);
                for (int j = 0; j < row % N; j++) {
                    problem.keep[row * N + j] = (row + j) % 3 != 0;
                }
            }
        }, B);
    }

    private static void adversarial(Consumer<AttentionProblem> change) {
        adversarial(change, 64);
    }

    private static void adversarial(Consumer<AttentionProblem> change, int B) {
        var problem = new AttentionProblem(100, 0, 1, 1, 64, B);
        change.accept(problem);
        new TileAttentionProblem(problem).checkAll();
    }

    /// Parts of one tile of keys and of several, more of them than tiles, a list too short to be shared, rows beyond
    /// the text; with shared rows alone and with others before them.
    @ParameterizedTest
    @CsvSource({"wgmma, 190, 128, 2, 1, 64, 64, 2, 3, 1", "wgmma, 65, 64, 4, 2, 128, 64, 2, 2, 1",
            "wgmma, 150, 0, 1, 1, 64, 128, 2, 4, 2", "mma, 190, 128, 2, 1, 64, 64, 1, 2, 1",
            "mma, 65, 0, 2, 2, 128, 128, 2, 5, 1"})
    void groupsShareTheLastRows(String rung, int rows, int offset, int H, int G, int D, int B, int tiles, int parts,
                                int least) {
        var problem = new AttentionProblem(rows, offset, H, G, D, B);
        int N = (offset + rows + B - 1) / B;
        for (int row = N - 1; row < H * N; row += N) {
            Arrays.fill(problem.keep, row * N, row * N + N, true);
        }
        new TileAttentionProblem(problem).checkShared(rung, rows % 2 == 0,
                new TileAttentionProblem.Shares(tiles, parts, least));
    }

    /// The parts of a row without any block leave 0, those of one whose scores are far apart weigh what they weigh.
    @ParameterizedTest
    @ValueSource(strings = {"wgmma", "mma"})
    void partsOfFarScoresAndOfNothing(String rung) {
        var shares = new TileAttentionProblem.Shares(2, 2, 1);
        var far = new AttentionProblem(128, 0, 1, 1, 64, 64);
        for (int i = 0; i < far.q.length; i++) {
            far.q[i] = 10 * Math.signum(far.q[i]);
        }
        new TileAttentionProblem(far).checkShared(rung, true, shares);
        var nothing = new AttentionProblem(128, 0, 1, 1, 64, 64);
        Arrays.fill(nothing.keep, false);
        new TileAttentionProblem(nothing).checkShared(rung, true, shares);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"1000, 0, 2, 1, 128, 64", "1000, 128, 2, 2, 64, 128"})
    void longPrompts(int rows, int offset, int H, int G, int D, int B) {
        new TileAttentionProblem(rows, offset, H, G, D, B).checkAll();
    }
}
