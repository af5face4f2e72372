package seer.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import seer.gate.AttnGate;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.Perplexity;
import seer.model.PrefillRequest;
import seer.model.load.Utf8Text;
import seer.support.Demo;

/// Two hundred documents of 512 tokens from the held-out novel: in one process, and in 1, 2 and 8 partitions. What they
/// take is printed (docs/spark.md, Documents a second).
@Tag("slow")
class TwoHundredDocumentsTest {
    private static final int DOCUMENTS = 200;
    private static final int TOKENS = 512;
    private static final int WARM_UP = 30;
    private static final StructType SCHEMA = new StructType().add("id", DataTypes.IntegerType)
            .add("tokens", DataTypes.createArrayType(DataTypes.IntegerType));

    /// What is to be the same.
    private record Facts(double perplexity, double density) { }

    private static List<int[]> documents(LanguageModel model) {
        int[] novel = model.tokenizer().encode(Utf8Text.read(Demo.MODEL.resolve("thursday.txt")));
        int step = (novel.length - TOKENS) / (DOCUMENTS - 1);
        return IntStream.range(0, DOCUMENTS).mapToObj(i -> Arrays.copyOfRange(novel, i * step, i * step + TOKENS))
                .toList();
    }

    private static Dataset<Row> rows(SparkSession spark, List<int[]> documents) {
        var rows = new ArrayList<Row>();
        for (int[] tokens : documents) {
            rows.add(RowFactory.create(rows.size(), Arrays.stream(tokens).boxed().toArray(Integer[]::new)));
        }
        return spark.createDataFrame(rows, SCHEMA);
    }

    private static List<Facts> alone(LanguageModel model, AttnGate gate, List<int[]> documents) {
        var selector = gate.density(0.3);
        var facts = new ArrayList<Facts>();
        try (var session = model.session(TOKENS)) {
            for (int[] tokens : documents) {
                var report = session.prefill(PrefillRequest.of(tokens, selector).scored(-1));
                facts.add(new Facts(Perplexity.of(report.scores().nats(0, TOKENS - 1), TOKENS - 1),
                        report.density()));
            }
        }
        return facts;
    }

    @Test
    void resultsAreThoseOfOneProcessInAnyNumberOfPartitions() throws IOException {
        int cores = Runtime.getRuntime().availableProcessors();
        try (var backend = Backends.cpu(cores); var model = LanguageModel.open(Demo.MODEL, backend);
                var gate = AttnGate.open(Demo.GATE, model); var spark = LocalSpark.open(cores)) {
            var documents = documents(model);
            alone(model, gate, documents.subList(0, WARM_UP));
            read(spark, documents.subList(0, WARM_UP), cores); // opens the model and compiles Spark's part
            var wanted = timed("one process", () -> alone(model, gate, documents));
            var spent = new TreeMap<Integer, Double>();
            for (int partitions : new int[] {1, 2, 8}) {
                var got = timed(partitions + " partitions", () -> read(spark, documents, partitions));
                assertEquals(wanted.facts(), got.facts(), partitions + " partitions");
                spent.put(partitions, got.seconds());
            }
            var again = timed("one process", () -> alone(model, gate, documents));
            double mean = (wanted.seconds() + again.seconds()) / 2;
            spent.forEach((partitions, seconds) -> System.out.printf(Locale.ROOT,
                    "%d partitions: %.2f of one process's speed%n", partitions, mean / seconds));
        } finally {
            Engines.close();
        }
    }

    private static List<Facts> read(SparkSession spark, List<int[]> documents, int partitions) {
        var got = new Facts[documents.size()];
        for (Row row : LocalSpark.prefill().setInputCol("tokens").setPartitions(partitions)
                .transform(rows(spark, documents)).collectAsList()) {
            Row result = row.getAs("seer");
            got[row.<Integer>getAs("id")] = new Facts(result.getAs("perplexity"), result.getAs("density"));
        }
        return Arrays.asList(got);
    }

    private record Timed(List<Facts> facts, double seconds) { }

    private static Timed timed(String how, Supplier<List<Facts>> work) {
        long start = System.nanoTime();
        var facts = work.get();
        double seconds = (System.nanoTime() - start) * 1e-9;
        System.out.printf(Locale.ROOT, "%s: %d documents of %d tokens in %.1f s, %.1f a second%n", how, DOCUMENTS,
                TOKENS, seconds, DOCUMENTS / seconds);
        return new Timed(facts, seconds);
    }
}
