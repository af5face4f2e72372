package seer.gate.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.backend.Backend;
import seer.support.TinyModel;

/// A step's gradient is a function of weights and indices, whoever computes which part of it.
class GradientBatchTest {
    @TempDir
    private static Path folder;
    private static Backend backend;
    private static LanguageModel model;

    @BeforeAll
    static void open() throws IOException {
        backend = Backends.cpu(2);
        model = LanguageModel.open(TinyModel.random("llama", 4, 2, 16, true).write(folder), backend);
    }

    @AfterAll
    static void close() {
        model.close();
        backend.close();
    }

    /// One matrix for each query head, one for each key/value head, and sigmoids.
    private static TrainingPlan plan(int batch) {
        return new TrainingPlan(List.of(GateRecipeSpec.parse("one:block=16,width=16", 16, 0.01),
                GateRecipeSpec.parse("two:block=32,width=8,loss=mse,type=Qavg_Kmaxmin", 16, 0.01),
                GateRecipeSpec.parse("three:block=16,width=16,activation=sigmoid", 16, 0.01)),
                List.of(150, 90), 3, batch, 5, 1, 0.01, 11);
    }

    private static GradientBatch process(TrainingPlan plan) {
        return new GradientBatch(model, plan, KillableTraining.source(), 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 5})
    void theGradientsOfTwoHalvesAreThoseOfTheWhole(int batch) {
        var plan = plan(batch);
        var weights = GateParameters.first(plan, model.config());
        try (var one = process(plan); var first = process(plan); var second = process(plan)) {
            var whole = one.of(weights, plan.indices(1));
            long middle = batch + batch / 2;
            var sum = first.of(weights, LongStream.range(batch, middle))
                    .plus(second.of(weights, LongStream.range(middle, 2L * batch)));
            assertEquals(whole.sequences(), sum.sequences());
            assertEquals(whole.tokens(), sum.tokens());
            for (int g = 0; g < weights.size(); g++) {
                assertEquals(whole.losses().get(g).loss(), sum.losses().get(g).loss(),
                        1e-12 * whole.losses().get(g).loss());
                assertEquals(whole.losses().get(g).divergence(), sum.losses().get(g).divergence(), 1e-12);
                compare(whole.tensors().get(g), sum.tensors().get(g), weights.get(g).layout().recipe().name());
            }
        }
    }

    /// Each matrix of the published form is added to once for each sequence, so that two sequences are added in the
    /// same way wherever they were read.
    @Test
    void twoSequencesOfThePublishedFormAddUpToTheBit() {
        var plan = plan(2);
        var weights = GateParameters.first(plan, model.config());
        try (var one = process(plan); var other = process(plan)) {
            var whole = one.of(weights, LongStream.of(0, 1)).tensors().getFirst();
            var sum = other.of(weights, LongStream.of(1)).plus(one.of(weights, LongStream.of(0))).tensors()
                    .getFirst();
            for (int t = 0; t < whole.size(); t++) {
                assertArrayEquals(whole.get(t), sum.get(t), "tensor " + t);
            }
        }
    }

    @Test
    void nothingIsRememberedAndNoWeightChanged() {
        var plan = plan(2);
        var weights = GateParameters.first(plan, model.config());
        try (var batch = process(plan)) {
            var once = batch.of(weights, plan.indices(0));
            batch.of(weights, LongStream.of(5, 3));
            var again = batch.of(weights, plan.indices(0));
            assertEquals(once.losses(), again.losses());
            for (int g = 0; g < weights.size(); g++) {
                var fresh = GateParameters.first(plan, model.config()).get(g).values();
                for (int t = 0; t < fresh.size(); t++) {
                    assertArrayEquals(once.tensors().get(g).get(t), again.tensors().get(g).get(t));
                    assertArrayEquals(fresh.get(t), weights.get(g).values().get(t));
                }
            }
        }
    }

    @Test
    void gradientsAndWeightsTravelUnchanged() throws IOException, ClassNotFoundException {
        var odd = new float[] {1.5f, -0f, 1e-45f, Float.NaN, Float.NEGATIVE_INFINITY};
        var sum = new Gradients(List.of(List.of(odd, new float[0]), List.of(new float[] {7})),
                List.of(new Gradients.Loss(1, 2), new Gradients.Loss(3, 4)), 5, 6);
        var got = (Gradients) travelled(sum);
        assertEquals(List.of(sum.losses(), 5, 6L), List.of(got.losses(), got.sequences(), got.tokens()));
        assertEquals(bits(sum.tensors()), bits(got.tensors()));
        var plan = plan(2);
        var from = GateParameters.first(plan, model.config());
        var to = GateParameters.first(plan, model.config());
        from.forEach(gate -> gate.values().getLast()[1] = 0.25f);
        ((PackedTensors) travelled(PackedTensors.ofWeights(from))).copyTo(to);
        assertEquals(bits(from.stream().map(GateParameters::values).toList()),
                bits(to.stream().map(GateParameters::values).toList()));
        var e = assertThrows(IllegalArgumentException.class, () -> PackedTensors.ofWeights(from.subList(0, 1))
                .copyTo(to));
        assertTrue(e.getMessage().startsWith("weights of [["), e.getMessage());
    }

    private static Object travelled(Object sent) throws IOException, ClassNotFoundException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(sent);
        }
        return new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    }

    private static List<List<List<Integer>>> bits(List<List<float[]>> tensors) {
        return tensors.stream().map(gate -> gate.stream().map(tensor -> IntStream.range(0, tensor.length)
                .mapToObj(i -> Float.floatToRawIntBits(tensor[i])).toList()).toList()).toList();
    }

    @Test
    void aFlightRecordingHasThePhasesOfAStep() throws IOException {
        var plan = plan(2);
        var weights = GateParameters.first(plan, model.config());
        Path file = folder.resolve("phases.jfr");
        try (var batch = process(plan); var recording = new Recording()) {
            recording.enable("seer.TrainingPhase").withThreshold(Duration.ZERO);
            recording.start();
            batch.of(weights, LongStream.of(3, 5));
            recording.stop();
            recording.dump(file);
        }
        var phases = RecordingFile.readAllEvents(file).stream()
                .sorted(Comparator.comparing(RecordedEvent::getStartTime)).toList();
        assertEquals(List.of("sequence made [3]", "sequence read [3]", "sequence made [5]", "sequence read [5]",
                "gates awaited [3, 5]"), phases.stream().map(phase -> phase.getString("kind") + " "
                        + phase.getString("sequences")).toList());
        for (int i = 1; i < phases.size(); i++) {
            var before = phases.get(i - 1);
            assertFalse(phases.get(i).getStartTime().isBefore(before.getEndTime()), before.toString());
        }
    }

    @Test
    void gradientsOfOtherGatesAreNotAdded() {
        var two = new Gradients(List.of(List.of(new float[2])), List.of(Gradients.Loss.NONE), 1, 1);
        var three = new Gradients(List.of(List.of(new float[3])), List.of(Gradients.Loss.NONE), 1, 1);
        assertEquals("gradients of tensors of [[3]] weights came, wanted [[2]]",
                assertThrows(IllegalArgumentException.class, () -> two.plus(three)).getMessage());
    }

    private static void compare(List<float[]> wanted, List<float[]> got, String gate) {
        for (int t = 0; t < wanted.size(); t++) {
            double largest = 0;
            for (float value : wanted.get(t)) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertTrue(largest > 0, gate + ", tensor " + t + " has a gradient");
            for (int i = 0; i < wanted.get(t).length; i++) {
                assertEquals(wanted.get(t)[i], got.get(t)[i], 1e-6 * largest, gate + ", tensor " + t + ", weight " + i);
            }
        }
    }
}
