package seer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.model.attention.BlockMask;
import seer.model.backend.NotFiniteException;
import seer.support.PlainTransformer;
import seer.support.TinyModel;
import seer.support.WatchedRanges;

/// A selector goes on choosing while the text is continued: against plain double precision that sees the same keys.
class DecodeSelectionTest {
    private static final int NEW = 40;

    @TempDir
    private Path folder;

    /// Keeps the diagonal and, by lot, half of the other blocks.
    ///
    /// @param ofKeys whether decoding masks have a row for each key/value head, else for each query head
    private record Lots(int block, int heads, int groups, boolean ofKeys) implements BlockSelector {

        boolean keeps(int layer, int head, int row, int j) {
            int unit = ofKeys ? head / (heads / groups) : head;
            return j == row || new SplittableRandom(((layer * 31L + unit) * 1009 + row) * 1013 + j).nextInt(16) < 8;
        }

        private BlockMask mask(LayerView view, boolean step) {
            int share = step && ofKeys ? heads / groups : 1;
            int first = view.firstBlock(block);
            int rows = view.blocks(block);
            var start = new int[heads / share * rows + 1];
            var index = new int[heads * rows * (first + rows)];
            for (int r = 0; r < heads / share * rows; r++) {
                int head = r / rows * share;
                int row = first + r % rows;
                int[] kept = IntStream.rangeClosed(0, row).filter(j -> keeps(view.layer(), head, row, j)).toArray();
                System.arraycopy(kept, 0, index, start[r], kept.length);
                start[r + 1] = start[r] + kept.length;
            }
            return new BlockMask(heads / share, block, first, rows, start, index);
        }

        @Override
        public String label() {
            return "lots";
        }

        @Override
        public Run begin(Prompt prompt) {
            return new Run() {
                @Override
                public BlockMask select(LayerView view) {
                    return mask(view, false);
                }

                @Override
                public BlockMask step(LayerView view) {
                    assertEquals(1, view.rows());
                    assertEquals(view.offset() + 1, view.total());
                    return mask(view, true);
                }
            };
        }
    }

    private static int[] prompt(int length) {
        return new SplittableRandom(length).ints(length, 1, 4096).toArray();
    }

    /// What a text is continued with, and that each token is the likeliest of the plain transformer.
    private static int[] continued(TinyModel tiny, Session session, Lots lots, int[] prompt, int count) {
        session.prefill(PrefillRequest.of(prompt, lots));
        int[] drawn = session.generate(count, Sampling.GREEDY, token -> { });
        assertTrue(drawn.length > count / 2, drawn.length + " tokens");
        int[] joined = IntStream.concat(IntStream.of(prompt), IntStream.of(drawn)).toArray();
        double[][] logits = new PlainTransformer(tiny, (layer, head, query, key) ->
                lots.keeps(layer, head, query / lots.block(), key / lots.block())).logits(joined);
        for (int i = 0; i < drawn.length; i++) {
            double[] row = logits[prompt.length + i - 1];
            double most = Arrays.stream(row).max().orElseThrow();
            assertEquals(most, row[drawn[i]], 1e-3, "token " + i);
        }
        return drawn;
    }

    @ParameterizedTest
    @CsvSource({"4, 2, 16, true, 300, 131", "4, 2, 16, false, 32, 131", "6, 1, 5, true, 50, 130",
        "2, 2, 64, false, 64, 131", "8, 2, 32, false, 300, 131"})
    void keptBlocksAloneAreSeenWhileDecoding(int heads, int groups, int block, boolean ofKeys, int chunk,
                                             int length) throws IOException {
        var tiny = TinyModel.random("llama", heads, groups, 16, true);
        var lots = new Lots(block, heads, groups, ofKeys);
        int[] prompt = prompt(length);
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(tiny.write(folder), backend);
                var session = model.session(200, chunk); var other = model.session(200)) {
            int[] drawn = continued(tiny, session, lots, prompt, NEW);
            other.prefill(PrefillRequest.of(prompt, BlockSelector.dense()));
            assertFalse(Arrays.equals(drawn, other.generate(NEW, Sampling.GREEDY, token -> { })),
                    "dense attention would say something else");
        }
    }

    @Test
    void theSameByTaskGraphs() throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, true);
        try (var _ = WatchedRanges.opened(); var backend = Backends.simulator();
                var model = LanguageModel.open(tiny.write(folder), backend);
                var session = model.session(100)) {
            continued(tiny, session, new Lots(16, 4, 2, true), prompt(37), 2);
        }
    }

    @Test
    void aNewPromptBeginsANewRun() throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, true);
        var lots = new Lots(16, 4, 2, true);
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(tiny.write(folder), backend);
                var session = model.session(200)) {
            int[] drawn = continued(tiny, session, lots, prompt(70), NEW);
            continued(tiny, session, lots, prompt(131), NEW);
            session.prefill(PrefillRequest.of(prompt(131), BlockSelector.dense()));
            assertArrayEquals(drawn, continued(tiny, session, lots, prompt(70), NEW));
        }
    }

    @Test
    void aSelectorThatSaysNothingDecodesDensely() {
        assertNull(BlockSelector.dense().begin(new BlockSelector.Prompt(null, null, 1, 1)).step(null));
    }

    @Test
    void aStepThatMeetsBrokenScoresNamesLayerAndSelector() throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, true);
        var dense = BlockSelector.dense();
        var broken = new BlockSelector() {
            @Override
            public String label() {
                return "broken";
            }

            @Override
            public int block() {
                return dense.block();
            }

            @Override
            public Run begin(Prompt prompt) {
                var run = dense.begin(prompt);
                return new Run() {
                    @Override
                    public BlockMask select(LayerView view) {
                        return run.select(view);
                    }

                    @Override
                    public BlockMask step(LayerView view) {
                        if (view.layer() == 1) {
                            throw NotFiniteException.score(3, view.firstBlock(64));
                        }
                        return null;
                    }
                };
            }
        };
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(tiny.write(folder), backend);
                var session = model.session(100)) {
            session.prefill(PrefillRequest.of(prompt(70), broken));
            String message = assertThrows(NotFiniteException.class,
                    () -> session.generate(5, Sampling.GREEDY, token -> { })).getMessage();
            assertTrue(message.contains("broken") && message.contains("layer 1"), message);
            assertThrows(IllegalStateException.class, () -> session.generate(5, Sampling.GREEDY, token -> { }),
                    "a text that broke off is not gone on with");
        }
    }
}
