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
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import seer.run.cluster.PrefillJob;

/// The documents of a job, as files of JSON lines or Parquet.
final class DocumentFiles {
    /// The format's name, for Spark too.
    static final String JSON = "json";
    private static final String PARQUET = "parquet";
    private static final String LINE = "value";
    private static final String PARSED = "parsed";

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

    private DocumentLine line() {
        if (job.keep().contains(job.column())) {
            throw new IllegalArgumentException("keep has " + job.column() + ", which is what is read: wanted other "
                    + "columns");
        }
        return new DocumentLine(job.id(), List.copyOf(job.keep()), job.column(), job.tokens());
    }

    /// The lines that are not blank, with what was read of each.
    private Dataset<Row> parsedLines() {
        Column line = functions.make_valid_utf8(functions.col(LINE));
        return session.read().text(job.input()).filter(line.rlike("\\S")).withColumn(PARSED, line().read(line));
    }

    /// A line with bytes that are not UTF-8 comes as it is, in the place of its text, and is refused there with their
    /// place.
    private Dataset<Row> lines() {
        Column document = line().document(PARSED);
        if (!job.tokens()) {
            Column line = functions.col(LINE);
            document = functions.when(functions.is_valid_utf8(line), document)
                    .otherwise(line.cast(DataTypes.BinaryType));
        }
        var columns = new ArrayList<Column>(List.of(line().name(PARSED)));
        columns.addAll(line().kept(PARSED));
        columns.add(document.as(job.column()));
        return parsedLines().select(columns.toArray(Column[]::new));
    }

    /// The documents without a name, each with an answer that says where it stands and what is wrong there.
    ///
    /// @param output columns of results
    Dataset<Row> nameless(StructType output) {
        boolean json = format.equals(JSON);
        Dataset<Row> all = json ? parsedLines() : session.read().parquet(job.input());
        var columns = new ArrayList<>(json ? line().kept(PARSED)
                : job.keep().stream().map(name -> functions.col(Names.quoted(name))).toList());
        columns.add(functions.col("_metadata.file_path"));
        columns.add(functions.col(json ? "_metadata.file_block_start" : "_metadata.row_index"));
        columns.add(json ? functions.col(LINE).cast(DataTypes.BinaryType) : functions.lit(null).cast("binary"));
        Column name = json ? line().name(PARSED) : functions.col(Names.quoted(job.id()));
        var answers = new Nameless(job.id(), job.keep().size(),
                new SerializableConfiguration(session.sparkContext().hadoopConfiguration()));
        return all.filter(name.isNull()).select(columns.toArray(Column[]::new))
                .mapPartitions((MapPartitionsFunction<Row, Row>) answers::answered, Encoders.row(output));
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
