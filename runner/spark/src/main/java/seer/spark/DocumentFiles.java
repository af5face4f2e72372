package seer.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
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

    /// Spark's reader of JSON replaces bytes that are not UTF-8 in silence, so lines are looked at first. One with such
    /// bytes comes as it is, in the place of its text, and is refused there with their place.
    private Dataset<Row> lines() {
        StructType type = new StructType().add(job.id(), DataTypes.StringType);
        for (String name : job.keep()) {
            type = type.add(name, DataTypes.StringType);
        }
        type = type.add(job.column(), job.tokens() ? DataTypes.createArrayType(DataTypes.LongType)
                : DataTypes.StringType);
        Dataset<Row> lines = session.read().text(job.input()).withColumn(PARSED, functions.from_json(
                functions.make_valid_utf8(functions.col(LINE)), type));
        Column document = parsed(job.column());
        if (!job.tokens()) {
            document = functions.when(functions.is_valid_utf8(functions.col(LINE)), document
                    .cast(DataTypes.BinaryType)).otherwise(functions.col(LINE).cast(DataTypes.BinaryType));
        }
        var columns = new ArrayList<Column>();
        columns.add(parsed(job.id()));
        job.keep().forEach(name -> columns.add(parsed(name)));
        columns.add(document.as(job.column()));
        return lines.select(columns.toArray(Column[]::new));
    }

    private static Column parsed(String name) {
        return functions.col(PARSED + "." + Names.quoted(name)).as(name);
    }

    /// @throws IllegalArgumentException if no document has a name or something to read, as where a column is misspelt,
    ///                                  or if two have one name
    void requireNames(Dataset<Row> documents) {
        for (String column : List.of(job.id(), job.column())) {
            if (documents.filter(documents.col(Names.quoted(column)).isNotNull()).isEmpty()) {
                throw new IllegalArgumentException("input " + job.input() + " has no document with a column " + column
                        + ", wanted one of text or tokens and one of names");
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
