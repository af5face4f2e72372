package seer.run.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.eval.Sample;
import seer.eval.SampleKey;
import seer.eval.Samples;
import seer.eval.Study;
import seer.eval.plan.ContenderSpec;
import seer.eval.plan.Library;
import seer.eval.plan.TaskSpec;
import seer.eval.plan.TextSpec;
import seer.gate.CorrectionSpec;
import seer.gate.HeadLessons;
import seer.gate.HeadSearch;
import seer.gate.SelectorSpec;
import seer.gate.ThresholdSearch;
import seer.gate.course.MixedSequences;
import seer.gate.course.TextCorpus;
import seer.gate.prompt.Family;
import seer.gate.prompt.PromptGenerator;
import seer.gate.train.GateParameters;
import seer.gate.train.GateRecipeSpec;
import seer.gate.train.GradientBatch;
import seer.gate.train.Gradients;
import seer.gate.train.TrainingPlan;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Backend;
import seer.model.load.Utf8Text;
import seer.support.Demo;

/// Processes that share the work: here each on the cpu, which every machine has.
class DeviceCrewTest {
    @TempDir
    private static Path folder;
    private static Backend backend;
    private static LanguageModel model;
    private static Library library;
    private static Path text;

    @BeforeAll
    static void open() throws IOException {
        backend = Backends.cpu(1);
        model = LanguageModel.open(Demo.MODEL, backend);
        library = new Library(model, EvalWorker::text);
        text = Files.writeString(folder.resolve("text.txt"),
                Utf8Text.read(Demo.MODEL.resolve("thursday.txt")).substring(0, 12_000));
    }

    @AfterAll
    static void close() {
        library.close();
        model.close();
        backend.close();
    }

    private static ModelPlace place(Path model) {
        return new ModelPlace(model.toString(), null, null, "cpu", 1, "auto");
    }

    private static DeviceCrew crew() {
        var crew = DeviceCrew.start(place(Demo.MODEL), List.of(""));
        crew.join(library);
        return crew;
    }

    private static List<Double> facts(Sample sample) {
        return List.of(sample.value(), sample.weight(), sample.density());
    }

    /// Of several tasks, with what one process has measured already.
    @Test
    void samplesAreThoseOfOneProcessInItsOrder() {
        List<TaskSpec> tasks = List.of(new TaskSpec.Perplexity(List.of(TextSpec.of(text)), 256, 200, 4),
                new TaskSpec.Perplexity(List.of(TextSpec.of(text)), 320, 320, 3));
        var contenders = List.of(ContenderSpec.dense(), ContenderSpec.of("gate:density=0.5",
                SelectorSpec.parse("gate:density=0.5"), new ForcedBlocks(0, true), Demo.GATE));
        var alone = new Samples();
        var study = new Study(model, alone, progress -> { });
        var opened = contenders.stream().map(each -> each.open(library)).toList();
        tasks.forEach(task -> study.run(task.open(library), opened));

        var shared = new Samples();
        var known = alone.all().entrySet().stream().skip(2).findFirst().orElseThrow(); // dense, of the second item
        shared.put(known.getKey(), known.getValue());
        var told = new ArrayList<Integer>();
        try (var crew = crew()) {
            crew.prepare(tasks, contenders);
            var measurer = crew.measurer(library, shared, all -> told.add(all.all().size()));
            measurer.measure(tasks, contenders);
            var shifts = measurer.shifts();
            assertEquals(2, shifts.size());
            assertEquals(7, shifts.stream().mapToInt(Shift::read).sum());
            shifts.forEach(shift -> assertTrue(shift.first() > 0 && shift.waiting() >= 0, shift.text()));
        }
        assertEquals(List.of(3, 4, 6, 8, 10, 12, 14), told);
        var wanted = new ArrayList<SampleKey>(alone.all().keySet());
        wanted.remove(known.getKey());
        wanted.addFirst(known.getKey());
        assertEquals(wanted, List.copyOf(shared.all().keySet()));
        alone.all().forEach((key, sample) -> assertEquals(facts(sample), facts(shared.get(key)), key.toString()));
    }

    @Test
    void aShiftIsToldInWords() {
        assertEquals("device 0:1 read none", Shift.of("device 0:1", 0, List.of()).text());
        assertEquals("device 0:1 read 1, the first after 2.5 s", new Shift("device 0:1", 1, 2.5, 1, 0, 0, 0).text());
        assertEquals("device 0:1 read 1,001, the first after 2.5 s, others in 9.50 ms each (the last half in 8.00), "
                + "0.50 ms after the one before",
                new Shift("device 0:1", 1001, 2.5, 1001, 9.5e-3, 8e-3, 0.5e-3).text());
    }

    /// The last part of a training is one sequence, which its weights are proved by.
    @Test
    void aPieceCountsByWhatIsReadOfIt() {
        var shift = Shift.of("device 0:1", 2.5, List.of(new Shift.Piece(8, 9_000_000, 400_000_000),
                new Shift.Piece(8, 2_000_000, 320_000_000), new Shift.Piece(8, 1_000_000, 280_000_000),
                new Shift.Piece(1, 0, 35_000_000)));
        assertEquals("device 0:1 read 25, the first after 2.5 s, others in 37.35 ms each (the last half in 35.00), "
                + "1.00 ms after the one before", shift.text());
    }

    /// One has no prompt.
    @Test
    void documentsAreReadOnceAndAsInOneProcess() {
        var reading = new Reading(" Who", 2, "gate:density=0.5", 2, true, 0, 0, true, true);
        int[] tokens = model.tokenizer().encode(EvalWorker.text(text));
        var documents = new ArrayList<Document>();
        for (int i = 0; i < 12; i++) {
            int from = 40 * i;
            documents.add(new Document("d" + i, Map.of(), (each, open) -> each.prompt(open.tokenizer(),
                    open.config().vocabulary(), IntStream.range(from, from + 300).mapToObj(t -> tokens[t]).toList())));
        }
        documents.add(5, new Document("none", Map.of(), (each, open) -> each.prompt(open.tokenizer(), null)));
        var alone = new TreeMap<String, List<Object>>();
        try (var crew = DeviceCrew.alone()) {
            crew.join(library);
            crew.read(documents.iterator(), documents.size(), reading, Demo.GATE, (document, read) ->
                    assertNull(alone.put(document.id(), facts(read.answer()))));
        }
        var shared = new TreeMap<String, List<Object>>();
        try (var crew = crew()) {
            var shifts = crew.read(documents.iterator(), documents.size(), reading, Demo.GATE, (document, read) -> {
                synchronized (shared) {
                    assertNull(shared.put(document.id(), facts(read.answer())));
                }
            });
            assertEquals(12, shifts.stream().mapToInt(Shift::read).sum());
        }
        assertEquals(13, alone.size());
        assertEquals(alone, shared);
    }

    private static List<Object> facts(Answer answer) {
        return answer.error() != null ? List.of(answer.error()) : List.of(answer.answer(), answer.perplexity(),
                answer.tokens(), answer.density(), Arrays.hashCode(answer.logLikelihoods()));
    }

    private static TrainingPlan plan(int batch) {
        return new TrainingPlan(List.of(GateRecipeSpec.parse("one:block=32", 64, 0.01),
                GateRecipeSpec.parse("two:block=64,loss=mse", 64, 0.01)), List.of(300, 150), 3, batch, 1, 1, 0.01, 7);
    }

    @Test
    void gradientsAreThoseOfOneProcess() {
        var plan = plan(5);
        var corpus = TextCorpus.read(List.of(text), model.tokenizer(), -1);
        var job = new TrainingJob(plan, corpus, 0.5, List.of(Family.SINGLE));
        var source = MixedSequences.of(corpus, model.tokenizer(), job.retrieval(), job.families(), plan.seed());
        var weights = GateParameters.first(plan, model.config());
        try (var crew = crew(); var shared = crew.gradients(job);
                var alone = new GradientBatch(model, plan, source, 1)) {
            for (long first : new long[] {0, 5}) {
                compare(alone.of(weights, LongStream.range(first, first + 5)),
                        shared.of(weights, LongStream.range(first, first + 5)));
                // They went there as they are now, not as they first were.
                weights.getFirst().values().getFirst()[3] += 0.5f;
            }
            compare(alone.of(weights, LongStream.of(4)), shared.of(weights, LongStream.of(4)));
            var shifts = crew.shifts();
            assertEquals(crew.size(), shifts.size());
            assertEquals(2 * crew.size() + 1, shifts.stream().mapToInt(Shift::pieces).sum(),
                    "a part each of two steps");
            assertEquals(2 * 5 + 1, shifts.stream().mapToInt(Shift::read).sum(), "sequences");
            shifts.forEach(shift -> assertTrue(shift.first() > 0 && shift.working() > 0, shift.text()));
        }
    }

    /// Two processes of one device, of which each reads what it comes to.
    @Test
    void headsAreWeighedAsByOneProcess() {
        int[] tokens = model.tokenizer().encode(EvalWorker.text(text));
        var windows = List.of(Arrays.copyOf(tokens, 300), Arrays.copyOfRange(tokens, 300, 600));
        var prompt = new PromptGenerator(model.tokenizer(), tokens).generate(Family.SINGLE, 4, 300, 3);
        var goal = new ThresholdSearch.Goal(0.5, true, CorrectionSpec.parse("+rest"));
        var job = new LessonsJob(Demo.GATE.toString(), windows, List.of(prompt), goal, HeadLessons.Aim.DENSE);
        var trials = new ArrayList<HeadSearch.Trial>();
        for (int i = 0; i < 5; i++) {
            var logs = new double[32];
            Arrays.fill(logs, Math.log(0.01 * (i + 1)));
            trials.add(new HeadSearch.Trial(logs, i - 1));
        }
        try (var session = model.session(300, 300); var crew = crew()) {
            var alone = new HeadLessons(library.gate(Demo.GATE), session, windows, List.of(prompt), goal,
                    HeadLessons.Aim.DENSE).read(trials, share -> { });
            var told = new ArrayList<Double>();
            var shared = crew.lessons(job).read(trials, told::add);
            for (int i = 0; i < trials.size(); i++) {
                assertEquals(alone.get(i).text(), shared.get(i).text(), 1e-9);
                assertEquals(alone.get(i).answers(), shared.get(i).answers(), 1e-9);
                assertEquals(alone.get(i).density(), shared.get(i).density(), 1e-12);
            }
            assertTrue(alone.get(4).text() > alone.getFirst().text() && alone.getFirst().text() > 0);
            assertEquals(3 + 4, told.size(), "everything once, and the prompt of each lot");
            assertEquals(1, told.getLast());
        }
    }

    private static void compare(Gradients wanted, Gradients got) {
        assertEquals(wanted.sequences(), got.sequences());
        assertEquals(wanted.tokens(), got.tokens());
        for (int g = 0; g < wanted.tensors().size(); g++) {
            assertEquals(wanted.losses().get(g).loss(), got.losses().get(g).loss(),
                    1e-12 * wanted.losses().get(g).loss());
            for (int t = 0; t < wanted.tensors().get(g).size(); t++) {
                float[] tensor = wanted.tensors().get(g).get(t);
                float largest = 0;
                for (float value : tensor) {
                    largest = Math.max(largest, Math.abs(value));
                }
                assertArrayEquals(tensor, got.tensors().get(g).get(t), 1e-6f * largest, g + ", " + t);
            }
        }
    }

    @Test
    void runsOfSequencesHaveAboutAsManyTokens() {
        var plan = plan(40);
        long[] all = LongStream.range(40, 80).toArray();
        for (int devices : new int[] {1, 2, 3, 8, 64}) {
            var runs = DeviceGradients.runs(all, devices, plan);
            assertEquals(devices, runs.size());
            assertArrayEquals(all, runs.stream().flatMapToLong(LongStream::of).toArray());
            double share = LongStream.of(all).map(plan::length).sum() / (double) devices;
            runs.forEach(run -> assertEquals(share, LongStream.of(run).map(plan::length).sum(), 300));
        }
        assertEquals(1, DeviceGradients.runs(new long[] {3}, 4, plan).stream().filter(run -> run.length == 1).count());
    }

    @Test
    void aProcessThatIsKilledIsOneSentence() throws Exception {
        var order = new Order.Measure(new Item("nonsense", List.of(), 0));
        var before = ProcessHandle.current().children().toList();
        try (var companion = Companion.start(place(Demo.MODEL), "", 1)) {
            companion.opened();
            var refused = assertThrows(IllegalStateException.class, () -> companion.done(order));
            assertTrue(refused.getMessage().contains("nonsense"), refused.getMessage());
            // A fault of an order leaves it at work; its end does not.
            var started = ProcessHandle.current().children().filter(each -> !before.contains(each)).toList();
            assertEquals(1, started.size());
            started.getFirst().destroyForcibly();
            started.getFirst().onExit().get();
            var lost = assertThrows(RuntimeException.class, () -> companion.done(order));
            assertTrue(lost.getMessage().startsWith("the process for device  ended with exit code 137"),
                    lost.getMessage());
        }
    }

    @Test
    void noProcessIsLeftBehind() {
        var before = ProcessHandle.current().children().toList();
        var crew = DeviceCrew.start(place(folder.resolve("nowhere")), List.of("", ""));
        assertEquals(2, ProcessHandle.current().children().filter(each -> !before.contains(each)).count());
        crew.join(library);
        var task = new TaskSpec.Perplexity(List.of(TextSpec.of(text)), 64, 64, 3);
        var measurer = crew.measurer(library, new Samples(), () -> { });
        var refused = assertThrows(IllegalStateException.class,
                () -> measurer.measure(List.of(task), List.of(ContenderSpec.dense())));
        assertTrue(refused.getMessage().contains("nowhere"), refused.getMessage());
        crew.close();
        assertFalse(ProcessHandle.current().children().anyMatch(each -> !before.contains(each)));
    }
}
