package seer.gate.rival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LayerView;
import seer.model.ModelConfig;
import seer.model.RopeConfig;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule.TopBlocks;

/// Verticals, slashes and the estimates that they are chosen by.
class LinesTest {
    private static final int BLOCK = 8;

    @TempDir
    private Path folder;

    private static LayerView view(int offset, int rows) {
        var config = new ModelConfig("llama", 8, 1, 1, 1, 8, 8, 8, 1e-5, 4096, true, false, false,
                new RopeConfig(10_000, new RopeConfig.Scaling.None()), List.of());
        return new LayerView(null, config, 0, offset, rows, offset + rows, null, null, null, null, false);
    }

    private static boolean[][] marked(Lines lines, int first, int rows) {
        var marked = new boolean[rows][first + rows];
        for (int row = 0; row < rows; row++) {
            lines.mark(first + row, marked[row]);
        }
        return marked;
    }

    private static int count(boolean[][] marked) {
        int count = 0;
        for (boolean[] row : marked) {
            for (boolean each : row) {
                count += each ? 1 : 0;
            }
        }
        return count;
    }

    /// A distance of tokens passes through exactly the blocks that some pair of tokens at that distance lies in.
    @ParameterizedTest
    @CsvSource({"0", "1", "7", "8", "13", "40", "63"})
    void aSlashKeepsTheBlocksItsTokensPassThrough(int distance) {
        int n = 8;
        var wanted = new boolean[n][n];
        for (int t = distance; t < n * BLOCK; t++) {
            wanted[t / BLOCK][(t - distance) / BLOCK] = true;
        }
        var lines = new Lines(view(0, n * BLOCK), BLOCK);
        lines.slash(distance / BLOCK, distance % BLOCK == 0, Long.MAX_VALUE);
        boolean[][] got = marked(lines, 0, n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                // The last diagonal that a distance touches may hold no pair of tokens of this prompt.
                assertTrue(got[i][j] || !wanted[i][j], "row " + i + ", block " + j);
                assertTrue(!got[i][j] || i - j == distance / BLOCK || i - j == distance / BLOCK + 1);
            }
        }
        assertEquals(count(got), lines.kept());
    }

    @ParameterizedTest
    @CsvSource({"0, 96, 40", "0, 96, 5", "64, 32, 30", "64, 29, 1000", "0, 3, 1"})
    void linesAreCountedExactlyAndStayWithinTheLimit(int offset, int rows, int limit) {
        var random = new SplittableRandom(limit);
        int keys = offset + rows;
        var vertical = new float[keys];
        var slash = new float[keys];
        for (int i = 0; i < keys; i++) {
            vertical[i] = (float) random.nextDouble();
            slash[i] = (float) random.nextDouble();
        }
        var view = view(offset, rows);
        Lines lines = new LineScores(vertical, slash).within(limit, view, BLOCK);
        boolean[][] got = marked(lines, offset / BLOCK, view.blocks(BLOCK));
        assertEquals(count(got), lines.kept());
        assertTrue(lines.kept() <= limit && lines.kept() > 0);
        if (limit == 1000) {
            assertEquals(view.blocks(BLOCK) * (2 * (offset / BLOCK) + view.blocks(BLOCK) + 1) / 2, lines.kept());
        }
    }

    @Test
    void theLargestSumsComeFirst() {
        var vertical = new float[64];
        var slash = new float[64];
        vertical[11] = 5;
        slash[0] = 4;
        slash[17] = 3;
        vertical[40] = 2;
        Lines lines = new LineScores(vertical, slash).within(7 + 8 - 1 + 6 + 5, view(0, 64), BLOCK);
        boolean[][] got = marked(lines, 0, 8);
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j <= i; j++) {
                boolean wanted = j == 1 || i == j || i - j == 2 || i - j == 3;
                assertTrue(got[i][j] || !wanted, "row " + i + ", block " + j);
            }
        }
    }

    @Test
    void estimatesAreTheSoftmaxOfTheLastQueries() {
        int tokens = 150;
        var seen = new float[1][];
        var lineScores = new LineScores[1];
        BlockSelector selector = new BlockSelector() {
            @Override
            public String label() {
                return "probe";
            }

            @Override
            public int block() {
                return 32;
            }

            @Override
            public Run begin(Prompt prompt) {
                var last = LastQueries.of(prompt, VerticalSlashSelector.QUERIES);
                return view -> {
                    seen[0] = last.probabilities(view)[3];
                    lineScores[0] = LineScores.of(seen[0], last.rows(view), tokens);
                    return BlockMask.dense(4, 32, 0, view.blocks(32));
                };
            }
        };
        Reading.model(folder);
        try (var backend = Backends.cpu(1)) {
            var layer = Reading.of(folder, backend, tokens, tokens, selector).layers().getLast();
            double[][] wanted = new PlainScores(layer.queries()[3], layer.keys()[1], 32).probabilities(tokens - 64);
            var flat = new float[64 * tokens];
            var vertical = new float[tokens];
            var slash = new float[tokens];
            for (int r = 0; r < 64; r++) {
                for (int key = 0; key < tokens; key++) {
                    flat[r * tokens + key] = (float) wanted[r][key];
                    vertical[key] += (float) wanted[r][key];
                    if (key <= tokens - 64 + r) {
                        slash[tokens - 64 + r - key] += (float) wanted[r][key];
                    }
                }
            }
            assertWithin(flat, seen[0], 1e-5, "probabilities");
            assertWithin(vertical, lineScores[0].vertical(), 1e-4, "verticals");
            assertWithin(slash, lineScores[0].slash(), 1e-4, "slashes");
        }
    }

    @Test
    void theLimitIsWhatTheLargestOfEveryRowWouldBe() {
        assertEquals(1 + 2 + 3 * 6, VerticalSlashSelector.limit(new TopBlocks(0.65), view(0, 64), BLOCK));
        assertEquals(3 * 4, VerticalSlashSelector.limit(new TopBlocks(0.65), view(32, 32), BLOCK));
    }

    @Test
    void labelsAreTheGrammars() {
        assertEquals("verticalslash:density=0.1",
                new VerticalSlashSelector(64, new TopBlocks(0.1), ForcedBlocks.NONE).label());
    }
}
