package seer.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import seer.gate.SelectorSpec;
import seer.gate.prompt.Family;
import seer.gate.prompt.PromptGenerator;
import seer.gate.rival.Criterion;
import seer.model.BlockSelector;
import seer.model.Perplexity;
import seer.model.PrefillRequest;
import seer.model.Session;
import seer.model.attention.ForcedBlocks;
import seer.support.Demo;
import seer.support.Retrieval;

/// Tasks against what else measures the same, and the order in which a study takes them.
class TasksTest {
    private static int[] emma() throws IOException {
        return Demo.model().tokenizer().encode(Files.readString(Demo.DATA.resolve("emma-excerpt.txt")));
    }

    private static BlockSelector gate() {
        return SelectorSpec.parse("gate:density=0.3").selector(Demo::gate, ForcedBlocks.NONE);
    }

    @Test
    void singleWindowsGiveTheModelsPerplexity() throws IOException {
        var task = new PerplexityTask(List.of(new Document("emma", emma())), 512, 512, 2);
        assertEquals(List.of("emma@0", "emma@512"), task.items());
        try (var session = Demo.model().session(512)) {
            double mean = (task.measure(session, 0, gate()).value() + task.measure(session, 1, gate()).value()) / 2;
            var wanted = Perplexity.measure(session, emma(), 512, 2, gate(), share -> { });
            assertEquals(wanted.value(), Math.exp(mean), 1e-9);
        }
    }

    @Test
    void slidingWindowsScoreEveryTokenOnceFromTheLongestContext() throws IOException {
        int[] tokens = emma();
        var task = new PerplexityTask(List.of(new Document("emma", tokens)), 256, 64, 3);
        assertEquals(List.of("emma@0", "emma@64", "emma@128"), task.items());
        try (var session = Demo.model().session(256)) {
            var sample = task.measure(session, 1, BlockSelector.dense());
            var nll = session.prefill(PrefillRequest.of(Arrays.copyOfRange(tokens, 64, 320), BlockSelector.dense())
                    .scored(tokens[320])).scores().negativeLogLikelihood();
            double sum = 0;
            for (int t = 192; t < 256; t++) {
                sum += nll[t];
            }
            assertEquals(sum / 64, sample.value(), 1e-6);
            assertEquals(64, sample.weight());
            assertEquals(256, task.measure(session, 0, BlockSelector.dense()).weight());
        }
    }

    @Test
    void textsWithoutAWindowAreRefused() {
        var e = assertThrows(IllegalArgumentException.class,
                () -> new PerplexityTask(List.of(new Document("short", new int[64])), 64, 64, 1));
        assertTrue(e.getMessage().contains("has 64 tokens, wanted at least one window of 64"), e.getMessage());
        assertThrows(IllegalArgumentException.class,
                () -> new PerplexityTask(List.of(new Document("short", new int[64])), 8, 9, 1));
    }

    @Test
    void forcedScoresAreThePublishedOnes() throws IOException {
        int vocabulary = Demo.model().config().vocabulary();
        var rows = PromptFile.read(Demo.DATA.resolve("retrieval.safetensors"), vocabulary).stream()
                .filter(each -> each.name().equals("multivalue_4096")).findFirst().orElseThrow();
        var prompts = rows.prompts().subList(0, 2);
        var task = RetrievalTask.of(rows.name(), prompts, RetrievalTask.Scoring.FORCED, Demo.model().tokenizer());
        try (var session = Demo.model().session(4096)) {
            double mean = (task.measure(session, 0, gate()).value() + task.measure(session, 1, gate()).value()) / 2;
            assertEquals(Retrieval.score(session, Retrieval.prompts(rows.name()).subList(0, 2), gate()).mean(), mean,
                    1e-12);
        }
    }

    @Test
    void generatedAnswersAreSearchedForTheValues() throws IOException {
        assertEquals(0.5, RetrievalTask.stringMatch(" It is Abc, or so", List.of("aBC", "12")));
        var generator = new PromptGenerator(Demo.model().tokenizer(), emma());
        var task = RetrievalTask.bySeed(generator, Family.SINGLE, 1, 600, 2, 5, RetrievalTask.Scoring.GENERATED,
                Demo.model().tokenizer());
        assertEquals(List.of("seed 5", "seed 6"), task.items());
        try (var session = Demo.model().session(task.capacity())) {
            assertEquals(1, task.measure(session, 0, BlockSelector.dense()).value());
        }
    }

    /// Remembers what was asked of it.
    private record Recorded(List<String> asked) implements EvalTask {
        @Override
        public Measure measure() {
            return Measure.RETRIEVAL;
        }

        @Override
        public String name() {
            return "recorded";
        }

        @Override
        public int tokens() {
            return 64;
        }

        @Override
        public List<String> items() {
            return List.of("a", "b");
        }

        @Override
        public Sample measure(Session session, int item, BlockSelector selector) {
            asked.add(items().get(item) + " " + selector.label());
            return new Sample(1, 1, 1, 0, 0, 0, Map.of());
        }
    }

    @Test
    void selectorsTakeTurnsAndNothingIsMeasuredTwice() {
        var asked = new ArrayList<String>();
        var samples = new Samples();
        var told = new ArrayList<Integer>();
        var study = new Study(Demo.model(), samples, progress -> told.add(progress.done()));
        var contenders = List.of(Contender.dense(), new Contender("gate", gate(), 0));
        study.run(new Recorded(asked), contenders.subList(0, 1));
        assertEquals(List.of("a dense", "b dense"), asked);
        study.run(new Recorded(asked), contenders);
        assertEquals(List.of("a dense", "b dense", "a gate:density=0.3", "b gate:density=0.3"), asked);
        study.run(new Recorded(asked), contenders);
        assertEquals(4, asked.size());
        assertEquals(List.of(1, 2, 2, 4, 2, 4), told);
        assertEquals(4, samples.all().size());
        asked.clear();
        new Study(Demo.model(), new Samples(), progress -> { }).run(new Recorded(asked), contenders);
        assertEquals(List.of("a dense", "a gate:density=0.3", "b dense", "b gate:density=0.3"), asked);
    }

    @Test
    void bisectionFindsTheSettingOfADensity() {
        var found = Calibration.bisect(x -> x * x, 0, 1, 0.25, x -> 10 * x);
        assertEquals(5, found.value(), 0.05);
        assertEquals(0.25, found.density(), 0.0025);
    }

    @Test
    void calibratedThresholdsReachTheDensityOfTopK() throws IOException {
        var prompts = Calibration.windows(emma(), 2048, 1);
        try (var session = Demo.model().session(2048)) {
            double wanted = Calibration.density(session, prompts, gate());
            var found = Calibration.find(session, prompts, Criterion.THRESHOLD, wanted,
                    t -> SelectorSpec.parse("gate:threshold=" + t).selector(Demo::gate, ForcedBlocks.NONE));
            assertEquals(wanted, found.density(), 0.02 * wanted);
            assertTrue(found.value() > 0.001 && found.value() < 0.1, found.toString());
        }
        assertThrows(IllegalArgumentException.class, () -> Calibration.windows(new int[10], 64, 1));
    }
}
