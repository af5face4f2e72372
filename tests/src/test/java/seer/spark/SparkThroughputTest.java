package seer.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.gate.AttnGate;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.load.Utf8Text;
import seer.support.Demo;

/// Documents a second of Spark's local mode beside those of one process on the same cores. They take turns within a job
/// ([Turnstile]), as the cores of a machine that others use as well change their speed by half from one quarter of a
/// minute to the next: of two jobs that follow each other, either may be the faster one.
@Tag("slow")
class SparkThroughputTest {
    private static final double SHARE = 0.9;
    private static final int STEP = 20_000; // letters between documents, where the novel is long enough
    private static final int TURNS = 20; // in a job of many documents
    private static final int WARM_UP = 40; // documents of a job that is not counted

    /// A few that take the model's time, and many that take Spark's. What Spark does before the first document and
    /// after the last counts.
    @ParameterizedTest
    @CsvSource({"12, 8000, 8, 5", "200, 2000, 1, 1", "200, 2000, 2, 1", "200, 2000, 8, 1"})
    void sparkReadsAtLeastNineTenthsOfWhatOneProcessReads(int count, int letters, int partitions, int rounds) {
        int cores = Runtime.getRuntime().availableProcessors();
        var texts = texts(count, letters);
        var alone = new ArrayList<Double>();
        var shared = new ArrayList<Double>();
        try (var backend = Backends.cpu(cores); var model = LanguageModel.open(Demo.MODEL, backend);
                var gate = AttnGate.open(Demo.GATE, model); var spark = LocalSpark.open(cores)) {
            var prefill = LocalSpark.prefill().setSelect("gate:density=0.1");
            for (int round = 0; round <= rounds; round++) {
                var read = round > 0 ? texts : texts.subList(0, Math.min(WARM_UP, count));
                var turnstile = new Turnstile(prefill.checked(spark), Math.max(2, read.size() / TURNS),
                        (from, end) -> readAlone(model, gate, read.subList(from, end)));
                var documents = turnstile.before(Dealing.by(LocalSpark.documents(spark, read), "text", partitions));
                double all = seconds(() -> readByTasks(prefill, documents, read.size()));
                double both = all - turnstile.seconds();
                turnstile.end();
                if (round > 0) {
                    alone.add(turnstile.seconds());
                    shared.add(both);
                }
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            Engines.close();
        }
        double share = median(alone) / median(shared);
        String said = String.format(Locale.ROOT, "%d documents, %d partitions: %.2f s alone, %.2f s by Spark, share "
                + "%.3f; alone %s, Spark %s", count, partitions, median(alone), median(shared), share, alone, shared);
        System.out.println(said);
        assertTrue(share >= SHARE, said);
    }

    private static List<String> texts(int count, int letters) {
        String novel = Utf8Text.read(Demo.MODEL.resolve("thursday.txt"));
        int step = Math.min(STEP, (novel.length() - letters) / count);
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            texts.add(novel.substring(i * step, i * step + letters - letters / 20 * (i % 8)));
        }
        return texts;
    }

    private static void readByTasks(SeerPrefill prefill, Dataset<Row> documents, int count) {
        assertEquals(count, prefill.transform(documents).filter("seer.error is null").count());
    }

    /// As a program would that has nothing but the library.
    private static void readAlone(LanguageModel model, AttnGate gate, List<String> texts) {
        var selector = gate.density(0.1);
        for (String text : texts) {
            int[] tokens = model.tokenizer().encode(text);
            try (var session = model.session(tokens.length)) {
                session.prefill(PrefillRequest.of(tokens, selector).scored(-1));
            }
        }
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) * 1e-9;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
