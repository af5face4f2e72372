package seer.gate.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import seer.gate.course.MetricsFile;
import seer.gate.course.MetricsReader;
import seer.gate.course.Parameter;
import seer.gate.course.TextCorpus;
import seer.gate.course.TokenFile;
import seer.model.load.MalformedModelException;
import seer.support.Answers;
import seer.support.Mutants;

/// What a training keeps to go on from, not as it was written: it is read, or refused by one sentence that names the
/// file; and what is read is a training.
class BrokenTrainingFilesTest {
    private static final int QUICK = 300;
    private static final int MANY = 5000;
    private static final int STEP = 4; // of the checkpoint; the metrics go on to the sixth step
    private static final TrainingPlan PLAN = new TrainingPlan(List.of(
            GateRecipeSpec.parse("one:block=16,width=8", 8, 0.01),
            GateRecipeSpec.parse("two:block=32,width=4,loss=mse,type=Qavg_Kmaxmin", 8, 0.01)), List.of(150, 90), 9, 2,
            5, 1, 0.01, 11);
    private static final Map<String, String> SETTINGS = PLAN.settings("a model", "a text");

    @TempDir
    private Path folder;

    // -- sound ones --

    private static List<GateParameters> gates() {
        return PLAN.gates().stream().map(recipe -> GateParameters.random(new GateLayout(recipe, 1, 2, 1, 8), 5))
                .toList();
    }

    private Path checkpoint() {
        Path file = folder.resolve("checkpoint.safetensors");
        new Checkpoint(file).write(STEP, gates(), SETTINGS, "a text, in words");
        return file;
    }

    private static String metrics(int steps) {
        var text = new StringBuilder(String.join(",", MetricsFile.all(StepReport.columns(PLAN.gates())))).append('\n');
        for (int step = 1; step <= steps; step++) {
            text.append(step).append(",0.200000,300,0.1250,2400.0,1.5,0.25,3.25,1.25e-05,0.00000,12.5\n");
        }
        return text.toString();
    }

    private Path tokens() {
        Path file = folder.resolve("tokens.safetensors");
        int[] tokens = IntStream.range(0, 50).toArray();
        TokenFile.write(file, new TextCorpus(tokens, 3, "a.txt, b.txt", TextCorpus.sha256(tokens)), "source");
        return file;
    }

    private static void readCheckpoint(Path file) {
        var gates = gates();
        int step = new Checkpoint(file).read(gates, SETTINGS);
        assertTrue(step >= 1 && step <= PLAN.steps(), "step " + step);
        assertEquals(PLAN, new Checkpoint(file).state().plan());
        for (GateParameters gate : gates) {
            for (Parameter parameter : gate.all()) {
                for (float[] values : List.of(parameter.value(), parameter.mean(), parameter.square())) {
                    for (float value : values) {
                        assertTrue(Float.isFinite(value), parameter.name());
                    }
                }
            }
        }
    }

    private static void readMetrics(Path file) {
        var lines = MetricsReader.read(file, StepReport.columns(PLAN.gates()), PLAN.steps(), STEP);
        assertEquals(List.of(1, 2, 3, 4), lines.stream().map(line -> line.row().step()).toList());
        lines.forEach(line -> StepReport.of(line.row()).gates().forEach(gate ->
                assertTrue(Double.isFinite(gate.loss() + gate.divergence() + gate.gradientNorm()))));
    }

    private static void readTokens(Path file) {
        var corpus = TokenFile.read(file, "source");
        if (corpus != null) {
            assertArrayEquals(IntStream.range(0, 50).toArray(), corpus.tokens());
        }
    }

    // -- mutants --

    private static int safetensors(Path file, long seed, int count, Consumer<Path> reader) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String header = new String(bytes, 8, length, StandardCharsets.UTF_8);
        byte[] data = Arrays.copyOfRange(bytes, 8 + length, bytes.length);
        reader.accept(file);
        return Answers.of(MalformedModelException.class).to(Stream.concat(
                Mutants.ofJson(header, seed, count).map(mutant -> mutant.within(json -> ByteBuffer
                        .allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length)
                        .put(json).put(data).array())),
                Mutants.ofBytes(bytes, seed, count)), file, reader);
    }

    private int metricsAnswer(long seed, int count) throws IOException {
        Path file = folder.resolve("metrics.csv");
        String text = metrics(6);
        Files.writeString(file, text);
        readMetrics(file);
        return Answers.of(MalformedModelException.class).to(Stream.concat(Mutants.ofLines(text, ",", seed, count),
                Mutants.ofBytes(text.getBytes(StandardCharsets.UTF_8), seed, count)), file,
                BrokenTrainingFilesTest::readMetrics);
    }

    @Test
    void checkpointsAreReadOrRefused() throws IOException {
        int refused = safetensors(checkpoint(), 1, QUICK, BrokenTrainingFilesTest::readCheckpoint);
        assertTrue(refused > QUICK / 2, refused + " refused");
    }

    @Test
    void metricsAreReadOrRefused() throws IOException {
        int refused = metricsAnswer(1, QUICK);
        assertTrue(refused > QUICK, refused + " refused");
    }

    @Test
    void tokensAreReadOrRefused() throws IOException {
        int refused = safetensors(tokens(), 1, QUICK, BrokenTrainingFilesTest::readTokens);
        assertTrue(refused > QUICK / 2, refused + " refused");
    }

    @Test
    @Tag("slow")
    void soAreThousands() throws IOException {
        assertTrue(safetensors(checkpoint(), 2, MANY, BrokenTrainingFilesTest::readCheckpoint) > MANY / 2);
        assertTrue(metricsAnswer(2, MANY) > MANY);
        assertTrue(safetensors(tokens(), 2, MANY, BrokenTrainingFilesTest::readTokens) > MANY / 2);
    }

    // -- by hand --

    @ParameterizedTest
    @ValueSource(strings = {"-5", "0", "10", "2147483648", "+3", "3.0", "four", ""})
    void aStepThatTheTrainingDoesNotHaveIsRefused(String step) throws IOException {
        refuses(checkpoint(), "\"step\":\"4\"", "\"step\":\"" + step + "\"", "step is " + step
                + ", wanted a number from 1 to 9, the steps of the training");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "\"setting.batch\":\"2\"; \"setting.batch\":\"3\"; made with --batch 3, this run has 2",
        "\"setting.batch\"; \"setting.badge\"; made without --batch, this run has 2",
        "seer-gate-training-1; seer-gate-training-2; format is seer-gate-training-2, wanted seer-gate-training-1",
        "\"format\"; \"fromat\"; format is missing"})
    void aCheckpointOfSomethingElseIsRefused(String right, String wrong, String part) throws IOException {
        refuses(checkpoint(), right, wrong, part);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "\"setting.steps\":\"9\"; \"setting.steps\":\"x\"; steps is \"x\", wanted a number",
        "\"setting.length\":\"[150, 90]\"; \"setting.length\":\"[150| 90]\"; length is \"[150",
        "\"setting.seed\"; \"setting.sead\"; seed is missing",
        "block=16,keys=16,width=8,type; block=17,keys=17,width=8,type; seerattn_gate_block_size is 17",
        "one:block=16,keys=16,width=8,type; one:block=16,keys=16,type; wanted it in full"})
    void settingsThatAreNoTrainingAreRefusedWhereNobodyKnowsThem(String right, String wrong, String part)
            throws IOException {
        Path file = checkpoint();
        rewrite(file, right, wrong);
        var e = assertThrows(MalformedModelException.class, () -> new Checkpoint(file).state());
        assertTrue(e.getMessage().startsWith(file + ": its settings are no training: ")
                && e.getMessage().contains(part.strip()), e.getMessage());
    }

    @Test
    void numbersThatNoTrainingLeavesAreRefused() {
        Path file = folder.resolve("checkpoint.safetensors");
        for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            for (int part = 0; part < 3; part++) {
                var gates = gates();
                var parameter = gates.getLast().all().getFirst();
                List.of(parameter.value(), parameter.mean(), parameter.square()).get(part)[7] = odd;
                new Checkpoint(file).write(STEP, gates, SETTINGS, "");
                refuses(file, "two/" + parameter.name() + "/" + List.of("value", "mean", "square").get(part)
                        + ": wanted finite numbers, got " + odd + " at [0, 1, 3]");
            }
        }
        var gates = gates();
        gates.getFirst().all().getFirst().square()[2] = -1;
        new Checkpoint(file).write(STEP, gates, SETTINGS, "");
        refuses(file, "/square holds -1.0, wanted mean squares, at least 0");
        var more = new ArrayList<>(gates());
        more.add(GateParameters.random(new GateLayout(GateRecipeSpec.parse("three:block=16,width=8", 8, 1), 1, 2, 1, 8),
                1));
        new Checkpoint(file).write(STEP, more, SETTINGS, "");
        refuses(file, " is of no gate of this training, wanted those of [one, two] alone");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"0.1250; 0.1x; line 2, column seconds: wanted a finite number, got \"0.1x\"",
        "0.200000; NaN; line 2, column rate: wanted a finite number, got \"NaN\"",
        "1.5; 1e999; line 2, column one_loss: wanted a finite number, got \"1e999\"",
        "12.5; -1; line 2, column two_gradient_norm: wanted a number of at least 0, got \"-1\"",
        "300; 3e2; line 2, column tokens: wanted a number of tokens, got \"3e2\"",
        "0.25,3.25; 0.25; line 2: wanted 11 cells, got 10",
        "step,rate; stop,rate; line 1: wanted the columns step,rate",
        "'\n2,'; '\n3,'; line 3, column step: wanted 2, got \"3\""})
    void aCellOfTheMetricsIsRefusedByLineAndColumn(String right, String wrong, String part) throws IOException {
        Path file = folder.resolve("metrics.csv");
        Files.writeString(file, metrics(6).replaceFirst(java.util.regex.Pattern.quote(right), wrong));
        var e = assertThrows(MalformedModelException.class, () -> readMetrics(file));
        assertTrue(e.getMessage().startsWith(file + ": " + part), e.getMessage());
    }

    /// A run that was killed leaves more lines than the checkpoint has steps, the last one torn; never fewer.
    @Test
    void metricsTellOfTheStepsThatTheCheckpointHas() throws IOException {
        Path file = folder.resolve("metrics.csv");
        for (String sound : List.of(metrics(4), metrics(6), metrics(9), metrics(5) + "6,0.2", metrics(4) + "\0\0")) {
            Files.writeString(file, sound);
            readMetrics(file);
        }
        for (String odd : List.of(metrics(3), metrics(0), metrics(3) + "4,0.2", metrics(10), metrics(9) + "10")) {
            Files.writeString(file, odd);
            var e = assertThrows(MalformedModelException.class, () -> readMetrics(file));
            assertTrue(e.getMessage().startsWith(file + ": wanted lines of 4 steps, which the checkpoint has, and of 9 "
                    + "at most, got "), e.getMessage());
        }
        Files.write(file, new byte[] {'s', (byte) 0xFF, '\n'});
        assertEquals(file + ": wanted UTF-8 text, got other bytes",
                assertThrows(MalformedModelException.class, () -> readMetrics(file)).getMessage());
        Files.delete(file);
        assertEquals(file + ": wanted the metrics of the training, got nothing: there is no such file",
                assertThrows(MalformedModelException.class, () -> readMetrics(file)).getMessage());
    }

    @Test
    void tokensOfAnotherTextAreNotTaken() throws IOException {
        Path file = tokens();
        assertNull(TokenFile.read(file, "another source"));
        assertNull(TokenFile.read(folder.resolve("nothing"), "source"));
        rewrite(file, "a.txt", "c.txt"); // what only people read
        readTokens(file);
        rewrite(file, "seer-training-tokens-1", "seer-training-tokens-2");
        var e = assertThrows(MalformedModelException.class, () -> readTokens(file));
        assertTrue(e.getMessage().endsWith(": delete the file, and the text is encoded anew"), e.getMessage());
        byte[] bytes = Files.readAllBytes(tokens());
        bytes[bytes.length - 4]++; // the last token
        Files.write(file, bytes);
        e = assertThrows(MalformedModelException.class, () -> readTokens(file));
        assertTrue(e.getMessage().startsWith(file + ": fingerprint is "), e.getMessage());
    }

    private static void refuses(Path file, String right, String wrong, String part) throws IOException {
        rewrite(file, right, wrong);
        refuses(file, part);
    }

    private static void refuses(Path file, String part) {
        var e = assertThrows(MalformedModelException.class, () -> readCheckpoint(file));
        assertTrue(e.getMessage().startsWith(file + ": ") && e.getMessage().contains(part.strip()), e.getMessage());
    }

    /// Replaces a piece of the header; its length follows.
    private static void rewrite(Path file, String right, String wrong) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String header = new String(bytes, 8, length, StandardCharsets.UTF_8);
        assertTrue(header.contains(right), header);
        byte[] changed = header.replace(right, wrong).getBytes(StandardCharsets.UTF_8);
        Files.write(file, ByteBuffer.allocate(8 + changed.length + bytes.length - 8 - length)
                .order(ByteOrder.LITTLE_ENDIAN).putLong(changed.length).put(changed)
                .put(bytes, 8 + length, bytes.length - 8 - length).array());
    }
}
