package seer.gate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.support.Close.assertWithin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.LayerObserver;
import seer.model.PrefillRequest;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;
import seer.model.load.MalformedModelException;
import seer.support.Demo;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// Gates of every shape: what they select, how they are read, what they refuse.
class AttnGateTest {
    @TempDir
    private Path folder;

    private static int[] tokens(int count) {
        return new SplittableRandom(count).ints(count, 1, 4096).toArray();
    }

    @ParameterizedTest
    @CsvSource({"Qavg_Kmaxminavg, 64, 16, false, softmax", "Qavg_Kmaxminavg, 8, 16, false, sigmoid",
        "Qavg_Kavg, 16, 32, true, softmax", "Qmaxminavg_Kmaxmin, 32, 8, true, sigmoid",
        "Qavg_Kmax, 128, 16, false, softmax", "Qmax_Kmin, 8, 64, true, softmax"})
    void aPromptReadInChunksGetsTheMaskAndOutputsOfOneReadAtOnce(String type, int block, int width, boolean projects,
                                                                 String activation) throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, true);
        int[] prompt = tokens(1000);
        try (var backend = Backends.cpu(2); var model = LanguageModel.open(tiny.write(folder.resolve("m")), backend);
                var once = model.session(1000, 1000); var parts = model.session(1000, 256)) {
            var gate = AttnGate.open(
                    new TinyGate(type, block, width, projects, activation).write(folder.resolve("g"), model), model);
            for (var selector : new BlockSelector[] {gate.density(0.3),
                gate.selector(new SelectionRule.Threshold(0.02f, gate.config().activation()), ForcedBlocks.NONE)}) {
                var whole = new TreeMap<String, int[]>();
                var pieces = new TreeMap<String, int[]>();
                float[] wanted = once.prefill(PrefillRequest.of(prompt, selector).observedBy(collect(whole))).logits();
                float[] got = parts.prefill(PrefillRequest.of(prompt, selector).observedBy(collect(pieces))).logits();
                assertEquals(whole.keySet(), pieces.keySet());
                whole.forEach((row, blocks) -> assertArrayEquals(blocks, pieces.get(row), row));
                assertWithin(wanted, got, 1e-5, selector.label());
            }
        }
    }

    private static LayerObserver collect(TreeMap<String, int[]> rows) {
        return (view, mask, attention, logSumExp) -> {
            for (int head = 0; head < mask.heads(); head++) {
                for (int row = 0; row < mask.rows(); row++) {
                    int r = head * mask.rows() + row;
                    rows.put("layer %d head %d row %d".formatted(view.layer(), head, mask.firstRow() + row),
                            java.util.Arrays.copyOfRange(mask.index(), mask.start()[r], mask.start()[r + 1]));
                }
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 63, 64, 65, 130})
    void shortPromptsAreReadThroughTheGate(int length) {
        int[] prompt = tokens(length);
        try (var session = Demo.model().session(length)) {
            float[] dense = session.prefill(PrefillRequest.of(prompt, BlockSelector.dense())).logits();
            var report = session.prefill(PrefillRequest.of(prompt, Demo.gate().density(0.1)));
            assertTrue(report.density() > 0 && report.density() <= 1);
            if (length <= 128) {
                assertEquals(1.0, report.density(), "at most two rows of blocks: all of them are dense");
                assertWithin(dense, report.logits(), 1e-5, "logits");
            }
        }
    }

    @Test
    void everyRowKeepsItsDiagonalAndForcedBlocks() {
        int[] prompt = tokens(1000);
        try (var session = Demo.model().session(1000, 1000)) {
            var forced = new ForcedBlocks(3, true);
            var selector = Demo.gate().selector(new SelectionRule.TopBlocks(0.05), forced);
            session.prefill(PrefillRequest.of(prompt, selector).observedBy((view, mask, attention, logSumExp) -> {
                for (int head = 0; head < mask.heads(); head++) {
                    for (int row = 0; row < 16; row++) {
                        assertTrue(mask.keeps(head, row, row), "diagonal of row " + row);
                        assertTrue(mask.keeps(head, row, 0), "first block of row " + row);
                    }
                    for (int row = 13; row < 16; row++) {
                        for (int key = 0; key <= row; key++) {
                            assertTrue(mask.keeps(head, row, key), "dense row " + row);
                        }
                    }
                }
            }));
        }
    }

    @Test
    void theReportedDensityCountsForcedBlocks() {
        int[] prompt = tokens(640);
        try (var session = Demo.model().session(640)) {
            long[] kept = new long[2];
            var report = session.prefill(PrefillRequest.of(prompt, Demo.gate().density(0.1))
                    .observedBy((view, mask, attention, logSumExp) -> count(mask, kept)));
            assertEquals((double) kept[0] / kept[1], report.density(), 1e-12);
        }
    }

    private static void count(BlockMask mask, long[] kept) {
        kept[0] += mask.kept();
        kept[1] += mask.causal();
    }

    @ParameterizedTest
    @CsvSource({"1000, 0.2, 1000", "1000, 0.5, 1020", "640, 0.1, 640", "64, 0.5, 64", "500, 0.9, 500"})
    void aBudgetIsSpentOnTheLikeliestBlocksOfALayer(int length, double budget, int chunk) {
        int n = Math.ceilDiv(length, 64);
        for (boolean keepFirst : new boolean[] {false, true}) {
            var budgeted = new BudgetSelector(Demo.gate(), budget, new ForcedBlocks(0, keepFirst));
            assertTrue(budgeted.onHost());
            try (var session = Demo.model().session(length, Math.min(chunk, length))) {
                var report = session.prefill(PrefillRequest.of(tokens(length), new Checked(budgeted)));
                double anyway = (n + (keepFirst ? n - 1 : 0)) / (n * (n + 1) / 2.0);
                assertTrue(report.density() <= Math.max(budget, anyway), "density " + report.density());
            }
        }
    }

    /// Over all heads and rows of a layer's chunk no block is kept that is less likely than one that is not, and no
    /// more blocks than the budget allows.
    private record Checked(BudgetSelector budgeted) implements BlockSelector {
        @Override
        public String label() {
            return budgeted.label();
        }

        @Override
        public int block() {
            return budgeted.block();
        }

        @Override
        public Run begin(Prompt prompt) {
            var run = budgeted.begin(prompt);
            return view -> {
                BlockMask mask = run.select(view);
                int from = budgeted.forced().keepFirst() ? 1 : 0;
                long anyway = (long) mask.heads() * (mask.rows() + from * (mask.rows() - 1));
                long most = Math.max((long) (budgeted.density() * mask.causal()), anyway);
                assertTrue(mask.kept() <= most && mask.kept() >= most - 2, mask.kept() + " of " + most);
                double leastKept = 1;
                double mostDropped = 0;
                for (int head = 0; head < mask.heads(); head++) {
                    float[] scores = run.scores(view, head);
                    int columns = mask.firstRow() + mask.rows();
                    for (int row = mask.firstRow(); row < columns; row++) {
                        int at = (row - mask.firstRow()) * columns;
                        double sum = IntStream.rangeClosed(at, at + row).mapToDouble(i -> Math.exp(scores[i])).sum();
                        for (int j = from; j < row; j++) {
                            double probability = Math.exp(scores[at + j]) / sum;
                            if (mask.keeps(head, row, j)) {
                                leastKept = Math.min(leastKept, probability);
                            } else {
                                mostDropped = Math.max(mostDropped, probability);
                            }
                        }
                    }
                }
                assertTrue(leastKept >= mostDropped - 1e-6, leastKept + " kept, " + mostDropped + " dropped");
                return mask;
            };
        }
    }

    @Test
    void parametersAreCountedAndSharedOut() {
        assertEquals(8L * 4 * 192 * 64, Demo.gate().parameters());
        assertEquals(393_216 / 7_344_384.0, Demo.gate().shareOfModel(), 1e-12);
    }

    @Test
    void gatesOfAnotherModelAreRefused() throws IOException {
        var tiny = TinyModel.random("llama", 4, 2, 16, true);
        try (var backend = Backends.cpu(1); var model = LanguageModel.open(tiny.write(folder.resolve("m")), backend)) {
            assertRefused(Demo.GATE, model, "config.json", "base_model_sha256", "made for another model");
        }
    }

    @Test
    void gatesThatDoNotFitAreRefusedByTensorAndShape() throws IOException {
        var model = Demo.model();
        var gate = new TinyGate("Qavg_Kmaxminavg", 64, 64, false, "softmax").write(folder.resolve("g"), model);
        rewrite(gate, "Kmaxminavg", "Kmaxavg");
        assertRefused(gate, model, "attn_gate_weights.safetensors",
                "model.layers.0.self_attn.attn_gate.mask_linear_k.weight", "[4, 192, 64]", "[4, 128, 64]");
        rewrite(gate, "Kmaxavg", "Kavgmax");
        assertRefused(gate, model, "config.json", "seerattn_gate_type", "Qavg_Kavgmax", "in this order");
        rewrite(gate, "Kavgmax", "Kmaxminavg");
        rewrite(gate, "\"seerattn_gate_block_size\": 64", "\"seerattn_gate_block_size\": 48");
        assertRefused(gate, model, "config.json", "seerattn_gate_block_size is 48", "[8, 16, 32, 64, 128]");
        rewrite(gate, "\"seerattn_gate_block_size\": 48", "\"seerattn_gate_block_size\": 64");
        rewrite(gate, "softmax", "relu");
        assertRefused(gate, model, "config.json", "seer_gate_activation", "relu");
        rewrite(gate, "relu", "softmax");
        rewrite(gate, "\"seerattn_gate_hidden_size\": 64", "\"seerattn_gate_hidden_size\": 32");
        assertRefused(gate, model, "mask_linear_q.weight", "missing", "seerattn_gate_hidden_size is 32");
        Files.delete(gate.resolve("attn_gate_weights.safetensors"));
        assertRefused(gate, model, "attn_gate_weights.safetensors");
    }

    private static void rewrite(Path gate, String from, String to) throws IOException {
        Path file = gate.resolve("config.json");
        String text = Files.readString(file);
        assertTrue(text.contains(from), text);
        Files.writeString(file, text.replace(from, to));
    }

    private static void assertRefused(Path gate, LanguageModel model, String... parts) {
        var e = assertThrows(MalformedModelException.class, () -> AttnGate.open(gate, model));
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
        assertFalse(e.getMessage().contains("\n"), "one sentence");
    }
}
