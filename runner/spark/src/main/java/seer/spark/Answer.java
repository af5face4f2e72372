package seer.spark;

import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/// What came of a document: the value of the column that [SeerPrefill] adds. Fields are null where they were not asked
/// for, and all but the last where the document could not be read.
///
/// @param answer         the continuation
/// @param perplexity     of the prompt, each token from those before it
/// @param logLikelihoods of the second token and those after it, in nats
/// @param tokens         of the prompt
/// @param density        share of causal blocks computed, forced ones counted
/// @param selector       that chose them
/// @param times          by part
/// @param backend        where it was computed
/// @param device         as it names itself
/// @param error          why the document could not be read, in one sentence; null if it was
record Answer(String answer, Double perplexity, float[] logLikelihoods, Integer tokens, Double density,
              String selector, Times times, String backend, String device, String error) {

    /// Milliseconds.
    ///
    /// @param tokenize  text to tokens
    /// @param waiting      for documents of other tasks
    /// @param prefill   tokens to the logits of the last position
    /// @param attention of it in attention
    /// @param selection of it in choosing blocks
    /// @param answer    drawing tokens
    record Times(double tokenize, double waiting, double prefill, double attention, double selection, double answer) {
        private static final StructType TYPE = new StructType().add("tokenize", DataTypes.DoubleType)
                .add("waiting", DataTypes.DoubleType).add("prefill", DataTypes.DoubleType)
                .add("attention", DataTypes.DoubleType).add("selection", DataTypes.DoubleType)
                .add("answer", DataTypes.DoubleType);

        private Row row() {
            return RowFactory.create(tokenize, waiting, prefill, attention, selection, answer);
        }
    }

    /// The type of the column.
    static final StructType TYPE = new StructType().add("answer", DataTypes.StringType)
            .add("perplexity", DataTypes.DoubleType)
            .add("log_likelihoods", DataTypes.createArrayType(DataTypes.FloatType, false))
            .add("tokens", DataTypes.IntegerType).add("density", DataTypes.DoubleType)
            .add("selector", DataTypes.StringType).add("ms", Times.TYPE).add("backend", DataTypes.StringType)
            .add("device", DataTypes.StringType).add("error", DataTypes.StringType);

    /// Of a document that could not be read.
    static Answer failed(String error) {
        return new Answer(null, null, null, null, null, null, null, null, null,
                error.strip().replaceAll("\\s*\\R\\s*", " "));
    }

    Row row() {
        return RowFactory.create(answer, perplexity, logLikelihoods == null ? null : boxed(logLikelihoods), tokens,
                density, selector, times == null ? null : times.row(), backend, device, error);
    }

    private static Object boxed(float[] values) {
        var list = new java.util.ArrayList<Float>(values.length);
        for (float value : values) {
            list.add(value);
        }
        return CollectionConverters.asScala((List<Float>) list).toSeq();
    }
}
