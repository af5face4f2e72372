package seer.gate.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.gate.AttnGate;
import seer.gate.course.FolderInUseException;
import seer.gate.course.TextCorpus;
import seer.gate.course.TrainingFolder;
import seer.gate.course.TrainingLock;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.text.Tokenizer;
import seer.support.Demo;
import seer.support.TinyModel;

/// What a training keeps in its folder: for itself alone while it runs, for the next run and for whoever cannot wait.
class TrainingFolderTest {
    @TempDir
    private Path folder;
    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model"));
    }

    // -- one at a time --

    @Test
    void aFileWhereTheFolderShouldBeIsNamedWithoutJavasClasses() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        var e = assertThrows(UncheckedIOException.class, () -> TrainingLock.of(new TrainingFolder(file)));
        assertTrue(e.getMessage().startsWith(file.toString()) && e.getMessage().endsWith(" cannot be locked: what "
                + "stands before its name is no folder"), e.getMessage());
    }

    @Test
    void aSecondTrainingOfTheSameProcessIsRefused() {
        Path out = folder.resolve("out");
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            var place = new TrainingFolder(out);
            var first = new GateTraining(open, KillableTraining.plan(2), KillableTraining.source(), "x", place, 1);
            first.run(false, 1, step -> {
                for (boolean resume : new boolean[] {false, true}) {
                    var second = new GateTraining(open, KillableTraining.plan(2), KillableTraining.source(), "x", place,
                            1);
                    var e = assertThrows(FolderInUseException.class, () -> second.run(resume, 1, each -> { }));
                    assertTrue(e.getMessage().startsWith(out + ": another training (process "
                            + ProcessHandle.current().pid() + ") is at work in this folder"), e.getMessage());
                }
                assertThrows(FolderInUseException.class, place::requireFree);
                assertThrows(FolderInUseException.class, () -> TrainedGates.ofCheckpoint(open, place)
                        .write(place, "tiny", "test", DType.F32), "nor is anything exported over it");
            });
            place.requireFree();
        }
    }

    /// The lock is of the operating system: a process that is killed leaves none behind.
    @Test
    void aSecondTrainingOfAnotherProcessIsRefusedUntilTheFirstIsGone() throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        var place = new TrainingFolder(out);
        var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-preview", "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), KillableTraining.class.getName(),
                model.toString(), out.toString(), "1000000").redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile()).start();
        try {
            for (int i = 0; !place.hasCheckpoint() && process.isAlive() && i < 6000; i++) {
                Thread.sleep(10);
            }
            assertTrue(place.hasCheckpoint(), "it has begun");
            var e = assertThrows(FolderInUseException.class, () -> KillableTraining.run(model, out, 1_000_000, 3, 1));
            assertEquals(out + ": another training (process " + process.pid() + ") is at work in this folder, wanted "
                    + "one at a time: wait for it, or name another folder", e.getMessage());
            assertThrows(FolderInUseException.class, place::requireFree);
        } finally {
            process.destroyForcibly();
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the process is gone");
        place.requireFree();
    }

    @Test
    void aTrainingThatIsThereIsNotBegunAnew() {
        Path out = folder.resolve("out");
        KillableTraining.run(model, out, 2, 1, 1);
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            var training = new GateTraining(open, KillableTraining.plan(2), KillableTraining.source(), "random tokens",
                    new TrainingFolder(out), 1);
            var e = assertThrows(IllegalStateException.class, () -> training.run(false, 1, step -> { }));
            assertTrue(e.getMessage().endsWith("checkpoint.safetensors is there: go on from it, or train in another "
                    + "folder"), e.getMessage());
            assertEquals(2, training.stepsMade());
        }
    }

    // -- cut short --

    @Test
    void aTrainingThatWasCutShortIsExportedAsItStands() throws IOException {
        Path out = folder.resolve("out");
        var place = new TrainingFolder(out);
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            var training = new GateTraining(open, KillableTraining.plan(9), KillableTraining.source(), "x", place, 1);
            assertThrows(IllegalStateException.class, () -> training.run(false, 2, step -> {
                if (step.step() == 5) { // one step after the checkpoint of step 4
                    throw new IllegalStateException("stop");
                }
            }));
            var gates = TrainedGates.ofCheckpoint(open, place);
            assertEquals(4, gates.steps());
            assertEquals(KillableTraining.plan(9), gates.plan());
            List<Path> written = gates.write(place, "tiny", "test", DType.F32);
            assertEquals(List.of(out.resolve("one"), out.resolve("two")), written);
            for (int g = 0; g < 2; g++) {
                var gate = AttnGate.open(written.get(g), open);
                assertEquals(gates.gates().get(g).size(), gate.parameters());
                var training4 = new ObjectMapper().readTree(written.get(g).resolve("config.json").toFile())
                        .get("seer_training");
                assertEquals(4, training4.get("steps").asInt());
                assertEquals(9, training4.get("planned_steps").asInt());
                assertEquals(8, training4.get("sequences").asInt());
                assertEquals("random tokens", training4.get("data").asText());
            }
        }
        // and the training goes on from there as if nothing had been
        Path whole = folder.resolve("whole");
        var wanted = train(whole, 9);
        var got = train(out, 9);
        for (int g = 0; g < 2; g++) {
            assertArrayEquals(wanted.gates().get(g).key(1).value(), got.gates().get(g).key(1).value(), 0);
        }
    }

    private TrainedGates train(Path out, int steps) {
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(model, backend)) {
            return new GateTraining(open, KillableTraining.plan(steps), KillableTraining.source(), "x",
                    new TrainingFolder(out), 1).run(true, 2, step -> { });
        }
    }

    @Test
    void gatesOfAnotherModelAreNotExported() throws IOException {
        Path out = folder.resolve("out");
        KillableTraining.run(model, out, 2, 1, 1);
        Path other = TinyModel.random("llama", 4, 1, 16, true).write(folder.resolve("other"));
        try (var backend = Backends.cpu(1); var open = LanguageModel.open(other, backend)) {
            var e = assertThrows(MalformedModelException.class, () -> TrainedGates.ofCheckpoint(open,
                    new TrainingFolder(out)));
            assertTrue(e.getMessage().contains("checkpoint.safetensors: its gates are for a model with the checksum "),
                    e.getMessage());
            e = assertThrows(MalformedModelException.class, () -> TrainedGates.ofCheckpoint(open,
                    new TrainingFolder(folder.resolve("nowhere"))));
            assertTrue(e.getMessage().contains("there is no such file"), e.getMessage());
        }
    }

    // -- the text --

    /// Counts how often it encodes.
    private static final class Counting implements Tokenizer {
        private int texts;

        @Override
        public int[] encode(String text) {
            throw new AssertionError("texts are encoded as ordinary ones");
        }

        @Override
        public int[] encodeOrdinary(String text) {
            texts++;
            return Demo.model().tokenizer().encodeOrdinary(text);
        }

        @Override
        public byte[] bytes(int id) {
            return Demo.model().tokenizer().bytes(id);
        }

        @Override
        public OptionalInt id(String token) {
            return Demo.model().tokenizer().id(token);
        }

        @Override
        public int size() {
            return Demo.model().tokenizer().size();
        }
    }

    @Test
    void theTextIsEncodedOnceAndAnewWhenSomethingChanged() throws IOException {
        var counting = new Counting();
        Path kept = folder.resolve("tokens.safetensors");
        Path texts = Files.createDirectory(folder.resolve("texts"));
        Files.writeString(texts.resolve("b.txt"), "Once upon a time.");
        Files.writeString(texts.resolve("a.txt"), "It was a dark night.");
        Path tokenizer = Files.writeString(folder.resolve("tokenizer.json"), "{}");
        var plain = TextCorpus.read(List.of(texts), counting, 0);
        assertEquals(2, counting.texts);
        for (int round = 0; round < 3; round++) {
            var corpus = TextCorpus.kept(kept, List.of(texts), counting, tokenizer, 0);
            assertArrayEquals(plain.tokens(), corpus.tokens());
            assertEquals(plain.fingerprint(), corpus.fingerprint());
            assertEquals(plain.label(), corpus.label());
            assertEquals(2, corpus.documents());
            assertEquals(4, counting.texts, "once for all rounds");
        }
        TextCorpus.kept(kept, List.of(texts), counting, tokenizer, -1);
        assertEquals(6, counting.texts, "another separator");
        Files.writeString(tokenizer, "{ }");
        TextCorpus.kept(kept, List.of(texts), counting, tokenizer, -1);
        assertEquals(8, counting.texts, "another tokenizer");
        Files.writeString(texts.resolve("a.txt"), "It was a dark Night.");
        var changed = TextCorpus.kept(kept, List.of(texts), counting, tokenizer, -1);
        assertEquals(10, counting.texts, "another text");
        assertFalse(changed.fingerprint().equals(plain.fingerprint()));
        Files.move(texts.resolve("a.txt"), texts.resolve("c.txt")); // documents are packed in the order of their names
        TextCorpus.kept(kept, List.of(texts), counting, tokenizer, -1);
        assertEquals(12, counting.texts, "another order");
        Files.writeString(texts.resolve("notes.md"), "not read");
        TextCorpus.kept(kept, List.of(texts), counting, tokenizer, -1);
        assertEquals(12, counting.texts, "a file that is no text changes nothing");
        var e = assertThrows(IllegalArgumentException.class, () -> TextCorpus.kept(kept,
                List.of(folder.resolve("gone.txt")), counting, tokenizer, -1));
        assertEquals(folder.resolve("gone.txt") + ": no such file", e.getMessage());
    }
}
