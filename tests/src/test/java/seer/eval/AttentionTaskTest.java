package seer.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.AttnGate;
import seer.gate.SelectorSpec;
import seer.model.Backends;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.LayerObserver;
import seer.model.LayerView;
import seer.model.PrefillRequest;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Tensor;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// Recall and rank correlation against a plain double-precision softmax.
class AttentionTaskTest {
    private static final int TOKENS = 200;

    @TempDir
    private Path folder;

    private static int[] tokens() {
        return new SplittableRandom(3).ints(TOKENS, 0, 4096).toArray();
    }

    private LanguageModel model(seer.model.backend.Backend backend) throws IOException {
        return LanguageModel.open(TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model")), backend);
    }

    /// Share of the attention of each head inside the mask, query by query, summed plainly.
    private static void plainRecall(LayerView view, BlockMask mask, Map<String, Double> sums) {
        float[] q = view.queries().download();
        float[] k = view.cache().keys().download();
        int d = view.config().headWidth();
        int heads = view.config().heads();
        int perGroup = heads / view.config().groups();
        for (int head = 0; head < heads; head++) {
            double sum = 0;
            for (int t = 0; t < view.rows(); t++) {
                int position = view.offset() + t;
                double inside = 0;
                double all = 0;
                for (int s = 0; s <= position; s++) {
                    double dot = 0;
                    for (int i = 0; i < d; i++) {
                        dot += (double) q[(head * view.queries().extent(1) + t) * d + i]
                                * k[(head / perGroup * view.cache().keys().extent(1) + s) * d + i];
                    }
                    double weight = Math.exp(dot / Math.sqrt(d));
                    all += weight;
                    inside += mask.keeps(head, position / mask.block(), s / mask.block()) ? weight : 0;
                }
                sum += inside / all;
            }
            sums.merge("layer " + view.layer() + " head " + head, sum / TOKENS, Double::sum);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1000})
    void recallIsTheMassInsideTheMaskHeadByHead(int chunk) throws IOException {
        try (var backend = Backends.cpu(2); var model = model(backend); var session = model.session(TOKENS, chunk)) {
            var gate = AttnGate.open(new TinyGate("Qavg_Kmaxminavg", 16, 16, false, "softmax")
                    .write(folder.resolve("gate"), model), model);
            var selector = SelectorSpec.parse("gate:density=0.4").selector(() -> gate, ForcedBlocks.NONE);
            Map<String, Double> wanted = new HashMap<>();
            var runs = new BlockSelector.Run[1];
            LayerObserver plain = (view, mask, attention, logSumExp) -> {
                if (runs[0] == null) {
                    runs[0] = selector.begin(new BlockSelector.Prompt(view.arena(), view.config(), view.total(),
                            view.rows()));
                }
                plainRecall(view, runs[0].select(view), wanted);
            };
            session.prefill(PrefillRequest.of(tokens(), BlockSelector.dense()).observedBy(plain));
            var task = new AttentionTask(Measure.RECALL, "tiny", List.of("one"), List.of(tokens()));
            var sample = task.measure(session, 0, selector);
            assertEquals(wanted.keySet(), sample.parts().keySet());
            wanted.forEach((head, value) -> assertEquals(value, sample.parts().get(head), 1e-5, head));
            assertEquals(wanted.values().stream().mapToDouble(v -> v).average().orElseThrow(), sample.value(), 1e-5);
            assertTrue(sample.value() < 0.99 && sample.density() < 0.6, sample.toString());
            assertEquals(1, task.measure(session, 0, BlockSelector.dense()).value(), 1e-6);
        }
    }

    /// Keeps every block and scores them with the true pooled map, or its negative.
    private record Knowing(float sign) implements BlockSelector {
        @Override
        public String label() {
            return "knowing";
        }

        @Override
        public int block() {
            return 16;
        }

        @Override
        public Run begin(Prompt prompt) {
            return new Run() {
                @Override
                public BlockMask select(LayerView view) {
                    return BlockMask.dense(view.config().heads(), 16, view.firstBlock(16), view.blocks(16));
                }

                @Override
                public float[] scores(LayerView view, int head) {
                    Tensor out = view.arena().allocate(view.rows(), view.config().heads()
                            * view.config().headWidth());
                    Tensor logSumExp = view.arena().allocate(view.config().heads(), view.rows());
                    view.backend().attend(view.queries(), view.rows(), view.offset(), view.cache(),
                            select(view), out, logSumExp);
                    float[] map = view.backend().pooledAttention(view.queries(), view.rows(), view.offset(),
                            view.cache(), logSumExp, 16, head);
                    for (int i = 0; i < map.length; i++) {
                        map[i] *= sign;
                    }
                    return map;
                }
            };
        }
    }

    @Test
    void whoKnowsTheMapRanksPerfectlyAndItsOppositePerfectlyWrong() throws IOException {
        try (var backend = Backends.cpu(2); var model = model(backend); var session = model.session(TOKENS)) {
            var task = new AttentionTask(Measure.RANK_CORRELATION, "tiny", List.of("one"), List.of(tokens()));
            assertEquals(1, task.measure(session, 0, new Knowing(1)).value(), 1e-9);
            assertEquals(-1, task.measure(session, 0, new Knowing(-1)).value(), 1e-9);
            var e = assertThrows(IllegalArgumentException.class,
                    () -> task.measure(session, 0, BlockSelector.dense()));
            assertTrue(e.getMessage().contains("wanted"), e.getMessage());
        }
    }

    @Test
    void windowsAreCutFromTheDocument() {
        var task = AttentionTask.of(Measure.RECALL, new Document("x", new int[130]), 64, 5);
        assertEquals(List.of("x@0", "x@64"), task.items());
        assertEquals(64, task.tokens());
        assertThrows(IllegalArgumentException.class,
                () -> AttentionTask.of(Measure.RECALL, new Document("x", new int[10]), 64, 1));
        assertThrows(IllegalArgumentException.class,
                () -> new AttentionTask(Measure.PERPLEXITY, "x", List.of(), List.of()));
    }
}
