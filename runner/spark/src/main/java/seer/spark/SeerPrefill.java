package seer.spark;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import seer.model.BackendChoice;
import seer.run.cluster.Answer;
import seer.run.cluster.Reading;

/// Reads every document of a column with sparse attention and adds a column with what came of it ([Answer]).
///
/// A document that cannot be read has an error there and harms no other. The model is named by its path, opened once in
/// each executor and shared by its tasks; which executor reads a document, and beside which others, changes nothing of
/// the result but its times.
///
/// ```java
/// Dataset<Row> read = new SeerPrefill().setInputCol("text").setModel("demo-model").setSelect("gate:density=0.1")
///         .setQuestion("Who was there?").setNewTokens(16).transform(documents);
/// ```
public final class SeerPrefill extends PrefillParams implements DefaultParamsWritable {
    private static final long serialVersionUID = 1L;
    private static final String INPUT = "seer_input"; // what is read, beside the columns that pass by

    private transient Figures figures;
    private transient SeenWeights seen;

    public SeerPrefill() {
        this(null);
    }

    /// @param uid as Spark gives it when it reads one that was saved
    public SeerPrefill(String uid) {
        super(uid);
    }

    /// Reads one that was saved, as Spark's pipelines ask for it.
    public static MLReader<SeerPrefill> read() {
        return new DefaultParamsReader<>();
    }

    /// One that was saved in a folder.
    public static SeerPrefill load(String folder) {
        return read().load(folder);
    }

    /// What the documents of the last [#transform] have cost so far; empty before it.
    public Map<String, Long> figures() {
        return figures == null ? Map.of() : figures.values();
    }

    /// @throws IllegalArgumentException naming what does not fit: a setting, a path, a checksum, a column
    @Override
    public Dataset<Row> transform(Dataset<?> documents) {
        StructType schema = transformSchema(documents.schema());
        var place = checked(documents.sparkSession());
        figures = new Figures(documents.sparkSession().sparkContext());
        var task = new ReadDocuments(place, reading(), figures, isText(documents.schema()));
        // Spark would show text as a string whose broken bytes are replaced: as bytes they stay what they are.
        Column input = documents.col(Names.quoted(text(inputCol())));
        var prepared = Dealing.by(documents.toDF(), text(inputCol()), whole(partitions()))
                .withColumn(Names.unused(documents.schema(), INPUT),
                        isText(documents.schema()) ? input.cast(DataTypes.BinaryType) : input);
        return prepared.mapPartitions((Iterator<Row> rows) -> task.over(rows), Encoders.row(schema));
    }

    @Override
    public StructType transformSchema(StructType schema) {
        String input = text(inputCol());
        if (!List.of(schema.fieldNames()).contains(input)) {
            throw new IllegalArgumentException("inputCol is " + input + ", wanted one of the columns "
                    + String.join(", ", schema.fieldNames()));
        }
        if (!isText(schema) && !isTokens(schema.apply(input).dataType())) {
            throw new IllegalArgumentException("column " + input + " is of type " + schema.apply(input).dataType()
                    .simpleString() + ", wanted string, binary, array<int> or array<bigint>");
        }
        if (List.of(schema.fieldNames()).contains(text(outputCol()))) {
            throw new IllegalArgumentException("outputCol is " + text(outputCol()) + ", wanted the name of a column "
                    + "that is not there yet");
        }
        return schema.add(text(outputCol()), AnswerRow.TYPE);
    }

    private boolean isText(StructType schema) {
        DataType type = schema.apply(text(inputCol())).dataType();
        return type.equals(DataTypes.StringType) || type.equals(DataTypes.BinaryType);
    }

    private static boolean isTokens(DataType type) {
        return type instanceof ArrayType list && (list.elementType().equals(DataTypes.IntegerType)
                || list.elementType().equals(DataTypes.LongType));
    }

    /// Documents that the last [#transform] has read so far.
    long documents() {
        return figures == null ? 0 : figures.documents();
    }

    /// The place, once everything is in order that a driver can see.
    Place checked(SparkSession session) {
        seen = seen == null ? new SeenWeights() : seen;
        return Preflight.check(place(), reading(), seen, session);
    }

    private Place place() {
        return new Place(text(model()), text(checksum()).isEmpty() ? null : text(checksum()),
                text(gate()).isEmpty() ? null : text(gate()), null, BackendChoice.Kind.of(text(backend())),
                whole(threads()), BackendChoice.Precision.of(text(precision())));
    }

    private Reading reading() {
        return new Reading(text(question()), whole(newTokens()), text(select()), whole(denseLastRows()),
                isTrue(keepFirst()), whole(chunk()), whole(denseBelow()), isTrue(perplexity()),
                isTrue(logLikelihoods()));
    }

    @Override
    public SeerPrefill copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    public SeerPrefill setInputCol(String value) {
        set(inputCol(), value);
        return this;
    }

    public SeerPrefill setOutputCol(String value) {
        set(outputCol(), value);
        return this;
    }

    public SeerPrefill setModel(String value) {
        set(model(), value);
        return this;
    }

    public SeerPrefill setChecksum(String value) {
        set(checksum(), value);
        return this;
    }

    public SeerPrefill setGate(String value) {
        set(gate(), value);
        return this;
    }

    public SeerPrefill setBackend(String value) {
        set(backend(), value);
        return this;
    }

    public SeerPrefill setPrecision(String value) {
        set(precision(), value);
        return this;
    }

    public SeerPrefill setSelect(String value) {
        set(select(), value);
        return this;
    }

    public SeerPrefill setQuestion(String value) {
        set(question(), value);
        return this;
    }

    public SeerPrefill setThreads(int value) {
        set(threads(), value);
        return this;
    }

    public SeerPrefill setNewTokens(int value) {
        set(newTokens(), value);
        return this;
    }

    public SeerPrefill setDenseLastRows(int value) {
        set(denseLastRows(), value);
        return this;
    }

    public SeerPrefill setChunk(int value) {
        set(chunk(), value);
        return this;
    }

    public SeerPrefill setDenseBelow(int value) {
        set(denseBelow(), value);
        return this;
    }

    public SeerPrefill setPartitions(int value) {
        set(partitions(), value);
        return this;
    }

    public SeerPrefill setKeepFirst(boolean value) {
        set(keepFirst(), value);
        return this;
    }

    public SeerPrefill setPerplexity(boolean value) {
        set(perplexity(), value);
        return this;
    }

    public SeerPrefill setLogLikelihoods(boolean value) {
        set(logLikelihoods(), value);
        return this;
    }
}
