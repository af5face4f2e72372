package seer.spark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import seer.model.load.Utf8Text;
import seer.support.Demo;

/// Spark in this JVM, and documents for it.
final class LocalSpark {
    private static final StructType SCHEMA = new StructType().add("id", DataTypes.StringType)
            .add("text", DataTypes.StringType);

    private LocalSpark() { }

    static SparkSession open() {
        return open(2);
    }

    static SparkSession open(int tasks) {
        return SparkSession.builder().master("local[" + tasks + "]").appName("tests").config("spark.ui.enabled", false)
                .config("spark.driver.host", "localhost").config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.sql.warehouse.dir", Path.of("tests/target/warehouse").toAbsolutePath().toString())
                .getOrCreate();
    }

    /// Pieces of the novel, no two of one length.
    static List<String> texts(int count) {
        String novel = Utf8Text.read(Demo.MODEL.resolve("thursday.txt"));
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            int from = i * 1_000;
            texts.add(novel.substring(from, from + 300 + 97 * (i * 7 % 13) + i));
        }
        return texts;
    }

    /// Texts named by their place.
    static Dataset<Row> documents(SparkSession spark, List<String> texts) {
        var rows = new ArrayList<Row>();
        for (int i = 0; i < texts.size(); i++) {
            rows.add(RowFactory.create("document " + i, texts.get(i)));
        }
        return spark.createDataFrame(rows, SCHEMA);
    }

    static SeerPrefill prefill() {
        return new SeerPrefill().setInputCol("text").setModel(Demo.MODEL.toString()).setSelect("gate:density=0.3");
    }

    /// The fields of a result that are no times, in words.
    static String facts(Row result) {
        return String.join("|", Arrays.stream(new String[] {"answer", "perplexity", "log_likelihoods", "tokens",
            "density", "selector", "backend", "arithmetic", "cache", "kernels", "error"})
                .map(field -> field + "=" + result.getAs(field)).toList());
    }
}
