package seer.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.BackendChoice;
import seer.model.load.MalformedModelException;
import seer.run.cluster.Answer;
import seer.run.cluster.Reading;
import seer.support.Demo;

/// Documents of a task on its engine: the next is asked for while one is read, and an engine that was lost is opened
/// anew.
class DocumentReaderTest {
    private static final Reading READING = new Reading("", 2, "gate:density=0.3", 1, true, 0, 0, true, false);

    private static SparkSession spark; // for its counters

    @TempDir
    private Path folder;
    private Path model; // a copy
    private Engines.Lease lease;

    @BeforeAll
    static void start() {
        spark = LocalSpark.open();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    @BeforeEach
    void openEngine() throws IOException, InterruptedException {
        model = copy(Demo.MODEL, folder.resolve("model"), "config.json", "tokenizer.json", "model.safetensors");
        lease = Engines.lease(new Place(model.toString(), null, Demo.GATE.toString(), null, BackendChoice.Kind.CPU, 2,
                BackendChoice.Precision.F32), null);
    }

    private static Path copy(Path from, Path to, String... names) throws IOException {
        Files.createDirectories(to);
        for (String name : names) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
        return to;
    }

    @AfterEach
    void closeEngine() {
        lease.close();
        Engines.close();
    }

    private DocumentReader reader() {
        return new DocumentReader(lease.engine(), READING, new Figures(spark.sparkContext()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theNextRowIsAskedForBeforeTheAnswerToOneIsGiven() {
        var taken = new ArrayList<Integer>();
        var texts = LocalSpark.texts(3);
        var rows = new AnsweredRows(texts.stream().map(text -> {
            taken.add(taken.size());
            return RowFactory.create("document " + (taken.size() - 1), bytes(text));
        }).iterator(), true, reader());
        var answered = new ArrayList<Row>();
        for (int after : new int[] {2, 3, 3}) {
            answered.add(rows.next());
            assertEquals(after, taken.size(), "rows taken after " + answered.size() + " were given");
        }
        assertFalse(rows.hasNext());
        for (int i = 0; i < texts.size(); i++) {
            assertEquals("document " + i, answered.get(i).getString(0));
            assertEquals(Demo.model().tokenizer().encode(texts.get(i)).length,
                    answered.get(i).getStruct(1).getInt(AnswerRow.TYPE.fieldIndex("tokens")));
        }
    }

    @Test
    void whatATaskHasAskedForIsNotReadAfterItsEnd() throws InterruptedException {
        var held = new CountDownLatch(1);
        lease.engine().ask(() -> {
            held.await();
            return null;
        });
        var asked = reader().text(bytes("a document that nobody waits for"));
        asked.forget();
        held.countDown();
        assertThrows(CancellationException.class, asked::answer);
        assertNull(reader().text(bytes("and one that somebody does")).answer().error());
    }

    @Test
    void documentsOfAnEngineThatWasLostAreReadOnOneOpenedAnew() throws InterruptedException {
        var reader = reader();
        var engine = lease.engine();
        String whole = facts(reader.text(bytes(LocalSpark.texts(1).getFirst())).answer());
        engine.call(() -> {
            engine.library().model().close(); // as a device takes it away
            return null;
        });
        var asked = List.of(reader.text(bytes(LocalSpark.texts(1).getFirst())), reader.text(bytes("another one")),
                reader.text(new byte[0]));
        assertEquals(whole, facts(asked.get(0).answer()));
        assertNull(asked.get(1).answer().error());
        assertEquals("the text is empty, wanted at least one token", asked.get(2).answer().error());
        assertTrue(engine.isOpen());
    }

    private static String facts(Answer answer) {
        return answer.answer() + " " + answer.perplexity() + " " + answer.density() + " " + answer.error();
    }

    @Test
    void aTaskWhoseEngineDoesNotOpenAnyMoreFails() throws IOException, InterruptedException {
        var reader = reader();
        var engine = lease.engine();
        engine.call(() -> {
            engine.library().model().close();
            return null;
        });
        Files.writeString(model.resolve("config.json"), "[");
        var asked = reader.text(bytes("a document"));
        assertThrows(MalformedModelException.class, asked::answer);
        assertFalse(engine.isOpen());
    }

    @Test
    void weightsAreReadAgainOnlyWhenAFileIsAnother() throws IOException {
        var seen = new SeenWeights();
        Path weights = model.resolve("model.safetensors");
        String first = seen.sha256(model);
        assertNotNull(first);
        byte[] bytes = Files.readAllBytes(weights);
        var changed = Files.getLastModifiedTime(weights);
        bytes[bytes.length - 1] ^= 1; // of the last weight
        Files.write(weights, bytes);
        Files.setLastModifiedTime(weights, changed);
        assertEquals(first, seen.sha256(model), "nothing of the file says that it is another");
        Files.setLastModifiedTime(weights, FileTime.fromMillis(changed.toMillis() + 1_000));
        String second = seen.sha256(model);
        assertFalse(first.equals(second), second);
        assertEquals(second, new SeenWeights().sha256(model));
        Files.writeString(model.resolve("config.json"), "[");
        assertThrows(MalformedModelException.class, () -> seen.sha256(model));
    }
}
