package seer.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.gate.AttnGate;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.load.Utf8Text;
import seer.support.Demo;

/// Documents a second of Spark's local mode beside those of one process on the same cores, in turns.
@Tag("slow")
class SparkThroughputTest {
    private static final double SHARE = 0.9;
    private static final int STEP = 20_000; // letters between documents, where the novel is long enough

    /// A few that take the model's time, and many that take Spark's.
    @ParameterizedTest
    @CsvSource({"12, 8000, 5", "200, 2000, 5"})
    void sparkReadsAtLeastNineTenthsOfWhatOneProcessReads(int count, int letters, int rounds) {
        int cores = Runtime.getRuntime().availableProcessors();
        String novel = Utf8Text.read(Demo.MODEL.resolve("thursday.txt"));
        int step = Math.min(STEP, (novel.length() - letters) / count);
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            texts.add(novel.substring(i * step, i * step + letters - letters / 20 * (i % 8)));
        }
        var alone = new ArrayList<Double>();
        var shared = new ArrayList<Double>();
        try (var backend = Backends.cpu(cores); var model = LanguageModel.open(Demo.MODEL, backend);
                var gate = AttnGate.open(Demo.GATE, model); var spark = LocalSpark.open(cores)) {
            var documents = LocalSpark.documents(spark, texts).cache();
            var prefill = LocalSpark.prefill().setSelect("gate:density=0.1").setPartitions(4 * cores);
            for (int round = 0; round <= rounds; round++) {
                double one = seconds(() -> readAlone(model, gate, texts));
                double both = seconds(() -> assertEquals(count, prefill.transform(documents)
                        .filter("seer.error is null").count()));
                if (round > 0) { // the first is a warm-up
                    alone.add(one);
                    shared.add(both);
                }
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            Engines.close();
        }
        double share = median(alone) / median(shared);
        String said = String.format(Locale.ROOT, "%d documents: %.2f s alone, %.2f s by Spark, share %.3f; alone %s, "
                + "Spark %s", count, median(alone), median(shared), share, alone, shared);
        System.out.println(said);
        assertTrue(share >= SHARE, said);
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
