package seer.gate.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.gate.course.AdamW;
import seer.gate.course.Parameter;
import seer.gate.course.TrainingFolder;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.backend.NotFiniteException;
import seer.support.TinyModel;

/// A training whose numbers are no longer finite ends there: it is never finished, and leaves nothing broken behind.
class DivergedTrainingTest {
    @TempDir
    private Path folder;
    private TinyModel tiny;

    @BeforeEach
    void model() {
        tiny = TinyModel.random("llama", 4, 2, 16, true);
    }

    private static TrainingPlan plan(double rate, double clip, int steps) {
        return new TrainingPlan(List.of(GateRecipeSpec.parse("calm:block=16,width=16", 16, 0.01),
                GateRecipeSpec.parse("wild:block=16,width=16", 16, rate)), List.of(150), steps, 1, 0, clip, 0, 3);
    }

    private NotFiniteException diverges(TrainingPlan plan, int checkpointEvery, List<Integer> made) throws IOException {
        try (var backend = Backends.cpu(1);
                var open = LanguageModel.open(tiny.write(Files.createTempDirectory(folder, "m")), backend)) {
            var training = new GateTraining(open, plan, KillableTraining.source(), "x", new TrainingFolder(
                    folder.resolve("out")), 1);
            return assertThrows(NotFiniteException.class, () -> training.run(false, checkpointEvery,
                    step -> made.add(step.step())));
        }
    }

    private boolean hasAdapter() throws IOException {
        try (var files = Files.walk(folder.resolve("out"))) {
            return files.anyMatch(file -> file.getFileName().toString().equals("config.json"));
        }
    }

    /// Weights beyond all numbers at once; weights that are numbers, but whose scores are not, found by the next step,
    /// or after the last one by the loss that has to come out of them.
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "1e38; 1e38; 5; gate wild, step 1 of 5: weights of tensor model.layers.0.self_attn.attn_gate.mask_linear_k",
        "1e37; 1; 5; gate wild, step 2 of 5: its loss is NaN and its divergence NaN, wanted finite numbers",
        "1e37; 1; 1; gate wild, step 1 of 1: its loss is NaN and its divergence NaN, wanted finite numbers"})
    void noGateIsWritten(double rate, double clip, int steps, String what) throws IOException {
        var e = diverges(plan(rate, clip, steps), 100, new ArrayList<>());
        assertTrue(e.getMessage().startsWith(what.strip()), e.getMessage());
        assertTrue(e.getMessage().endsWith(": the training has diverged, and no gate is written; lower the learning "
                + "rate, clip gradients to a smaller norm or warm up longer"), e.getMessage());
        assertFalse(new TrainingFolder(folder.resolve("out")).hasCheckpoint());
        assertFalse(hasAdapter());
    }

    @Test
    void theLastSoundCheckpointStaysAndCanBeExported() throws IOException {
        var made = new ArrayList<Integer>();
        var e = diverges(plan(1e37, 1, 5), 1, made);
        assertTrue(e.getMessage().startsWith("gate wild, step 2 of 5"), e.getMessage());
        assertEquals(List.of(1), made);
        var state = new Checkpoint(new TrainingFolder(folder.resolve("out")).checkpoint()).state();
        assertEquals(1, state.step());
        assertEquals(plan(1e37, 1, 5), state.plan());
    }

    /// The frozen model itself may be what breaks.
    @Test
    void aModelThatOverflowsIsNamed() throws IOException {
        float[] norm = tiny.weights().get("model.layers.1.input_layernorm.weight");
        for (int i = 0; i < norm.length; i++) {
            norm[i] *= 3e38f;
        }
        var e = diverges(plan(0.01, 1, 2), 1, new ArrayList<>());
        assertTrue(e.getMessage().contains("first keys that are not finite in layer 1"), e.getMessage());
        assertFalse(new TrainingFolder(folder.resolve("out")).hasCheckpoint());
    }

    @Test
    void anOptimiserThatMeetsAnInfiniteGradientChangesNothing() {
        var parameter = Parameter.zero("w", 2);
        parameter.value()[0] = 3;
        var infinite = List.of(new float[] {0, Float.POSITIVE_INFINITY});
        var e = assertThrows(NotFiniteException.class,
                () -> new AdamW(1, 0).step(List.of(parameter), infinite, 0.1, 0));
        assertEquals("the norm of its gradient is Infinity, wanted a finite number", e.getMessage());
        assertEquals(3, parameter.value()[0]);
        assertEquals(0, parameter.mean()[0]);
        var large = List.of(new float[] {0, 1e30f}); // whose square is not finite in 32 bits
        e = assertThrows(NotFiniteException.class,
                () -> new AdamW(1e38, 0).step(List.of(parameter), large, 0.1, 0));
        assertTrue(e.getMessage().startsWith("weights of tensor w, or what AdamW keeps beside them"), e.getMessage());
    }
}
