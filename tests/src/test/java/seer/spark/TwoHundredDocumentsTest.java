package seer.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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

/// Two hundred documents of 512 tokens from the held-out novel: in one process, and in 1, 2 and 8 partitions.
@Tag("slow")
class TwoHundredDocumentsTest {
    private static final int DOCUMENTS = 200;
    private static final int TOKENS = 512;
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
    void resultsAreTheSameInOneProcessAndInAnyNumberOfPartitions() throws IOException {
        int cores = Runtime.getRuntime().availableProcessors();
        try (var backend = Backends.cpu(cores); var model = LanguageModel.open(Demo.MODEL, backend);
                var gate = AttnGate.open(Demo.GATE, model); var spark = LocalSpark.open(cores)) {
            var documents = documents(model);
            alone(model, gate, documents.subList(0, 20)); // a warm-up
            long start = System.nanoTime();
            var wanted = alone(model, gate, documents);
            said("one process", start);
            for (int partitions : new int[] {1, 2, 8}) {
                var read = LocalSpark.prefill().setInputCol("tokens").setPartitions(partitions)
                        .transform(rows(spark, documents));
                start = System.nanoTime();
                var got = new Facts[DOCUMENTS];
                for (Row row : read.collectAsList()) {
                    Row result = row.getAs("seer");
                    got[row.<Integer>getAs("id")] = new Facts(result.getAs("perplexity"), result.getAs("density"));
                }
                said(partitions + " partitions", start);
                assertEquals(wanted, Arrays.asList(got), partitions + " partitions");
            }
        } finally {
            Engines.close();
        }
    }

    private static void said(String how, long start) {
        double seconds = (System.nanoTime() - start) * 1e-9;
        System.out.printf(Locale.ROOT, "%s: %d documents of %d tokens in %.1f s, %.1f a second%n", how, DOCUMENTS,
                TOKENS, seconds, DOCUMENTS / seconds);
    }
}
