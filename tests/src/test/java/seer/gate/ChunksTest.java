package seer.gate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.rival.Rival;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.LayerObserver;
import seer.model.PrefillRequest;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Backend;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// Every selector there is chooses the same blocks however the prompt is cut into chunks, or refuses to be cut.
class ChunksTest {
    private static final int TOKENS = 407; // the last block is short, whatever its size
    private static final int FEW = 150; // for the simulator
    private static final List<ForcedBlocks> FORCED =
            List.of(ForcedBlocks.NONE, ForcedBlocks.DEFAULT, new ForcedBlocks(3, true));

    @TempDir
    private static Path folder;
    private static Path tiny;
    private static Backend backend;
    private static LanguageModel model;

    @BeforeAll
    static void open() throws IOException {
        tiny = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
        backend = Backends.cpu(2);
        model = LanguageModel.open(tiny, backend);
    }

    @AfterAll
    static void close() {
        model.close();
        backend.close();
    }

    /// All that can be written on a command line, each sparse, with gates of one threshold.
    private static Stream<String> all() {
        var rivals = Arrays.stream(Rival.values()).flatMap(rival -> rival.criteria().stream()
                .map(criterion -> rival.word() + ":" + criterion.word() + switch (criterion) {
                    case DENSITY -> "=0.4";
                    case THRESHOLD -> "=0.1";
                    case MASS, BUDGET -> "=0.01";
                }));
        return Stream.concat(Stream.of("dense", "gate", "gate:density=0.3", "gate:threshold=0.02", "gate:budget=0.3",
                "gate:threshold=0.02+rest", "gate:density=0.3+delta=24", "meanpool:density=0.4+rest"),
                rivals);
    }

    private static AttnGate gate(LanguageModel open, int thresholds) throws IOException {
        Path adapter = new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax").write(folder.resolve("g" + thresholds),
                open);
        var values = new SplittableRandom(4).doubles(thresholds, 0.01, 0.1).boxed().toList();
        AttnGateWriter.calibrate(adapter, new GateThresholds(values, true), new ObjectMapper().createObjectNode());
        return AttnGate.open(adapter, open);
    }

    @ParameterizedTest
    @MethodSource("all")
    void chunkedEqualsOneShotOrIsRefused(String written) throws IOException {
        var gate = gate(model, 1);
        var spec = SelectorSpec.parse(written);
        for (ForcedBlocks forced : FORCED) {
            var selector = spec.selector(() -> gate, forced);
            assertEquals(spec.wholePrompt(), selector.wholePrompt(), "the command line knows beforehand");
            if (spec.wholePrompt()) {
                assertRefused(selector);
            } else {
                assertSame(model, selector, forced, TOKENS, 64, 130, 406);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8})
    void soDoGatesWithThresholdsOfLayersAndOfHeads(int thresholds) throws IOException {
        var selector = gate(model, thresholds).calibrated(ForcedBlocks.DEFAULT);
        assertFalse(selector.wholePrompt());
        assertSame(model, selector, ForcedBlocks.DEFAULT, TOKENS, 64, 192);
    }

    @Test
    void soDoGatesWithThresholdsOfLengths() throws IOException {
        Path adapter = new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax")
                .write(folder.resolve("lengths"), model);
        AttnGateWriter.calibrate(adapter, new GateThresholds(List.of(64, TOKENS * 2), List.of(0.2, 0.01), true),
                new ObjectMapper().createObjectNode());
        assertSame(model, AttnGate.open(adapter, model).calibrated(ForcedBlocks.DEFAULT), ForcedBlocks.DEFAULT, TOKENS,
                64, 192);
    }

    @ParameterizedTest
    @CsvSource({"4, gate:density=0.3", "1, gate:threshold=0.02", "8, gate:budget=0.3"})
    void soDoGatesWithSeveralVectorsToABlock(int keyBlock, String written) throws IOException {
        var gate = AttnGate.open(new TinyGate("Qavg_Kavg", 16, 16, true, "softmax")
                .write(folder.resolve("keys" + keyBlock), model, keyBlock), model);
        assertEquals(16 / keyBlock, gate.config().fold());
        var selector = SelectorSpec.parse(written).selector(() -> gate, ForcedBlocks.DEFAULT);
        if (selector.wholePrompt()) {
            assertRefused(selector);
        } else {
            assertSame(model, selector, ForcedBlocks.DEFAULT, TOKENS, 64, 192);
        }
    }

    /// What is chosen on the device rather than on the host.
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"gate:density=0.3", "meanpool:density=0.4"})
    void soDoTheKernelsOfADevice(String written) throws IOException {
        try (var simulator = Backends.simulator(); var open = LanguageModel.open(tiny, simulator)) {
            var gate = gate(open, 1);
            assertSame(open, SelectorSpec.parse(written).selector(() -> gate, ForcedBlocks.DEFAULT),
                    ForcedBlocks.DEFAULT, FEW, 64);
        }
    }

    private static void assertRefused(BlockSelector selector) {
        int[] prompt = tokens(TOKENS);
        try (var parts = model.session(TOKENS + 9, 128); var whole = model.session(TOKENS + 9, TOKENS)) {
            var e = assertThrows(IllegalArgumentException.class, () ->
                    parts.prefill(PrefillRequest.of(prompt, selector)));
            assertEquals(selector.label() + " looks at the whole prompt before it chooses: the prompt has 407 tokens, "
                    + "a chunk 128, wanted one chunk of all of them", e.getMessage());
            assertTrue(whole.prefill(PrefillRequest.of(prompt, selector)).density() < 1);
            parts.prefill(PrefillRequest.of(Arrays.copyOf(prompt, 128), selector)); // one chunk is enough
        }
    }

    private static void assertSame(LanguageModel open, BlockSelector selector, ForcedBlocks forced, int length,
                                   int... chunks) {
        int[] prompt = tokens(length);
        var wanted = new TreeMap<String, int[]>();
        float[] logits;
        try (var whole = open.session(length, length)) {
            logits = whole.prefill(PrefillRequest.of(prompt, selector).observedBy(collect(wanted))).logits();
        }
        for (int chunk : chunks) {
            var got = new TreeMap<String, int[]>();
            try (var parts = open.session(length, chunk)) {
                float[] there = parts.prefill(PrefillRequest.of(prompt, selector).observedBy(collect(got))).logits();
                assertEquals(wanted.keySet(), got.keySet());
                wanted.forEach((row, blocks) -> assertArrayEquals(blocks, got.get(row), () -> selector.label() + ", "
                        + forced + ", chunks of " + chunk + ", " + row));
                assertWithin(logits, there, 1e-5, selector.label() + " in chunks of " + chunk);
            }
        }
    }

    private static int[] tokens(int count) {
        return new SplittableRandom(count).ints(count, 1, 4096).toArray();
    }

    private static LayerObserver collect(TreeMap<String, int[]> rows) {
        return (view, mask, attention, logSumExp) -> {
            for (int head = 0; head < mask.heads(); head++) {
                for (int row = 0; row < mask.rows(); row++) {
                    int r = head * mask.rows() + row;
                    rows.put("layer %d head %d row %d".formatted(view.layer(), head, mask.firstRow() + row),
                            Arrays.copyOfRange(mask.index(), mask.start()[r], mask.start()[r + 1]));
                }
            }
        };
    }
}
