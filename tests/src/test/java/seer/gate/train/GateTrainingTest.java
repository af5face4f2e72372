package seer.gate.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.course.SequenceSource;
import seer.gate.course.TrainingFolder;
import seer.gate.course.TrainingSequence;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.load.MalformedModelException;
import seer.support.TinyModel;

/// The course of a training: it learns, it repeats to the bit, it survives being killed.
class GateTrainingTest {
    @TempDir
    private Path folder;
    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
    }

    @Test
    void gatesOverfitOneSequence() throws IOException {
        var same = KillableTraining.source().sequence(5, 400);
        var plan = new TrainingPlan(List.of(GateRecipeSpec.parse("kl:block=16,width=16", 16, 0.02),
                GateRecipeSpec.parse("mse:block=16,width=16,loss=mse", 16, 0.02),
                GateRecipeSpec.parse("bce:block=16,width=16,activation=sigmoid", 16, 0.02)),
                List.of(400), 300, 1, 5, 1, 0, 3);
        var steps = new ArrayList<StepReport>();
        try (var backend = Backends.cpu(2); var open = LanguageModel.open(model, backend)) {
            train(open, plan, constant(same), "out", steps);
        }
        assertEquals(300, steps.size());
        for (int gate = 0; gate < 2; gate++) {
            double first = steps.getFirst().gates().get(gate).divergence();
            double last = steps.getLast().gates().get(gate).divergence();
            assertTrue(last < 0.25 * first, "gate " + gate + ": " + first + " to " + last + " nats");
        }
        double bce = steps.getLast().gates().get(2).loss() / steps.getFirst().gates().get(2).loss();
        assertTrue(bce < 0.8, "cross-entropy fell to " + bce + " of the first");
    }

    @Test
    void aResumedRunEqualsAnUnbrokenOneToTheBit() {
        var whole = KillableTraining.run(model, folder.resolve("whole"), 9, 100, 2);
        var calls = new int[1];
        Path parts = folder.resolve("parts");
        assertThrows(IllegalStateException.class, () -> {
            try (var backend = Backends.cpu(2); var open = LanguageModel.open(model, backend)) {
                var place = new TrainingFolder(parts);
                place.create();
                new GateTraining(open, KillableTraining.plan(9), KillableTraining.source(), "random tokens", place, 2)
                        .run(false, 2, step -> {
                            if (++calls[0] == 5) { // one step after the checkpoint of step 4
                                throw new IllegalStateException("stop");
                            }
                        });
            }
        });
        var resumed = KillableTraining.run(model, parts, 9, 2, 2);
        assertSame(whole, resumed);
        assertEquals(whole.history().stream().map(StepReport::step).toList(),
                resumed.history().stream().map(StepReport::step).toList());
        for (int i = 4; i < 9; i++) {
            assertEquals(whole.history().get(i).gates(), resumed.history().get(i).gates(), "step " + (i + 1));
        }
    }

    @Test
    void theNumberOfThreadsChangesNothing() {
        assertSame(KillableTraining.run(model, folder.resolve("1"), 4, 100, 1),
                KillableTraining.run(model, folder.resolve("3"), 4, 100, 3));
    }

    /// Kills a JVM with SIGKILL at random moments of its training: there is always a checkpoint to go on from, and
    /// the end is that of an unbroken run.
    @Test
    void aKilledTrainingGoesOn() throws IOException, InterruptedException {
        Path out = folder.resolve("killed");
        var place = new TrainingFolder(out);
        var random = new SplittableRandom(17);
        for (int kill = 0; kill < 3; kill++) {
            var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-preview", "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                    "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), KillableTraining.class.getName(),
                    model.toString(), out.toString())
                    .redirectErrorStream(true).redirectOutput(folder.resolve("log" + kill).toFile()).start();
            for (int i = 0; !place.hasCheckpoint() && process.isAlive() && i < 6000; i++) {
                Thread.sleep(10);
            }
            assertTrue(place.hasCheckpoint(), () -> read(folder.resolve("log0")));
            Thread.sleep(random.nextInt(50, 500));
            process.destroyForcibly();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the process is gone");
            try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
                var gates = KillableTraining.plan(KillableTraining.STEPS).gates().stream()
                        .map(recipe -> new GateParameters(GateLayout.of(recipe, open.config()))).toList();
                int step = new Checkpoint(place.checkpoint()).read(gates,
                        KillableTraining.plan(KillableTraining.STEPS).settings(open.sha256(), "random tokens"));
                assertTrue(step > 0 && step <= KillableTraining.STEPS, "step " + step);
            }
        }
        assertSame(KillableTraining.run(model, folder.resolve("whole"), KillableTraining.STEPS, 100, 2),
                KillableTraining.run(model, out, KillableTraining.STEPS, 50, 2));
    }

    @Test
    void aCheckpointOfOtherSettingsIsRefusedInOneSentence() throws IOException {
        Path out = folder.resolve("out");
        KillableTraining.run(model, out, 2, 1, 2);
        var e = assertThrows(MalformedModelException.class, () -> KillableTraining.run(model, out, 3, 1, 2));
        assertTrue(e.getMessage().endsWith("checkpoint.safetensors: made with --steps 2, this run has 3: go on with "
                + "the same settings, or start elsewhere"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 40, 3000})
    void aTornCheckpointIsRefused(int bytes) throws IOException {
        Path out = folder.resolve("out");
        KillableTraining.run(model, out, 2, 1, 2);
        Path file = new TrainingFolder(out).checkpoint();
        Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), bytes));
        var e = assertThrows(MalformedModelException.class, () -> KillableTraining.run(model, out, 2, 1, 2));
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    }

    @Test
    void coarserGatesLearnTheSameFromTheFeaturesOfFinerOnes() throws IOException {
        var coarse = GateRecipeSpec.parse("coarse:block=32,width=16", 16, 0.01);
        var fine = GateRecipeSpec.parse("fine:block=8,width=16", 16, 0.01);
        try (var backend = Backends.cpu(2); var open = LanguageModel.open(model, backend)) {
            var alone = new ArrayList<StepReport>();
            var beside = new ArrayList<StepReport>();
            train(open, new TrainingPlan(List.of(coarse), List.of(270), 3, 1, 0, 1, 0, 3), KillableTraining.source(),
                    "alone", alone);
            train(open, new TrainingPlan(List.of(coarse, fine), List.of(270), 3, 1, 0, 1, 0, 3),
                    KillableTraining.source(), "beside", beside);
            for (int i = 0; i < 3; i++) {
                var wanted = alone.get(i).gates().getFirst();
                var got = beside.get(i).gates().getFirst();
                assertEquals(wanted.loss(), got.loss(), 1e-4 * wanted.loss());
                assertEquals(wanted.gradientNorm(), got.gradientNorm(), 1e-4 * wanted.gradientNorm());
            }
        }
    }

    /// Forward and target on TornadoVM's kernels, as the simulator runs them: the same losses but for rounding.
    @Tag("slow")
    @Test
    void theTornadoBackendLeadsToTheSameLosses() throws IOException {
        var plan = new TrainingPlan(List.of(GateRecipeSpec.parse("a:block=16,width=16", 16, 0.01),
                GateRecipeSpec.parse("b:block=32,width=8,target=average", 16, 0.01)), List.of(150, 70), 2, 2, 0, 1, 0,
                3);
        var cpu = new ArrayList<StepReport>();
        var tornado = new ArrayList<StepReport>();
        try (var backend = Backends.cpu(2); var open = LanguageModel.open(model, backend)) {
            train(open, plan, KillableTraining.source(), "cpu", cpu);
        }
        try (var backend = Backends.simulator(); var open = LanguageModel.open(model, backend)) {
            train(open, plan, KillableTraining.source(), "tornado", tornado);
        }
        for (int i = 0; i < cpu.size(); i++) {
            for (int g = 0; g < 2; g++) {
                double wanted = cpu.get(i).gates().get(g).loss();
                assertEquals(wanted, tornado.get(i).gates().get(g).loss(), 1e-3 * wanted, "step " + (i + 1));
            }
        }
    }

    @Test
    void aSequenceBeyondTheContextIsRefused() {
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            var plan = new TrainingPlan(List.of(GateRecipe.published("g", 16, 0.01)), List.of(5000), 1, 1, 0, 1, 0, 1);
            var e = assertThrows(IllegalArgumentException.class, () -> new GateTraining(open, plan,
                    KillableTraining.source(), "x", new TrainingFolder(folder), 1));
            assertEquals("length is 5000, the model's context is 4096 tokens", e.getMessage());
        }
    }

    private void train(LanguageModel open, TrainingPlan plan, SequenceSource source, String name,
                       List<StepReport> steps) throws IOException {
        var place = new TrainingFolder(folder.resolve(name));
        place.create();
        new GateTraining(open, plan, source, "x", place, 2).run(false, 1000, steps::add);
    }

    private static SequenceSource constant(TrainingSequence same) {
        return new SequenceSource() {
            @Override
            public TrainingSequence sequence(long index, int length) {
                return same;
            }

            @Override
            public String label() {
                return "one sequence";
            }
        };
    }

    private static void assertSame(TrainedGates wanted, TrainedGates got) {
        for (int g = 0; g < wanted.gates().size(); g++) {
            var tensors = wanted.gates().get(g).all();
            for (int i = 0; i < tensors.size(); i++) {
                assertArrayEquals(tensors.get(i).value(), got.gates().get(g).all().get(i).value(), 0,
                        "gate " + g + " " + tensors.get(i).name());
            }
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
