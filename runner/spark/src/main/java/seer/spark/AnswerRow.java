package seer.spark;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;
import seer.run.cluster.Answer;

/// An [Answer] as Spark keeps it.
final class AnswerRow {
    private static final StructType TIMES = new StructType().add("tokenize", DataTypes.DoubleType)
            .add("waiting", DataTypes.DoubleType).add("prefill", DataTypes.DoubleType)
            .add("attention", DataTypes.DoubleType).add("selection", DataTypes.DoubleType)
            .add("answer", DataTypes.DoubleType);

    /// The type of the column.
    static final StructType TYPE = new StructType().add("answer", DataTypes.StringType)
            .add("perplexity", DataTypes.DoubleType)
            .add("log_likelihoods", DataTypes.createArrayType(DataTypes.FloatType, false))
            .add("tokens", DataTypes.IntegerType).add("density", DataTypes.DoubleType)
            .add("selector", DataTypes.StringType).add("ms", TIMES).add("backend", DataTypes.StringType)
            .add("device", DataTypes.StringType).add("arithmetic", DataTypes.StringType)
            .add("cache", DataTypes.StringType)
            .add("kernels", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, false))
            .add("error", DataTypes.StringType);

    private AnswerRow() { }

    static Row of(Answer answer) {
        return RowFactory.create(answer.answer(), answer.perplexity(),
                answer.logLikelihoods() == null ? null : boxed(answer.logLikelihoods()), answer.tokens(),
                answer.density(), answer.selector(), answer.times() == null ? null : row(answer.times()),
                answer.backend(), answer.device(), answer.arithmetic(), answer.cache(),
                answer.kernels() == null ? null : CollectionConverters.asScala(answer.kernels()), answer.error());
    }

    private static Row row(Answer.Times times) {
        return RowFactory.create(times.tokenize(), times.waiting(), times.prefill(), times.attention(),
                times.selection(), times.answer());
    }

    private static Object boxed(float[] values) {
        var list = new ArrayList<Float>(values.length);
        for (float value : values) {
            list.add(value);
        }
        return CollectionConverters.asScala((List<Float>) list).toSeq();
    }
}
