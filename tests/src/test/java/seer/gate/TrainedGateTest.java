package seer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.course.SequenceSource;
import seer.gate.course.TrainingFolder;
import seer.gate.course.TrainingSequence;
import seer.gate.train.GateRecipeSpec;
import seer.gate.train.GateTraining;
import seer.gate.train.StepReport;
import seer.gate.train.TrainingPlan;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.LayerView;
import seer.model.PrefillRequest;
import seer.model.Session;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.SelectionRule;
import seer.model.backend.Tensor;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// Adapters after training and after calibration: what was trained is what runs.
class TrainedGateTest {
    private static final int LENGTH = 333;

    @TempDir
    private Path folder;
    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
    }

    private static int[] tokens(int count) {
        return new SplittableRandom(8).ints(count, 1, 4096).toArray();
    }

    /// The divergence that training reports is that of the scores which the adapter gives in a prefill.
    @ParameterizedTest
    @ValueSource(strings = {"g:block=16,width=16", "g:block=16,width=16,rope=false", "g:block=32,width=8",
        "g:block=8,width=16,type=Qmaxmin_Kavg", "g:block=16,width=12,rope=false,type=Qavg_Kmaxmin"})
    void whatIsTrainedIsWhatRuns(String text) throws IOException {
        var recipe = GateRecipeSpec.parse(text, 16, 1e-30); // a step that changes nothing
        var steps = new ArrayList<StepReport>();
        try (var backend = Backends.cpu(2); var open = LanguageModel.open(model, backend);
                var session = open.session(LENGTH, LENGTH)) {
            var plan = new TrainingPlan(List.of(recipe), List.of(LENGTH), 1, 1, 0, 1, 0, 3);
            var place = new TrainingFolder(folder.resolve("out"));
            place.create();
            var gates = new GateTraining(open, plan, constant(), "x", place, 2).run(false, 10, steps::add);
            Path adapter = gates.write(place, "tiny", "test", DType.F32).getFirst();
            assertEquals(recipe.rope(), AttnGate.open(adapter, open).config().rope());
            var json = (ObjectNode) new ObjectMapper().readTree(adapter.resolve("config.json").toFile());
            assertEquals(LENGTH, json.get("seer_training").get("tokens").asInt());
            double nats = nats(AttnGate.open(adapter, open), session, recipe.dropped(
                    Math.ceilDiv(LENGTH, recipe.block())));
            assertEquals(nats, steps.getFirst().gates().getFirst().divergence(), 1e-5 * nats);
        }
    }

    private static double nats(AttnGate gate, Session session, int dropped) {
        var scored = new Scored(gate, dropped);
        session.prefill(PrefillRequest.of(tokens(LENGTH), scored)
                .observedBy((view, mask, attention, logSumExp) -> scored.add(view, logSumExp)));
        return scored.sum / scored.rows;
    }

    /// Computes every block, and the divergence of the gate's scores from the true map by its definition.
    private static final class Scored implements BlockSelector {
        private final AttnGate gate;
        private final int dropped;
        private GateRun run;
        private double sum;
        private long rows;

        Scored(AttnGate gate, int dropped) {
            this.gate = gate;
            this.dropped = dropped;
        }

        @Override
        public String label() {
            return "scored";
        }

        @Override
        public int block() {
            return gate.config().block();
        }

        @Override
        public Run begin(Prompt prompt) {
            run = new GateRun(gate, new SelectionRule.TopBlocks(1), ForcedBlocks.NONE, prompt);
            return run;
        }

        void add(LayerView view, Tensor logSumExp) {
            int n = view.blocks(block());
            for (int head = 0; head < view.config().heads(); head++) {
                float[] s = run.scores(view, head);
                float[] map = view.backend().pooledAttention(view.queries(), view.rows(), 0, view.cache(), logSumExp,
                        block(), head);
                for (int i = dropped; i < n; i++) {
                    int at = i * n;
                    double mass = IntStream.rangeClosed(at, at + i).mapToDouble(j -> map[j]).sum();
                    double all = IntStream.rangeClosed(at, at + i).mapToDouble(j -> Math.exp(s[j])).sum();
                    sum += IntStream.rangeClosed(at, at + i).mapToDouble(j -> map[j] / mass
                            * Math.log(map[j] / mass / (Math.exp(s[j]) / all))).sum();
                    rows++;
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"MODEL, false, 0", "LAYER, false, 0", "HEAD, false, 0", "MODEL, true, 0", "LAYER, true, 0",
        "HEAD, true, 0", "MODEL, true, 2", "LAYER, false, 1"})
    void calibrationGivesTheDensityAndIsStored(ThresholdSearch.Scope scope, boolean keepFirst, int lastRows)
            throws IOException {
        try (var backend = Backends.cpu(2); var open = LanguageModel.open(model, backend);
                var session = open.session(1000, 1000)) {
            Path adapter = new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax").write(folder.resolve("g"), open);
            var windows = List.of(tokens(1000), new SplittableRandom(2).ints(1000, 1, 4096).toArray());
            var found = ThresholdSearch.run(AttnGate.open(adapter, open), session, windows,
                    new ThresholdSearch.Goal(0.2, keepFirst, null, lastRows), scope, share -> { });
            assertEquals(0.2, found.density(), 0.002);
            assertEquals(switch (scope) {
                case MODEL -> 1;
                case LAYER -> 2;
                case HEAD -> 2 * open.config().heads();
            }, found.thresholds().values().size());
            var before = (ObjectNode) new ObjectMapper().readTree(adapter.resolve("config.json").toFile());
            AttnGateWriter.calibrate(adapter, found.thresholds(), new ObjectMapper().createObjectNode());
            var after = (ObjectNode) new ObjectMapper().readTree(adapter.resolve("config.json").toFile());
            before.properties().forEach(field -> assertEquals(field.getValue(), after.get(field.getKey())));
            assertEquals(keepFirst, after.get("seer_keep_first").asBoolean());
            assertEquals(keepFirst, AttnGate.open(adapter, open).config().thresholds().keepFirst());
            var selector = SelectorSpec.parse("gate").selector(() -> AttnGate.open(adapter, open),
                    new ForcedBlocks(lastRows, keepFirst));
            double density = 0;
            for (int[] window : windows) {
                var report = session.prefill(PrefillRequest.of(window, selector).observedBy((view, mask, out, sums) -> {
                    for (int head = 0; scope == ThresholdSearch.Scope.HEAD && head < mask.heads(); head++) {
                        assertEquals(0.2, density(mask, head), 0.06, "head " + head);
                    }
                }));
                density += report.density() / windows.size();
                if (scope != ThresholdSearch.Scope.MODEL) {
                    assertEquals(0.2, report.layerDensity()[0], 0.05);
                    assertEquals(0.2, report.layerDensity()[1], 0.05);
                }
            }
            assertEquals(found.density(), density, 1e-9, "the density that was promised");
            assertEquals("gate:calibrated", selector.label());
            // calibrated anew, the other way: nothing of the first is left
            AttnGateWriter.calibrate(adapter, new GateThresholds(List.of(0.5), false),
                    new ObjectMapper().createObjectNode());
            assertEquals(List.of(0.5), AttnGate.open(adapter, open).config().thresholds().values());
        }
    }

    /// What a gate wants pooled on the way is asked for by whatever it chooses within.
    @ParameterizedTest
    @ValueSource(strings = {"gate:density=0.3", "gate:density=0.3+rest", "gate:density=0.3+delta=32", "gate:budget=0.3",
        "gate:budget=0.3+rest"})
    void poolsAreAskedForThroughEverySelector(String text) throws IOException {
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend);
                var session = open.session(100, 100)) {
            var gate = AttnGate.open(new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax")
                    .write(folder.resolve("g"), open), open);
            var selector = SelectorSpec.parse(text).selector(() -> gate, ForcedBlocks.NONE);
            session.prefill(PrefillRequest.of(tokens(100), BlockSelector.dense())
                    .observedBy((view, mask, out, sums) -> assertEquals(16, selector.begin(new BlockSelector.Prompt(
                            view.arena(), view.config(), view.total(), view.total())).pools(0).block())));
        }
    }

    /// What is left out counts by its means: for a sixteenth of the blocks here, which a threshold then has less.
    @Test
    void theCorrectionCountsInTheDensityAndIsStored() throws IOException {
        try (var backend = Backends.cpu(2); var open = LanguageModel.open(model, backend);
                var session = open.session(1000, 1000)) {
            Path adapter = new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax").write(folder.resolve("g"), open);
            var found = ThresholdSearch.run(AttnGate.open(adapter, open), session, List.of(tokens(1000)),
                    new ThresholdSearch.Goal(0.2, true, CorrectionSpec.parse("+rest")), ThresholdSearch.Scope.MODEL,
                    share -> { });
            assertEquals(0.2, found.density(), 0.002);
            AttnGateWriter.calibrate(adapter, found.thresholds(), new ObjectMapper().createObjectNode());
            var gate = AttnGate.open(adapter, open);
            assertEquals(found.thresholds(), gate.config().thresholds());
            var forced = new ForcedBlocks(0, true);
            for (String text : List.of("gate", "gate+rest")) {
                var selector = SelectorSpec.parse(text).selector(() -> gate, forced);
                assertEquals(found.density(), session.prefill(PrefillRequest.of(tokens(1000), selector)).density(),
                        1e-9, text);
            }
            assertEquals("gate:calibrated+rest", SelectorSpec.parse("gate").selector(() -> gate, forced).label());
            AttnGateWriter.calibrate(adapter, new GateThresholds(found.thresholds().values(), false),
                    new ObjectMapper().createObjectNode());
            var without = AttnGate.open(adapter, open);
            var bare = SelectorSpec.parse("gate");
            assertEquals(session.prefill(PrefillRequest.of(tokens(1000), bare.selector(() -> without,
                    ForcedBlocks.NONE))).density(), session.prefill(PrefillRequest.of(tokens(1000),
                    bare.selector(() -> without, forced))).density(), "the first block is kept if it was then");
            var other = SelectorSpec.parse("gate+delta=32").selector(() -> gate, forced);
            assertEquals(found.density() - 1.0 / 16 + 1.0 / 32,
                    session.prefill(PrefillRequest.of(tokens(1000), other)).density(), 0.02, "in place of the stored");
            AttnGateWriter.calibrate(adapter, new GateThresholds(List.of(0.5), true),
                    new ObjectMapper().createObjectNode());
            assertEquals(null, AttnGate.open(adapter, open).config().thresholds().correction());
        }
    }

    private static double density(BlockMask mask, int head) {
        int kept = mask.start()[(head + 1) * mask.rows()] - mask.start()[head * mask.rows()];
        return (double) kept * mask.heads() / mask.causal();
    }

    @Test
    void lessThanTheDiagonalCannotBeCalibratedFor() throws IOException {
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend);
                var session = open.session(160, 160)) {
            var gate = AttnGate.open(new TinyGate("Qavg_Kavg", 16, 16, false, "sigmoid").write(folder.resolve("g"),
                    open), open);
            var e = assertThrows(IllegalArgumentException.class, () -> ThresholdSearch.run(gate, session,
                    List.of(tokens(160)), new ThresholdSearch.Goal(0.1, false), ThresholdSearch.Scope.MODEL,
                    share -> { }));
            assertTrue(e.getMessage().startsWith("density is 0.1, the diagonal alone is 0.1818"), e.getMessage());
            e = assertThrows(IllegalArgumentException.class, () -> ThresholdSearch.run(gate, session,
                    List.of(tokens(160)), new ThresholdSearch.Goal(0.3, true), ThresholdSearch.Scope.MODEL,
                    share -> { }));
            assertTrue(e.getMessage().startsWith("density is 0.3, the diagonal and the first block are 0.3454"),
                    e.getMessage());
            e = assertThrows(IllegalArgumentException.class, () -> ThresholdSearch.run(gate, session,
                    List.of(tokens(160)), new ThresholdSearch.Goal(0.3, true, null, 1), ThresholdSearch.Scope.MODEL,
                    share -> { }));
            assertTrue(e.getMessage().startsWith("density is 0.3, the diagonal, the first block and the last row are "
                    + "0.4909"), e.getMessage());
        }
    }

    @Test
    void gatesWithoutThresholdsSaySo() throws IOException {
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            var gate = AttnGate.open(new TinyGate("Qavg_Kavg", 16, 16, false, "softmax").write(folder.resolve("g"),
                    open), open);
            var e = assertThrows(IllegalArgumentException.class, () -> gate.calibrated(ForcedBlocks.NONE));
            assertTrue(e.getMessage().startsWith("these gates carry no threshold: "), e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"seer_threshold\": 1.5 | seer_threshold holds 1.5, wanted at least 0 and below 1",
        "\"seer_threshold\": \"low\" | field seer_threshold: wanted a number, got \"low\"",
        "\"seer_threshold\": 0.99999999999 | seer_threshold holds 0.99999999999, wanted at least 0 and below 1",
        "\"seer_threshold\": 1e999 | field seer_threshold: wanted a number",
        "\"seer_thresholds\": [] | field seer_thresholds: wanted 2 numbers, one for each layer, or 8, one for each "
                + "head, got 0",
        "\"seer_threshold\": 0.1, \"seer_keep_first\": 1 | field seer_keep_first: wanted true or false, got 1",
        "\"seer_threshold\": 0.1, \"seer_correction\": \"+all\" | field seer_correction: wanted +rest or "
                + "+delta[=ROWS], got +all",
        "\"seer_thresholds\": [0.1] | field seer_thresholds: wanted 2 numbers, one for each layer, or 8, one for "
                + "each head, got 1",
        "\"seer_thresholds\": [0.1, -1] | seer_thresholds holds -1.0",
        "\"seer_thresholds\": [0.1, 0.1], \"seer_threshold\": 0.1 | wanted nothing beside seer_threshold, got both",
        "\"seer_gate_rope\": \"no\" | field seer_gate_rope: wanted true or false, got \"no\""})
    void brokenConfigurationsAreRefusedInOneSentence(String json, String part) throws IOException {
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            Path adapter = new TinyGate("Qavg_Kavg", 16, 16, false, "softmax").write(folder.resolve("g"), open);
            Path file = adapter.resolve("config.json");
            Files.writeString(file, Files.readString(file).replace("}", ", " + json + "}"));
            var e = assertThrows(MalformedModelException.class, () -> AttnGate.open(adapter, open));
            assertTrue(e.getMessage().contains(part) && e.getMessage().startsWith(file.toString()), e.getMessage());
        }
    }

    private static SequenceSource constant() {
        return new SequenceSource() {
            @Override
            public TrainingSequence sequence(long index, int length) {
                return TrainingSequence.text(tokens(length));
            }

            @Override
            public String label() {
                return "random tokens";
            }
        };
    }
}
