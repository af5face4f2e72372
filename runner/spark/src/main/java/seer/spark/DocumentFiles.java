package seer.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import seer.model.load.JsonLine;
import seer.model.load.Utf8Text;
import seer.run.cluster.PrefillJob;

/// The documents of a job, as files of JSON lines or Parquet.
final class DocumentFiles {
    /// The format's name, for Spark too.
    static final String JSON = "json";
    private static final String PARQUET = "parquet";
    private static final String LINE = "value";
    private static final String PARSED = "parsed";
    /// An escape that may be half a character.
    private static final String HALF = "\\\\u[dD][89a-fA-F]";

    private final SparkSession session;
    private final PrefillJob job;
    private final String format;

    /// @throws IllegalArgumentException if there are none, or of which format cannot be told
    DocumentFiles(SparkSession session, PrefillJob job) throws IOException {
        this.session = session;
        this.job = job;
        this.format = job.format() == null ? told() : job.format();
    }

    String format() {
        return format;
    }

    private String told() throws IOException {
        var input = new Path(job.input());
        var files = input.getFileSystem(session.sparkContext().hadoopConfiguration());
        if (!files.exists(input)) {
            throw new IllegalArgumentException("input " + job.input() + ": there is no such file or folder");
        }
        Set<String> found = new HashSet<>();
        for (FileStatus file : files.listStatus(input)) {
            String name = file.getPath().getName();
            if (name.matches(".*\\.jsonl?(\\.\\w+)?")) {
                found.add(JSON);
            } else if (name.endsWith("." + PARQUET)) {
                found.add(PARQUET);
            }
        }
        if (found.size() != 1) {
            throw new IllegalArgumentException("input " + job.input() + " has files of " + (found.isEmpty()
                    ? "no format that their names tell" : "both formats") + ", wanted .json or .jsonl, or .parquet, or "
                    + "a format that is named");
        }
        return found.iterator().next();
    }

    /// All documents: the columns that were asked for. A line of which nothing can be made has no name.
    Dataset<Row> documents() {
        Dataset<Row> all = format.equals(JSON) ? lines() : session.read().parquet(job.input());
        var columns = new ArrayList<>(List.of(job.id()));
        columns.addAll(job.keep());
        columns.add(job.column());
        for (String column : columns) {
            if (!List.of(all.schema().fieldNames()).contains(column)) {
                throw new IllegalArgumentException("column " + column + " is not in " + job.input() + ", wanted one of "
                        + String.join(", ", all.schema().fieldNames()));
            }
        }
        return all.select(columns.stream().distinct().map(name -> functions.col(Names.quoted(name)))
                .toArray(Column[]::new));
    }

    /// The lines that are not blank, with what was read of each: nothing where it is no JSON. Spark's reader of JSON
    /// takes what stands before the first fault, so lines are looked at first.
    private Dataset<Row> parsedLines() {
        StructType type = new StructType().add(job.id(), DataTypes.StringType);
        for (String name : job.keep()) {
            type = type.add(name, DataTypes.StringType);
        }
        type = type.add(job.column(), job.tokens() ? DataTypes.createArrayType(DataTypes.LongType)
                : DataTypes.StringType);
        Column line = functions.make_valid_utf8(functions.col(LINE));
        var fault = functions.udf((UDF1<String, String>) JsonLine::faultOf, DataTypes.StringType);
        return session.read().text(job.input()).filter(line.rlike("\\S")).withColumn(PARSED,
                functions.when(fault.apply(line).isNull(), functions.from_json(line, type)));
    }

    /// Spark's reader of JSON replaces bytes that are not UTF-8 in silence, and halves of characters. A line with such
    /// bytes comes as it is, in the place of its text, and is refused there with their place; so is a text with
    /// halves.
    private Dataset<Row> lines() {
        Dataset<Row> lines = parsedLines();
        Column document = parsed(job.column());
        if (!job.tokens()) {
            String name = job.column(); // not this object, which stays on the driver
            var bytes = functions.udf((UDF1<String, byte[]>) line -> bytes(line, name), DataTypes.BinaryType);
            Column line = functions.col(LINE);
            document = functions.when(functions.not(functions.is_valid_utf8(line)), line.cast(DataTypes.BinaryType))
                    .when(line.rlike(HALF), bytes.apply(line)).otherwise(document.cast(DataTypes.BinaryType));
        }
        var columns = new ArrayList<Column>();
        columns.add(parsed(job.id()));
        job.keep().forEach(name -> columns.add(parsed(name)));
        columns.add(document.as(job.column()));
        return lines.select(columns.toArray(Column[]::new));
    }

    /// The documents without a name, each with an answer that says where it stands and what is wrong there.
    ///
    /// @param output columns of results
    Dataset<Row> nameless(StructType output) {
        boolean json = format.equals(JSON);
        Dataset<Row> all = json ? parsedLines() : session.read().parquet(job.input());
        var columns = new ArrayList<Column>();
        job.keep().forEach(name -> columns.add(json ? parsed(name) : functions.col(Names.quoted(name))));
        columns.add(functions.col("_metadata.file_path"));
        columns.add(functions.col(json ? "_metadata.file_block_start" : "_metadata.row_index"));
        columns.add(json ? functions.col(LINE).cast(DataTypes.BinaryType) : functions.lit(null).cast("binary"));
        Column name = json ? parsed(job.id()) : functions.col(Names.quoted(job.id()));
        var answers = new Nameless(job.id(), job.keep().size(),
                new SerializableConfiguration(session.sparkContext().hadoopConfiguration()));
        return all.filter(name.isNull()).select(columns.toArray(Column[]::new))
                .mapPartitions((MapPartitionsFunction<Row, Row>) answers::answered, Encoders.row(output));
    }

    /// A text as it is written in a line; null where it has none.
    private static byte[] bytes(String line, String column) {
        var text = JsonLine.of(line).object().path(column);
        return text.isMissingNode() || text.isNull() ? null
                : Utf8Text.encode(text.isTextual() ? text.textValue() : text.toString());
    }

    private static Column parsed(String name) {
        return functions.col(PARSED + "." + Names.quoted(name)).as(name);
    }

    /// @throws IllegalArgumentException if no document has a name or something to read, as where a column is misspelt,
    ///                                  or if two have one name
    ///
    /// @param output columns of results
    void requireNames(Dataset<Row> documents, StructType output) {
        for (String column : List.of(job.id(), job.column())) {
            if (documents.filter(documents.col(Names.quoted(column)).isNotNull()).isEmpty()) {
                throw new IllegalArgumentException("input " + job.input() + " has no document with a column " + column
                        + ", wanted one of text or tokens and one of names" + nameless(output)
                        .select(PrefillRun.RESULT + ".error").takeAsList(1).stream()
                        .map(row -> "; " + row.getString(0)).findFirst().orElse(""));
            }
        }
        String id = Names.quoted(job.id());
        List<Row> twice = documents.filter(documents.col(id).isNotNull()).groupBy(id).count().filter("count > 1")
                .orderBy(id).takeAsList(1);
        if (!twice.isEmpty()) {
            throw new IllegalArgumentException("column " + job.id() + " has " + twice.getFirst().get(0) + " "
                    + twice.getFirst().get(1) + " times, wanted another name for each document");
        }
    }
}
