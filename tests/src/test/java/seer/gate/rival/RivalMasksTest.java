package seer.gate.rival;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import seer.gate.SelectorSpec;
import seer.model.Backends;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule.TopBlocks;
import seer.model.backend.Backend;

/// What all rivals have in common: forced blocks, how density is counted, and prompts in chunks.
class RivalMasksTest {
    private static final int TOKENS = 407; // 13 blocks, the last one short
    private static final int BLOCKS = 13;
    private static final int BLOCK = 32;

    @TempDir
    private static Path folder;
    private static Backend backend;

    @BeforeAll
    static void open() {
        Reading.model(folder);
        backend = Backends.cpu(2);
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    private static Reading read(String written, int chunk, ForcedBlocks forced) {
        var spec = spec(written);
        return Reading.of(folder, backend, TOKENS, chunk,
                spec.rival().selector(BLOCK, spec.setting(), spec.seed(), forced));
    }

    private static SelectorSpec.Other spec(String written) {
        return (SelectorSpec.Other) SelectorSpec.parse(written);
    }

    /// Every rival by each of its rules, sparse: the model's attention is flat, so that a few hundredths of it lie in
    /// many blocks.
    private static Stream<String> all() {
        return Arrays.stream(Rival.values()).flatMap(rival -> rival.criteria().stream()
                .map(criterion -> rival.word() + ":" + criterion.word() + switch (criterion) {
                    case DENSITY -> "=0.4";
                    case THRESHOLD -> "=0.1";
                    case MASS, BUDGET -> "=0.01";
                }));
    }

    private static Stream<String> byTopBlocks() {
        return Stream.of("ashape", "meanpool", "minmax", "antidiagonal", "random", "oracle")
                .map(word -> word + ":density=0.4");
    }

    private static Stream<String> unchangedByChunks() {
        return all().filter(written -> !SelectorSpec.parse(written).wholePrompt());
    }

    @ParameterizedTest
    @MethodSource("all")
    void listsAreCausalAscendingAndEndWithTheDiagonal(String written) {
        for (Reading.Layer layer : read(written, TOKENS, ForcedBlocks.NONE).layers()) {
            BlockMask mask = layer.mask();
            assertEquals(BLOCKS, mask.rows());
            for (int r = 0; r < mask.heads() * BLOCKS; r++) {
                assertEquals(r % BLOCKS, mask.index()[mask.start()[r + 1] - 1], "the diagonal comes last");
                for (int at = mask.start()[r] + 1; at < mask.start()[r + 1]; at++) {
                    assertTrue(mask.index()[at - 1] < mask.index()[at], "ascending");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void forcedBlocksAreAddedAndCounted(String written) {
        var free = read(written, TOKENS, ForcedBlocks.NONE);
        var reading = read(written, TOKENS, new ForcedBlocks(2, true));
        double density = 0;
        for (Reading.Layer layer : reading.layers()) {
            int kept = 0;
            for (int head = 0; head < 4; head++) {
                for (int row = 0; row < BLOCKS; row++) {
                    for (int j = 0; j <= row; j++) {
                        boolean keeps = layer.mask().keeps(head, row, j);
                        boolean forced = row >= BLOCKS - 2 || j == 0 || j == row;
                        assertTrue(keeps || !forced, "row " + row + ", block " + j);
                        // The first layer's queries and keys do not depend on what was kept before it.
                        if (layer.index() == 0 && !forced) {
                            assertEquals(free.keeps(0, head, row, j), keeps, "row " + row + ", block " + j);
                        }
                        kept += keeps ? 1 : 0;
                    }
                }
            }
            density += kept / (4 * BLOCKS * (BLOCKS + 1) / 2.0) / 2;
        }
        assertEquals(density, reading.report().density(), 1e-12);
        assertTrue(free.report().density() < density && density < 1);
    }

    @ParameterizedTest
    @MethodSource("byTopBlocks")
    void everyRowKeepsItsShareAndTheDiagonal(String written) {
        int k = new TopBlocks(0.4).perRow(BLOCKS);
        assertEquals(2, k);
        for (Reading.Layer layer : read(written, TOKENS, ForcedBlocks.NONE).layers()) {
            for (int r = 0; r < 4 * BLOCKS; r++) {
                int kept = layer.mask().start()[r + 1] - layer.mask().start()[r];
                int share = Math.min(k, r % BLOCKS + 1);
                assertTrue(kept == share || kept == share + 1, "row " + r % BLOCKS + " keeps " + kept);
            }
        }
    }

    /// Lines and patterns spend the blocks of all rows where they like, and all but what is too small for one more.
    @ParameterizedTest
    @CsvSource({"verticalslash:density=0.4", "flex:density=0.4", "verticalslash:density=0.7", "flex:density=0.7"})
    void patternsKeepNoMoreThanTheShareOfAllRowsAndTheDiagonal(String written) {
        int k = new TopBlocks(spec(written).setting().value()).perRow(BLOCKS);
        int limit = 0;
        for (int row = 0; row < BLOCKS; row++) {
            limit += Math.min(k, row + 1);
        }
        for (Reading.Layer layer : read(written, TOKENS, ForcedBlocks.NONE).layers()) {
            assertTrue(layer.mask().kept() <= 4 * (limit + BLOCKS), layer.mask().kept() + " kept");
            assertTrue(layer.mask().kept() >= 4 * limit / 2, layer.mask().kept() + " kept");
        }
    }

    @ParameterizedTest
    @MethodSource("unchangedByChunks")
    void aPromptInChunksGetsTheMaskOfThePromptReadAtOnce(String written) {
        for (ForcedBlocks forced : List.of(ForcedBlocks.NONE, ForcedBlocks.DEFAULT)) {
            var whole = read(written, TOKENS, forced);
            var parts = read(written, 4 * BLOCK, forced);
            assertEquals(2 * 4, parts.layers().size(), "four chunks in each of two layers");
            for (int layer = 0; layer < 2; layer++) {
                for (int head = 0; head < 4; head++) {
                    for (int row = 0; row < BLOCKS; row++) {
                        for (int j = 0; j <= row; j++) {
                            assertEquals(whole.keeps(layer, head, row, j), parts.keeps(layer, head, row, j),
                                    "layer " + layer + ", head " + head + ", row " + row + ", block " + j);
                        }
                    }
                }
            }
        }
    }

    /// The last queries of the prompt, which choose for all rows, are not there when the first chunk is read.
    @ParameterizedTest
    @CsvSource({"verticalslash:density=0.4", "flex:density=0.4", "flex:mass=0.5"})
    void patternsAreRefusedInChunks(String written) {
        var e = assertThrows(IllegalArgumentException.class, () -> read(written, 4 * BLOCK, ForcedBlocks.DEFAULT));
        assertEquals(written + " looks at the whole prompt before it chooses: the prompt has 407 tokens, a chunk 128, "
                + "wanted one chunk of all of them", e.getMessage());
    }

    @Test
    void theAShapeIsTheFirstBlockAndAWindow() {
        int window = new TopBlocks(0.6).perRow(BLOCKS) - 1;
        assertEquals(3, window);
        var reading = read("ashape:density=0.6", TOKENS, ForcedBlocks.NONE);
        for (int row = 0; row < BLOCKS; row++) {
            for (int j = 0; j <= row; j++) {
                assertEquals(j == 0 || j > row - window, reading.keeps(1, 2, row, j), "row " + row + ", block " + j);
            }
        }
        assertTrue(read("ashape:density=0.01", TOKENS, ForcedBlocks.NONE).keeps(0, 0, 9, 0), "k is 1, the sink stays");
    }

    @Test
    void drawsFollowTheSeedAndDifferFromHeadToHead() {
        var first = read("random:density=0.4", TOKENS, ForcedBlocks.NONE).layers();
        var again = read("random:density=0.4,seed=0", TOKENS, ForcedBlocks.NONE).layers();
        var other = read("random:density=0.4,seed=1", TOKENS, ForcedBlocks.NONE).layers();
        assertTrue(Arrays.equals(first.get(1).mask().index(), again.get(1).mask().index()));
        assertFalse(Arrays.equals(first.get(1).mask().index(), other.get(1).mask().index()));
        int[] counts = new int[BLOCKS];
        for (Reading.Layer layer : first) {
            for (int head = 0; head < 4; head++) {
                for (int j = 0; j < BLOCKS; j++) {
                    counts[j] += layer.mask().keeps(head, BLOCKS - 1, j) ? 1 : 0;
                }
            }
        }
        assertNotEquals(0, Arrays.stream(counts, 0, BLOCKS - 1).filter(count -> count > 0 && count < 8).count());
    }

    @ParameterizedTest
    @CsvSource({"ashape, false", "meanpool, false", "random, false", "verticalslash, true", "minmax, true",
        "antidiagonal, true", "flex, true", "oracle, true"})
    void whatBringsTensorsToTheHostSaysSo(String word, boolean host) {
        assertEquals(host, Rival.named(word).orElseThrow().selector(64, Setting.density(0.1), 0, ForcedBlocks.NONE)
                .onHost());
    }
}
