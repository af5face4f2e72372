package seer.gate.tune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import seer.gate.AttnGate;
import seer.gate.course.TrainingFolder;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.backend.NotFiniteException;
import seer.model.load.MalformedModelException;
import seer.support.TinyModel;

/// The course of fine-tuning: it learns, it repeats to the bit, it survives being killed.
class FineTuningTest {
    @TempDir
    private Path folder;
    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
        SmallTuning.writeGate(model);
    }

    private static TuningPlan plan(TunedPart part, double gates, int steps, double rate) {
        return new TuningPlan(part, new DensitySchedule(0.5, 0.5), gates, 1, List.of(120), steps, 1, 5,
                new TuningPlan.Rates(rate, 0.02), 1, 0, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "attention", "lora=4"})
    void oneSequenceIsLearnedByHeart(String part) {
        var outcome = SmallTuning.of(model, plan(TunedPart.parse(part), 0, 60, 0.02)).reading(SmallTuning.same())
                .run(folder.resolve("out"), false, 1000, step -> { });
        double first = outcome.steps().getFirst().loss();
        double last = outcome.steps().getLast().loss();
        assertTrue(last < 0.6 * first, part + ": from " + first + " to " + last + " nats");
        assertEquals(60, outcome.tuned().history().size());
    }

    @Test
    void gatesLearnBesideAndTheModelDoesNotNotice() {
        var frozen = SmallTuning.of(model, plan(new TunedPart.All(), 0, 1, 0.001)).reading(SmallTuning.same())
                .run(folder.resolve("frozen"), false, 1000, step -> { });
        var beside = SmallTuning.of(model, withClip(plan(new TunedPart.All(), 10, 1, 0.001), 1e30))
                .reading(SmallTuning.same()).run(folder.resolve("beside"), false, 1000, step -> { });
        var free = SmallTuning.of(model, withClip(plan(new TunedPart.All(), 0, 1, 0.001), 1e30))
                .reading(SmallTuning.same()).run(folder.resolve("free"), false, 1000, step -> { });
        assertEquals(frozen.steps().getFirst().loss(), beside.steps().getFirst().loss());
        assertSame(free.tuned(), beside.tuned());
        var course = SmallTuning.of(model, plan(new TunedPart.Attention(), 10, 80, 1e-6)).reading(SmallTuning.same())
                .run(folder.resolve("course"), false, 1000, step -> { });
        double first = course.steps().getFirst().gates().divergence();
        double last = course.steps().getLast().gates().divergence();
        assertTrue(last < 0.5 * first, "from " + first + " to " + last + " nats");
    }

    private static TuningPlan withClip(TuningPlan p, double clip) {
        return new TuningPlan(p.part(), p.density(), p.gates(), p.factor(), p.lengths(), p.steps(), p.batch(),
                p.warmUp(), p.rates(), clip, p.decay(), p.seed());
    }

    @Test
    void denseAttentionNeedsNoGates() throws IOException {
        var dense = new TuningPlan(new TunedPart.All(), null, 0, 1, List.of(100), 2, 1, 0,
                new TuningPlan.Rates(0.01, 0.01), 1, 0, 3);
        var outcome = SmallTuning.of(model, dense).run(folder.resolve("dense"), false, 1000, step -> { });
        assertEquals(1, outcome.steps().getLast().density());
        var e = assertThrows(IllegalArgumentException.class, () -> new TuningPlan(new TunedPart.All(), null, 10, 1,
                List.of(100), 2, 1, 0, new TuningPlan.Rates(0.01, 0.01), 1, 0, 3));
        assertTrue(e.getMessage().startsWith("the gates' loss weighs 10.0, wanted 0"), e.getMessage());
    }

    @Test
    void theDensityRisesFromStepToStep() {
        var plan = new TuningPlan(new TunedPart.Attention(), new DensitySchedule(0.2, 1), 0, 1, List.of(160), 3, 1, 0,
                new TuningPlan.Rates(1e-4, 1e-4), 1, 0, 3);
        var steps = SmallTuning.of(model, plan).run(folder.resolve("out"), false, 1000, step -> { }).steps();
        assertTrue(steps.get(0).density() < steps.get(1).density(), steps.toString());
        assertTrue(steps.get(1).density() < steps.get(2).density(), steps.toString());
        assertEquals(1, steps.get(2).density());
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "lora=2"})
    void aResumedRunEqualsAnUnbrokenOneToTheBit(String part) {
        var tuning = SmallTuning.of(model, SmallTuning.plan(TunedPart.parse(part), 1, 7));
        var whole = tuning.run(folder.resolve("whole"), false, 100, step -> { });
        Path parts = folder.resolve("parts");
        var calls = new int[1];
        assertThrows(IllegalStateException.class, () -> tuning.run(parts, false, 2, step -> {
            if (++calls[0] == 5) { // one step after the checkpoint of step 4
                throw new IllegalStateException("stop");
            }
        }));
        var resumed = tuning.on(3).run(parts, true, 2, step -> { });
        assertEquals(List.of(5, 6, 7), resumed.steps().stream().map(TuningReport::step).toList());
        assertSame(whole.tuned(), resumed.tuned());
        for (int i = 0; i < 3; i++) {
            var wanted = whole.steps().get(4 + i);
            var got = resumed.steps().get(i);
            assertEquals(wanted.loss(), got.loss());
            assertEquals(wanted.gradientNorm(), got.gradientNorm());
            assertEquals(wanted.gates(), got.gates());
        }
        assertEquals(7, resumed.tuned().history().size());
    }

    /// Kills a JVM with SIGKILL at random moments: there is always a checkpoint to go on from, and the end is that of
    /// an unbroken run.
    @Test
    void aKilledTuningGoesOn() throws IOException, InterruptedException {
        Path out = folder.resolve("killed");
        var place = new TrainingFolder(out);
        var random = new SplittableRandom(23);
        for (int kill = 0; kill < 2; kill++) {
            var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-preview", "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                    "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), SmallTuning.class.getName(),
                    model.toString(), model.resolve("gate").toString(), out.toString())
                    .redirectErrorStream(true).redirectOutput(folder.resolve("log" + kill).toFile()).start();
            for (int i = 0; !place.hasCheckpoint() && process.isAlive() && i < 6000; i++) {
                Thread.sleep(10);
            }
            assertTrue(place.hasCheckpoint(), () -> read(folder.resolve("log0")));
            Thread.sleep(random.nextInt(50, 500));
            process.destroyForcibly();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the process is gone");
        }
        var tuning = SmallTuning.of(model, SmallTuning.plan(new TunedPart.All(), 1, SmallTuning.STEPS));
        assertSame(tuning.run(folder.resolve("whole"), false, 1000, step -> { }).tuned(),
                tuning.run(out, true, 1000, step -> { }).tuned());
    }

    @Test
    void otherSettingsAndOtherGatesAreRefusedInOneSentence() throws IOException {
        Path out = folder.resolve("out");
        SmallTuning.of(model, SmallTuning.plan(new TunedPart.All(), 0, 2)).run(out, false, 1, step -> { });
        var e = assertThrows(MalformedModelException.class, () -> SmallTuning.of(model,
                SmallTuning.plan(new TunedPart.Attention(), 0, 2)).run(out, true, 1, step -> { }));
        assertTrue(e.getMessage().endsWith("checkpoint.safetensors: made with --train all, this run has attention: go "
                + "on with the same settings, or start elsewhere"), e.getMessage());
        var there = assertThrows(IllegalStateException.class, () -> SmallTuning.of(model,
                SmallTuning.plan(new TunedPart.All(), 0, 2)).run(out, false, 1, step -> { }));
        assertTrue(there.getMessage().contains("checkpoint.safetensors is there"), there.getMessage());
    }

    @Test
    void aTuningThatDivergesWritesNothing() {
        Path out = folder.resolve("out");
        var e = assertThrows(NotFiniteException.class, () -> SmallTuning.of(model, plan(new TunedPart.All(), 0, 30,
                1e18)).run(out, false, 1000, step -> { }));
        assertTrue(e.getMessage().matches("step \\d+ of 30: .*: the training has diverged, and no model is written; "
                + "lower the learning rate.*"), e.getMessage());
        assertTrue(Files.notExists(new TrainingFolder(out).checkpoint()), "no checkpoint");
    }

    /// Forward, gates and gradients on TornadoVM's kernels, as the simulator runs them: the same losses and gradients
    /// but for rounding.
    @Tag("slow")
    @Test
    void theTornadoBackendLearnsTheSame() throws IOException {
        var plan = new TuningPlan(new TunedPart.All(), new DensitySchedule(0.5, 0.5), 1, 2, List.of(50), 2, 1, 0,
                new TuningPlan.Rates(0.001, 0.01), 1, 0, 3);
        var cpu = SmallTuning.of(model, plan).run(folder.resolve("cpu"), false, 9, step -> { }).steps();
        var tornado = new ArrayList<TuningReport>();
        Path out = folder.resolve("tornado");
        try (var backend = Backends.simulator();
                var open = LanguageModel.open(model, backend, config -> config.stretched(2));
                var gates = AttnGate.open(model.resolve("gate"), open)) {
            var place = new TrainingFolder(out);
            place.create();
            try (var tuning = new FineTuning(open, plan, gates, SmallTuning.random(), "random tokens", place, 2)) {
                tuning.run(false, 9, tornado::add);
            }
        }
        for (int i = 0; i < 2; i++) {
            assertEquals(cpu.get(i).loss(), tornado.get(i).loss(), 1e-3, "step " + (i + 1));
            assertEquals(cpu.get(i).gradientNorm(), tornado.get(i).gradientNorm(), 1e-3 * cpu.get(i).gradientNorm());
            assertEquals(cpu.get(i).gates().loss(), tornado.get(i).gates().loss(), 1e-3 * cpu.get(i).gates().loss());
            assertEquals(cpu.get(i).density(), tornado.get(i).density());
        }
    }

    @Test
    void theSeedDecides() {
        var plan = SmallTuning.plan(TunedPart.parse("lora=2"), 0, 2);
        var other = new TuningPlan(plan.part(), plan.density(), 0, plan.factor(), plan.lengths(), 2, 2, 2,
                plan.rates(), 1, 0.01, 12);
        double one = SmallTuning.of(model, plan).run(folder.resolve("1"), false, 9, step -> { }).steps().getLast()
                .gradientNorm();
        double two = SmallTuning.of(model, other).run(folder.resolve("2"), false, 9, step -> { }).steps().getLast()
                .gradientNorm();
        assertNotEquals(one, two);
    }

    private static void assertSame(TunedModel wanted, TunedModel got) {
        assertEquals(wanted.weights().keySet(), got.weights().keySet());
        wanted.weights().forEach((name, values) -> assertArrayEquals(values, got.weights().get(name), 0, name));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
